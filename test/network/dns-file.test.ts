import { lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { ResolvFile } from "../../src/network/dns/file.js";
import type { DnsBackend } from "../../src/network/dns/types.js";
import type { DnsPlan } from "../../src/network/plan/types.js";
import { settle } from "../fakes/clock.js";
import { opened } from "./dns-rig.js";

const byLte: DnsPlan = {
  links: [{ uplink: "lte", interfaceName: "wwan0", ifindex: 7, servers: ["198.51.100.53", "2001:db8::53"] }],
  idle: [],
};
const foreign: DnsPlan = { links: [], idle: [7] };
const dhcp = "search example.org\nnameserver 192.0.2.53\noptions rotate\n";
const never = new AbortController().signal;

const paths = (folder: string) => ({ file: join(folder, "resolv.conf"), stateDir: folder });
const open = async (folder: string): Promise<DnsBackend> => (await opened(paths(folder))).backend;
const text = (folder: string): string => readFileSync(paths(folder).file, "utf8");

const ours = `# written by wwand for the uplink lte: changes are lost, the file before it comes back
nameserver 198.51.100.53
nameserver 2001:db8::53
search example.org
options rotate
`;

t.test("to the modem and back: its servers, the machine's search list, then the file as it was", async (t) => {
  const folder = t.testdir({ "resolv.conf": dhcp });
  const dns = await open(folder);
  await dns.apply(foreign, never);
  t.equal(text(folder), dhcp, "nothing to say, nothing touched");
  await dns.apply(byLte, never);
  t.equal(text(folder), ours);
  await dns.apply(foreign, never);
  t.equal(text(folder), dhcp);
  t.strictSame(readdirSync(folder), ["resolv.conf"], "and nothing lies around");
});

t.test("killed while the modem carried: the next run knows its own leftover and gives the original back", async (t) => {
  const folder = t.testdir({ "resolv.conf": dhcp });
  await (await open(folder)).apply(byLte, never);
  const { backend, choice } = await opened(paths(folder));
  t.equal(choice.because, "dns=file resolv.conf=ours (left by an earlier run)");
  await backend.apply(foreign, never);
  t.equal(text(folder), dhcp);
});

t.test("killed, and the modem still carries: the leftover never becomes the original", async (t) => {
  const folder = t.testdir({ "resolv.conf": dhcp });
  await (await open(folder)).apply(byLte, never);
  const next = await open(folder);
  const moved: DnsPlan = { ...byLte, links: byLte.links.map((link) => ({ ...link, servers: ["198.51.100.54"] })) };
  await next.apply(moved, never);
  t.match(text(folder), "nameserver 198.51.100.54\nsearch example.org");
  await next.restore(never);
  t.equal(text(folder), dhcp);
});

t.test("a client truncates the file and then writes it: its words are the original, not the empty file", async (t) => {
  const folder = t.testdir({ "resolv.conf": "" });
  const [file, original] = [paths(folder).file, join(folder, "original")];
  const dns = new ResolvFile({ file, original, pause: async () => writeFileSync(file, dhcp) });
  await dns.apply(byLte, never);
  t.equal(text(folder), ours);
  await dns.restore(never);
  t.equal(text(folder), dhcp);
});

t.test("a file that is empty and stays so is given back empty", async (t) => {
  const folder = t.testdir({ "resolv.conf": "" });
  const dns = await open(folder);
  await dns.apply(byLte, never);
  t.match(text(folder), /^# written by wwand/);
  await dns.apply(foreign, never);
  t.equal(text(folder), "");
});

t.test("a DHCP client writes its file meanwhile: that is the new original", async (t) => {
  const folder = t.testdir({ "resolv.conf": dhcp });
  const dns = await open(folder);
  await dns.apply(byLte, never);
  writeFileSync(paths(folder).file, "nameserver 192.0.2.99\n");
  await dns.apply(byLte, never);
  t.match(text(folder), "nameserver 198.51.100.53");
  await dns.restore(never);
  t.equal(text(folder), "nameserver 192.0.2.99\n");
});

t.test("a DHCP client renews while wwand writes, at every moment of that: its servers are not lost", async (t) => {
  const folder = t.testdir({ "resolv.conf": dhcp });
  const { file } = paths(folder);
  const dns = new ResolvFile({ file, original: join(folder, "original"), pause: async () => undefined });
  const renew = async (lease: string, turns: number) => {
    await writeFile(join(folder, "new"), lease);
    for (let turn = 0; turn < turns; turn++) await settle();
    await rename(join(folder, "new"), file);
  };
  for (const write of ["apply", "restore"] as const)
    for (let turns = 0; turns < 60; turns++) {
      const lease = `nameserver 192.0.2.${turns + 1}\noptions attempts:${turns + 1}\n`;
      if (write === "restore") await dns.apply(byLte, never);
      await Promise.all([write === "apply" ? dns.apply(byLte, never) : dns.restore(never), renew(lease, turns)]);
      await dns.apply(byLte, never);
      await dns.restore(never);
      t.equal(text(folder), lease, `${write}, and ${turns} turns later the renewal`);
    }
  t.strictSame(readdirSync(folder), ["resolv.conf"], "and nothing lies around");
});

t.test("a DHCP client writes its file and wwand ends: the client's file stays", async (t) => {
  const folder = t.testdir({ "resolv.conf": dhcp });
  const dns = await open(folder);
  await dns.apply(byLte, never);
  writeFileSync(paths(folder).file, "nameserver 192.0.2.99\n");
  await dns.restore(never);
  t.equal(text(folder), "nameserver 192.0.2.99\n");
});

t.test("there was no file: afterwards there is none again", async (t) => {
  const folder = t.testdir({});
  const dns = await open(folder);
  await dns.apply(byLte, never);
  t.match(text(folder), "nameserver 198.51.100.53");
  await dns.restore(never);
  await dns.restore(never);
  t.strictSame(readdirSync(folder), []);
});

t.test("somebody else's symlink is left alone", async (t) => {
  const folder = t.testdir({ target: dhcp });
  symlinkSync("target", paths(folder).file);
  const { backend, choice } = await opened(paths(folder));
  t.equal(choice.backend, "none");
  await backend.apply(byLte, never);
  await backend.restore(never);
  t.ok(lstatSync(paths(folder).file).isSymbolicLink());
  t.equal(readFileSync(join(folder, "target"), "utf8"), dhcp);
});

t.test("the file became a symlink after the start: refused with a reason, not followed", async (t) => {
  const folder = t.testdir({ target: dhcp });
  const dns = await open(folder);
  symlinkSync("target", paths(folder).file);
  await t.rejects(dns.apply(byLte, never), { message: /has become a symlink: left alone/ });
  await dns.restore(never);
  t.equal(readFileSync(join(folder, "target"), "utf8"), dhcp);
});

t.test("resolv.conf takes three servers, each once", async (t) => {
  const folder = t.testdir({ "resolv.conf": dhcp });
  const servers = ["192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"];
  const dns = await open(folder);
  await dns.apply({ links: byLte.links.map((link) => ({ ...link, servers })), idle: [] }, never);
  t.strictSame(text(folder).match(/^nameserver .*/gm), [
    "nameserver 192.0.2.1",
    "nameserver 192.0.2.2",
    "nameserver 192.0.2.3",
  ]);
});
