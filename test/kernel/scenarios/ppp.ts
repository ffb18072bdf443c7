/** pppd over a stick's serial port, on the kernel's own PPP: up, wrong credentials, ended by each side, pulled. */
import { readFileSync } from "node:fs";
import { Rtnetlink } from "../../../src/netlink/rtnetlink.js";
import { LinkConfigurator } from "../../../src/network/link/link-configurator.js";
import { procSysctl } from "../../../src/network/link/sysctl.js";
import { PppConnection } from "../../../src/ppp/connection.js";
import type { PppRequest } from "../../../src/ppp/request.js";
import { systemClock } from "../../../src/runtime/clock.js";
import { ModemError } from "../../../src/runtime/error.js";
import { createLog } from "../../../src/runtime/log.js";
import { openTty } from "../../../src/transport/device.js";
import { eventually } from "../../lab/eventually.js";
import type { Guest } from "../guest/guest.js";
import { namesOf } from "../guest/modems.js";
import { scenario } from "../guest/scenario.js";

const never = new AbortController().signal;
const carrierRouter = "10.64.0.1";

/** From a port in command mode to one in data mode. */
async function dial(g: Guest, path: string, context: string): Promise<void> {
  const link = await openTty(path, 115_200);
  let heard = "";
  link.listen({
    data: (bytes) => {
      heard += bytes.toString("latin1");
    },
    closed: () => undefined,
  });
  for (const [command, answer] of [
    ["ATE0", "OK"],
    ["AT+CGATT=1", "OK"],
    [`AT+CGDCONT=1,${context}`, "OK"],
    ["ATD*99***1#", "CONNECT"],
  ] as const) {
    heard = "";
    await link.write(Buffer.from(`${command}\r`));
    await eventually(
      `${command}: ${answer}`,
      () => heard,
      (text) => text.includes(answer),
      30_000,
    );
  }
  // Otherwise the port's end hangs up, before pppd has opened it.
  await g.must("stty", ["-F", path, "-hupcl"]);
  link.close();
}

const told = (start: Promise<unknown>): Promise<string> =>
  start.then(
    () => "up",
    (error: unknown) => (error instanceof ModemError ? `${error.failure?.name}: ${error.message}` : String(error)),
  );

scenario(
  "a stick connects by PPP: both families, packets, and each way to end",
  async (t, g) => {
    await g.modprobe("ppp_async");
    const world = await g.world();
    const modem = await g.plug("huawei-ms2372h", { carrier: world.carrier });
    const [port = ""] = await g.uevents.until(
      "ports",
      () => namesOf("12d1:1596").ttys,
      ({ length }) => length === 3,
    );
    const path = `/dev/${port}`;
    const lines: string[] = [];
    const context = { clock: systemClock, log: createLog("debug", (line) => lines.push(line)) };
    const request: PppRequest = {
      ttyPath: path,
      families: "dual",
      username: "wwand",
      password: "carrier",
      auth: "chap",
    };
    const start = (more: Partial<PppRequest> = {}) => PppConnection.start({ ...request, ...more }, context, never);

    await dial(g, path, '"IPV4V6","secure"');
    const connection = await start({ interfaceName: "wwan-ppp" });
    t.equal(connection.interfaceName, "wwan-ppp");
    t.match(connection.settings, {
      ipv4: { method: "static", obtained: "ppp", address: /^10\.64\.0\./, prefixLength: 32, dns: [carrierRouter] },
      ipv6: { address: /^fe80::/, prefixLength: 64 },
    });
    await world.host.run("ping", "-c1", "-W20", "-I", "wwan-ppp", carrierRouter);
    const kernel = Rtnetlink.open();
    const links = new LinkConfigurator(kernel, procSysctl());
    const { failures, addresses } = await links.apply("wwan-ppp", connection.settings, "self");
    t.strictSame(failures, [], "what pppd has set is what wwand would");
    const linkLocal = addresses.find(({ scope }) => scope === "link");
    t.match(linkLocal, { address: connection.settings.ipv6?.address, prefixLength: 64 });
    await eventually(
      "an address by router advertisement",
      () => world.host.ip("-6 -o address show dev wwan-ppp scope global"),
      (text) => text.includes("2001:db8:64:"),
      60_000,
    );
    t.equal(await world.host.ip("route show default dev wwan-ppp"), "", "no default route of pppd's");
    const shown = readFileSync("/proc/net/dev", "utf8");
    t.match(shown, /wwan-ppp/);
    t.notMatch(lines.join(""), /CHAP Response|"wwand"/, "nothing to guess a password from");
    await links.close();
    kernel.close();
    await connection.stop();
    t.notMatch(readFileSync("/proc/net/dev", "utf8"), /wwan-ppp/, "the interface is gone with it");

    await dial(g, path, '"IP","secure"');
    t.equal(
      await told(start({ families: "ip", password: "wrong" })),
      "PeerEndedDuringIpcp: the peer ended during IPCP: credentials or APN",
    );
    await dial(g, path, '"IP","secure"');
    t.equal(
      await told(start({ families: "ip", username: "", password: "", auth: "none" })),
      "CredentialsMissing: the network asks for CHAP and this context has no credentials",
    );

    for (const [end, name] of [
      [() => modem.step("drop-bearer"), "PeerEnded"],
      [() => modem.step("unplug"), "CarrierLost"],
    ] as const) {
      await dial(g, path, '"IP","internet"');
      const living = await start({ families: "ip", username: "", password: "", auth: "none" });
      const ended = new Promise<ModemError>((resolve) => living.events.once("ended", resolve));
      await end();
      t.equal((await ended).failure?.name, name);
    }
  },
  { limitMs: 300_000 },
);
