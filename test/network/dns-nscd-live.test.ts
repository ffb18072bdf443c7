/** glibc's name service cache keeps answers of the old uplink, unless it is told. A real nscd in a laboratory of its own. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { eventually } from "../lab/eventually.js";
import { NameServer } from "../lab/name-server.js";
import { Lab } from "../lab/netns.js";
import { inOwnLab } from "../lab/own-lab.js";
import { Program } from "../lab/program.js";
import { root } from "../lab/world.js";
import { askGlibc, by, byForeign, network, opened } from "./dns-rig.js";

const soon = () => AbortSignal.timeout(10_000);
const name = "www.example.net";
const folder = join(root, ".cache/debs/root/usr/sbin");

/** It looks at no file by itself, so that only being told empties it. */
const config = `
enable-cache hosts yes
positive-time-to-live hosts 3600
check-files hosts no
persistent hosts no
shared hosts no
`;

async function story(t: Test): Promise<void> {
  const lab = new Lab();
  t.teardown(() => lab.close());
  const [ethernet, modem] = [await network(lab, "eth0", "192.0.2"), await network(lab, "wwan0", "198.51.100")];
  const isp = new NameServer(ethernet.far, name);
  await isp.answer("203.0.113.1");
  await new NameServer(modem.far, name).answer("203.0.113.2");
  writeFileSync("/etc/resolv.conf", "nameserver 192.0.2.1\n");
  writeFileSync("/etc/nscd.conf", config);
  mkdirSync("/run/nscd");
  process.env.PATH = `${folder}:${process.env.PATH}`;
  const nscd = new Program("nscd", spawn("nscd", ["--foreground"], { stdio: ["ignore", "pipe", "pipe"] }));
  t.teardown(() => nscd.end("SIGKILL"));
  await eventually("nscd listens", () => existsSync("/run/nscd/socket"), Boolean);

  const { backend } = await opened({ file: "/etc/resolv.conf", stateDir: "/run" });
  await backend.apply(byForeign(ethernet, modem), soon());
  t.equal(await askGlibc(name), "203.0.113.1");
  await isp.answer("203.0.113.3");
  t.equal(await askGlibc(name), "203.0.113.1", "kept for its hour");
  await backend.apply(by(modem), soon());
  t.equal(await askGlibc(name), "203.0.113.2");
  await backend.restore(soon());
  t.equal(await askGlibc(name), "203.0.113.3");

  await nscd.end("SIGKILL");
  await backend.apply(by(modem), soon());
  t.equal(await askGlibc(name), "203.0.113.2", "it has died and left its socket: nobody minds");
  await backend.restore(soon());
}

const missing = !existsSync(join(folder, "nscd")) && "nscd is not unpacked in .cache/debs: run packaging/setup";
t.test("beside a real nscd", { skip: missing }, async (t) => {
  if (await inOwnLab(t, import.meta.url)) await story(t);
});
