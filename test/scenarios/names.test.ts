/** Programs that ask for names while the cable is pulled and wwand is killed: an old c-ares, and glibc anew each time. */
import t from "tap";
import { spawnWwand, standing, startWwand, writeFiles, wwanctl } from "../lab/daemon.js";
import { eventually } from "../lab/eventually.js";
import { NameServer } from "../lab/name-server.js";
import type { Program } from "../lab/program.js";
import { startModem } from "../lab/virtual-modem.js";
import { originalResolvConf, World } from "../lab/world.js";

t.setTimeout(110_000);

/** Of the virtual carrier's own; this ISP knows another address of it. */
const name = "v4.carrier.test";
const [byIsp, byCarrier] = ["203.0.113.81", "10.64.0.1"];
const stub = "nameserver 127.0.0.200";

/** Reads resolv.conf once, as c-ares does, and asks five times a second for ever. */
const longLived = `
const { Resolver } = require("node:dns/promises");
const resolver = new Resolver({ timeout: 1000, tries: 2 });
const ask = async () => {
  const startMs = performance.now();
  const answer = await resolver.resolve4("${name}").catch((error) => [error.code]);
  console.log(answer.join(), Math.round(performance.now() - startMs));
  setTimeout(ask, 200);
};
ask();
`;

const lastOf = (program: Program): string => program.lines.at(-1)?.split(" ")[0] ?? "";

async function askGlibc(world: World): Promise<string> {
  const program = world.start("getent", ["ahostsv4", name], { RES_OPTIONS: "timeout:1 attempts:1" });
  await program.ended();
  return program.lines[0]?.split(/\s/)[0] ?? "";
}

t.test("names go on: cable pulled, wwand killed and started, cable back, end", async (t) => {
  const world = await World.build(t);
  await world.isp.ip("address add 192.0.2.53/32 dev lo");
  await new NameServer(world.isp, name).answer(byIsp);
  const modem = await startModem(world);
  await writeFiles(world, {
    config: standing(modem.url),
    policy: { "60-failback.toml": 'failback = { mode = "steady", spanning = "1s" }\n' },
  });
  const resolvConf = (what: string, pattern: RegExp) =>
    eventually(
      what,
      () => world.resolvConf(),
      (text) => pattern.test(text),
    );
  const daemon = await startWwand(world);
  await resolvConf("the stub before the ISP's server", new RegExp(`^${stub}\nnameserver 192.0.2.53$`, "m"));
  const client = world.start(process.execPath, ["-e", longLived]);
  const answered = (what: string, address: string) =>
    eventually(
      what,
      () => lastOf(client),
      (last) => last === address,
    );
  await answered("by the ISP", byIsp);
  t.match((await wwanctl(world, "status")).out, /^name servers: by file, stub at 127\.0\.0\.200/m);

  const pulledMs = performance.now();
  await world.pullCable();
  await answered("by the carrier", byCarrier);
  t.comment(`an old c-ares: answered by the carrier ${(performance.now() - pulledMs).toFixed(0)} ms after the cable`);
  await resolvConf("the carrier's server behind the stub", new RegExp(`^${stub}\nnameserver 10\\.64\\.0\\.1$`, "m"));
  t.equal(await askGlibc(world), byCarrier);

  await daemon.end("SIGKILL");
  t.equal(await askGlibc(world), byCarrier, "nobody listens at the stub: the server behind it is asked");
  const next = spawnWwand(world);
  await next.line(/wwand is ready/);
  await eventually(
    "glibc, by the carrier again",
    () => askGlibc(world),
    (answer) => answer === byCarrier,
  );
  await client.line(new RegExp(`^${byCarrier}`), client.lines.length);

  await world.plugCable();
  await answered("by the ISP again", byIsp);
  t.equal(await askGlibc(world), byIsp);
  t.equal((await next.end()).code, 0);
  t.equal(await world.resolvConf(), originalResolvConf);
  const heard = client.lines.length;
  await client.line(new RegExp(byIsp), heard);
  t.equal(await askGlibc(world), byIsp, "and without wwand as before it came");
});
