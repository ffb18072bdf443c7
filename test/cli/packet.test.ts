/** `wwanctl why` and `policy simulate` about one packet. */
import t from "tap";
import { main } from "../../src/cli/main.js";
import { packetWords } from "../../src/cli/packet.js";
import type { Call } from "../../src/cli/snapshot.js";
import { whyPacketAnswer } from "../../src/cli/why.js";
import { Variant } from "../../src/dbus/types.js";
import { ethernetFirst } from "../config/policies.js";

async function wwanctl(...argv: readonly string[]) {
  const lines: string[] = [];
  const tell = (text: string) => void lines.push(text);
  const code = await main(["--bus", "unix:path=/nonexistent/bus", ...argv], { out: tell, err: tell });
  return { said: lines.join("\n"), code };
}

t.test("users are known by number and by name; no option at all is no packet", async (t) => {
  t.equal(await packetWords({ json: true }), undefined);
  t.strictSame(await packetWords({ to: "192.0.2.1", localPort: "22", uid: "1000" }), {
    ...{ to: "192.0.2.1", "local-port": "22", uid: "1000" },
  });
  t.strictSame(await packetWords({ uid: "root" }), { uid: "0" });
  await t.rejects(packetWords({ uid: "nobody-of-that-name" }), /there is no user "nobody-of-that-name"/);
  await t.rejects(packetWords({ uid: "--version" }), /is no name of a user/);
});

t.test("the daemon's words, its properties, and an exit code", async (t) => {
  const asked: unknown[] = [];
  const answering =
    (Bad: boolean): Call =>
    async (...args) => {
      asked.push(args.slice(3, 6));
      return [
        { Uplink: new Variant("s", "eth"), Bad: new Variant("b", Bad), Because: new Variant("as", ["one", "two"]) },
      ];
    };
  const answer = await whyPacketAnswer(answering(false), { to: "192.0.2.1" });
  t.strictSame(asked, [["WhyPacket", "a{ss}", [{ to: "192.0.2.1" }]]]);
  t.strictSame(answer, {
    text: "one\ntwo",
    json: { Packet: { to: "192.0.2.1" }, Uplink: "eth", Bad: false, Because: ["one", "two"] },
    bad: false,
  });
  t.ok((await whyPacketAnswer(answering(true), { to: "192.0.2.1" })).bad);
});

const site = `
[group.control]
tiers = [["lte"], ["eth"]]
[class.management]
order = 1
group = "control"
any = [{ local-port = 22 }]
`;
const timeline = `
version = 1
until = "5m"
[[event]]
at = "0s"
uplink = "eth"
link = "up"
[[event]]
at = "1s"
uplink = "lte"
link = "up"
`;

t.test("simulate: which way a packet would go at the end", async (t) => {
  const folder = t.testdir({ "10-base.toml": ethernetFirst, "20-site.toml": site, "events.txt": timeline });
  const at = (text: string) =>
    wwanctl("policy", "simulate", "--policy", folder, `${folder}/events.txt`, ...text.split(" "));
  const ssh = await at("--to 203.0.113.9 --local-port 22");
  t.equal(ssh.code, 0);
  t.match(
    ssh.said.split("\n\n")[1],
    /^IPv4 tcp from port 22 to 203\.0\.113\.9 leaves by lte \(wwan0\)\nclass management by local-port 22, protocol tcp \(\S+20-site\.toml:7\) takes it/,
  );
  t.match(ssh.said, /^were lte lost, then: by eth \(eth0\)$/m);
  t.match((await at("--to 203.0.113.9")).said, /leaves by eth \(eth0\)\nno class fits/);
  t.match((await at("--to 10.0.2.77")).said, /\nip rule 32700: .* decides \(wwand's\)\nroute 10\.0\.2\.0\/24 dev eth0/);
  t.match((await at("--to 127.0.0.1")).said, /stays on this machine/);
  t.match(await at("--to example.com"), { code: 2, said: /"example\.com" is not an IP address/ });
  t.match(await at("--recorded --to 203.0.113.9"), { code: 2, said: /a record has no addresses/ });
  const json = await wwanctl(
    "--json",
    "policy",
    "simulate",
    "--policy",
    folder,
    `${folder}/events.txt`,
    "--to",
    "203.0.113.9",
    "--local-port",
    "22",
  );
  t.match(JSON.parse(json.said).packet, { uplink: "lte", next: "eth", class: "management", group: "control" });
});
