/** AT ports on the kernel's own serial drivers: taken back by DTR; ModemManager as a judge. */
import { openTty } from "../../../src/transport/device.js";
import { eventually } from "../../lab/eventually.js";
import { startModemManager, startUdev } from "../guest/daemons.js";
import type { Guest } from "../guest/guest.js";
import { namesOf } from "../guest/modems.js";
import { scenario } from "../guest/scenario.js";

const speed = 115_200;

const ports = (g: Guest, ids: string, count: number): Promise<readonly string[]> =>
  g.uevents.until(
    `serial ports of ${ids}`,
    () => namesOf(ids).ttys,
    ({ length }) => length === count,
  );

scenario("DTR, which a serial port of USB has, ends what was half said", async (t, g) => {
  await g.plug("huawei-ms2372h");
  const [, second = ""] = await ports(g, "12d1:1596", 3);
  const link = await openTty(`/dev/${second}`, speed);
  let heard = "";
  link.listen({
    data: (bytes) => {
      heard += bytes.toString("latin1");
    },
    closed: () => undefined,
  });
  const hears = (end: string) =>
    eventually(
      JSON.stringify(end),
      () => heard,
      (text) => text.includes(end),
      30_000,
    );
  await link.write(Buffer.from("ATE1\rAT+NONSENSE"));
  await hears("AT+NONSENSE");
  await link.dropDtr?.();
  heard = "";
  await link.write(Buffer.from("AT\r"));
  t.equal(await hears("\r\nOK\r\n"), "AT\r\r\nOK\r\n");
  link.close();
});

scenario(
  "ModemManager finds, enables and registers a modem by its AT ports",
  async (t, g) => {
    await startUdev(g);
    const world = await g.world();
    await startModemManager(g, world.bus);
    const mmcli = (...args: readonly string[]) => g.must("mmcli", args, { DBUS_SYSTEM_BUS_ADDRESS: world.bus.address });
    await g.plug("simcom-sim7600-rndis");
    await eventually(
      "listed",
      () => mmcli("-L"),
      (text) => /\/Modem\/\d+ .*SIMCOM/.test(text),
      200_000,
    );
    await mmcli("-m", "any", "-e");
    const told = await eventually(
      "registered",
      () => mmcli("-m", "any"),
      (text) => /state: .*registered/.test(text),
      60_000,
    );
    t.match(told, /model: SIMCOM_SIM7600G-H/);
    t.match(told, /equipment id: 004999010643004/);
    t.match(told, /operator id: 00101/);
    t.match(told, /operator name: Wwand Mobile/);
    t.match(await mmcli("-i", "0"), /iccid: 89882280666014579837/);
  },
  { limitMs: 300_000 },
);
