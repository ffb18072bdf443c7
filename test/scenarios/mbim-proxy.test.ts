/** One modem, two programs: wwand through mbim-proxy, and mbimcli beside it. */
import t from "tap";
import { standing, startWwand, writeFiles } from "../lab/daemon.js";
import { eventually } from "../lab/eventually.js";
import { endAll } from "../lab/netns.js";
import { startModem } from "../lab/virtual-modem.js";
import { internetHost, World } from "../lab/world.js";

t.setTimeout(110_000);

/** What anybody may ask without changing anything, and what the answer says. */
const questions: Readonly<Record<string, RegExp>> = {
  "--query-device-caps": /Device ID: '004999010640000'/,
  "--query-subscriber-ready-status": /Ready state: 'initialized'/,
  "--query-pin-list": /PIN1:/,
  "--query-home-provider": /Provider ID: '00101'/,
  "--query-visible-providers": /Far Away Cellular/,
  "--query-registration-state": /Register state: 'home'/,
  "--query-packet-service-state": /attached/,
  "--query-signal-state": /RSSI/,
  "--query-connection-state=0": /Activation state: 'activated'/,
  "--query-ip-configuration=0": /IP \[0\]: '10\.64\.0\./,
  "--query-packet-statistics": /Octets/,
  "--ms-query-sys-caps": /Number of slots/,
  "--ms-query-slot-info-status=0": /state-active/,
  "--ms-query-location-info-status": /Cell ID: +001A2B3C/,
  "--ms-query-base-stations-info": /LTE Serving cell/,
  "--ms-query-lte-attach-info": /Access string: internet/,
  "--ms-query-lte-attach-configuration": /Access string: internet/,
  "--ms-query-uicc-atr": /3B/i,
};

t.test("mbimcli asks everything through mbim-proxy while wwand keeps the connection there", async (t) => {
  const world = await World.build(t);
  const modem = await startModem(world, {}, { port: "modem", net: "wwan0" }, "mbim", "pty");
  t.teardown(() => endAll(world.host));
  const mbimcli = (...args: readonly string[]) =>
    world.host.run("timeout", "30", "mbimcli", "-d", modem.socket, "-p", ...args);
  await writeFiles(world, { config: standing(modem.url) });
  // It brings the proxy up, which stays.
  t.match(await mbimcli("--query-device-caps"), questions["--query-device-caps"]);
  const daemon = await startWwand(world);
  await daemon.line(/mbim_0: connected /);
  for (const [question, answer] of Object.entries(questions)) t.match(await mbimcli(question), answer, question);
  const opened = await mbimcli(
    "--ms-set-uicc-open-channel=application-id=a0000000871002,selectp2arg=0,channel-group=1",
  );
  t.match(opened, /channel: 1/, "and an eSIM tool gets a channel to the card");
  await mbimcli("--ms-set-uicc-close-channel=channel=1,channel-group=1");
  await eventually("packets", () => world.reaches(internetHost.ipv4, "wwan0"), Boolean);
  t.strictSame(
    daemon.lines.filter((line) => /lost|disconnected|opening the function again/.test(line)),
    [],
  );
  t.equal((await daemon.end()).code, 0);
});
