/** A plain resolv.conf: who follows the switch of names, and who does not. In a laboratory whose /etc is the test's own. */
import { spawn } from "node:child_process";
import { Resolver } from "node:dns/promises";
import { readFileSync, writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { NameServer } from "../lab/name-server.js";
import { Lab } from "../lab/netns.js";
import { inOwnLab } from "../lab/own-lab.js";
import { Program } from "../lab/program.js";
import { askGlibc, by, network, opened } from "./dns-rig.js";

const never = new AbortController().signal;
const name = "www.example.net";
const resolvConf = "/etc/resolv.conf";
const dhcp = "nameserver 192.0.2.1\noptions timeout:1 attempts:1\n";

/** One line in, one name looked up by glibc, one address out; it lives as long as its standard input. */
const glibcClient = `
import socket, sys
for name in sys.stdin:
    print(socket.getaddrinfo(name.strip(), 80, socket.AF_INET, socket.SOCK_STREAM)[0][4][0], flush=True)
`;

/** A program that lives on and asks glibc now and then. */
function startGlibcClient(t: Test): () => Promise<string> {
  const child = spawn("python3", ["-u", "-c", glibcClient], { stdio: ["pipe", "pipe", "inherit"] });
  const client = new Program("python3", child);
  t.teardown(() => client.end("SIGKILL"));
  return () => {
    const from = client.lines.length;
    child.stdin?.write(`${name}\n`);
    return client.line(/./, from);
  };
}

async function story(t: Test): Promise<void> {
  const lab = new Lab();
  t.teardown(() => lab.close());
  const isp = new NameServer((await network(lab, "eth0", "192.0.2")).far, name);
  const modem = await network(lab, "wwan0", "198.51.100");
  const carrier = new NameServer(modem.far, name);
  await isp.answer("203.0.113.1");
  await carrier.answer("203.0.113.2");
  writeFileSync(resolvConf, dhcp);
  const oldGlibc = startGlibcClient(t);
  const oldCares = new Resolver();
  const everybody = async () => ({
    "old glibc": await oldGlibc(),
    "new glibc": await askGlibc(name),
    "old c-ares": (await oldCares.resolve4(name)).join(),
    "new c-ares": (await new Resolver().resolve4(name)).join(),
  });
  const all = (address: string) => ({
    "old glibc": address,
    "new glibc": address,
    "old c-ares": address,
    "new c-ares": address,
  });
  t.strictSame(await everybody(), all("203.0.113.1"));

  const { backend, choice } = await opened({ file: resolvConf, stateDir: "/run" });
  t.equal(choice.because, "dns=file resolv.conf=file");
  await backend.apply(by(modem), never);
  t.strictSame(await everybody(), { ...all("203.0.113.2"), "old c-ares": "203.0.113.1" });
  oldCares.setServers(new Resolver().getServers());
  t.strictSame(await everybody(), all("203.0.113.2"), "a program that reads the file again follows");

  await backend.restore(never);
  t.equal(readFileSync(resolvConf, "utf8"), dhcp);
  t.strictSame(await everybody(), { ...all("203.0.113.1"), "old c-ares": "203.0.113.2" });
}

t.test("glibc follows in programs old and new; c-ares only in those that start after the switch", async (t) => {
  if (await inOwnLab(t, import.meta.url)) await story(t);
});
