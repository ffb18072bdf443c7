/** The ISP's name server dies and nothing else: what is left to a policy, and what a program that asks for names gets. */
import { writeFile } from "node:fs/promises";
import t from "tap";
import { policyFile } from "../lab/daemon.js";
import { eventually } from "../lab/eventually.js";
import { NameServer } from "../lab/name-server.js";
import { bothUp } from "../lab/two-uplinks.js";
import { internetHost, type World } from "../lab/world.js";

t.setTimeout(110_000);

/** Of the virtual carrier's own; this ISP knows another address of it. */
const name = "v4.carrier.test";
const [byIsp, byCarrier] = ["203.0.113.81", "10.64.0.1"];

const policy = (pass: number): string => `failback = { mode = "steady", spanning = "1s" }
[uplink.ethernet]
dns = ["192.0.2.53"]
[check.internet]
targets = ["icmp://${internetHost.ipv4}", "icmp://[${internetHost.ipv6}]", "dns://link/${name}"]
pass = ${pass}
every = { down = "500ms" }
[check.frugal]
pass = 1
`;

async function answerOf(world: World): Promise<string> {
  const program = world.start("getent", ["ahostsv4", name], { RES_OPTIONS: "timeout:1 attempts:1" });
  await program.ended();
  return program.lines[0]?.split(/\s/)[0] ?? "";
}

t.test("one answer is enough: traffic stays; names are asked for too: they move with it, and return", async (t) => {
  const servers: NameServer[] = [];
  const { world, daemon, uplink, verdicts, because, ways, switches } = await bothUp(t, {
    policy: policy(1),
    before: async (world) => {
      await world.isp.ip("address add 192.0.2.53/32 dev lo");
      servers.push(new NameServer(world.isp, name));
      await servers[0]?.answer(byIsp);
    },
  });
  const answered = (address: string) =>
    eventually(
      `${name} is ${address}`,
      () => answerOf(world),
      (got) => got === address,
    );
  await answered(byIsp);
  await switches();

  await servers[0]?.end();
  await eventually(
    "no names by the cable",
    () => answerOf(world),
    (got) => got === "",
  );
  t.strictSame(await switches(), [], "with pass = 1 the ping speaks for the uplink");
  t.equal(await uplink("ethernet", "Verdict4"), "up");

  await writeFile(policyFile(world, "60-test.toml"), policy(2));
  daemon.signal("SIGHUP");
  await ways("wwan0", "eth0");
  await because("ethernet", new RegExp(`no answer from dns://link/${name} \\(.*1 of 2 needed answers`));
  await answered(byCarrier);
  t.ok(await world.reaches(internetHost.ipv4, "eth0"), "only the name server is dead");

  await servers[0]?.answer(byIsp);
  await verdicts("ethernet", "up", "up");
  await ways("eth0", "eth0");
  await answered(byIsp);
});
