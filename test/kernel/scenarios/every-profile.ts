/** Each device that the virtual modem can be, all at once and in every composition: its drivers, its answers, what wwand says. */
import type { Test } from "tap";
import { openTty } from "../../../src/transport/device.js";
import { leftToClients, startWwand, writeFiles, wwanctl } from "../../lab/daemon.js";
import { eventually } from "../../lab/eventually.js";
import type { Guest } from "../guest/guest.js";
import { bound, namesOf, plugInAll } from "../guest/modems.js";
import { scenario } from "../guest/scenario.js";

interface Seen {
  readonly ids: string;
  /** Of its interfaces in order; `-`: the kernel has none for it. */
  readonly drivers: string;
  /** Who proves that it answers, before wwand comes. */
  readonly asked?: "mbimcli" | "qmicli" | "AT";
  /** The line of the log that it gets. */
  readonly told: RegExp;
}

const mbim = /MBIM modem on \/dev\/cdc-wdm\d with \w+/;
const qmi = /QMI modem on \/dev\/cdc-wdm\d with \w+/;
/** Linux 6.1 has no serial driver for these ids. */
const unknownPorts = /have no driver, and no module of kernel .* knows them/;
const at = /AT modem on \/dev\/tty\w+/;

/** As they are plugged in. @see drivers/usb/serial/option.c, drivers/net/usb/qmi_wwan.c of Linux 6.1: which ids they take */
const plugged: Readonly<Record<string, Seen>> = {
  "mbim-generic": { ids: "1209:0001", drivers: "cdc_mbim cdc_mbim", asked: "mbimcli", told: mbim },
  "qmi-generic": {
    ids: "05c6:9215",
    drivers: "qcserial qcserial qcserial qcserial qmi_wwan",
    asked: "qmicli",
    told: qmi,
  },
  "at-generic": { ids: "1209:0002", drivers: "cdc_acm cdc_acm", asked: "AT", told: at },
  "sierra-em7565": {
    ids: "1199:9091",
    drivers: "qcserial qcserial qcserial cdc_mbim cdc_mbim",
    asked: "mbimcli",
    told: mbim,
  },
  "quectel-ec25": { ids: "2c7c:0125", drivers: "option option option option qmi_wwan", asked: "qmicli", told: qmi },
  "huawei-ms2372h": { ids: "12d1:1596", drivers: "option option option -", asked: "AT", told: at },
  "huawei-ncm": { ids: "12d1:15c1", drivers: "option option option huawei_cdc_ncm", asked: "AT", told: at },
  "huawei-e3131": { ids: "12d1:1f01", drivers: "usb-storage", told: /it shows itself as a disc with drivers/ },
  "simcom-sim7600": {
    ids: "1e0e:9001",
    drivers: "option option option option option qmi_wwan",
    asked: "qmicli",
    told: qmi,
  },
  "simcom-a7670e": {
    ids: "1e0e:9011",
    drivers: "rndis_host rndis_host option option option option",
    asked: "AT",
    told: at,
  },
  "arduino-uno": {
    ids: "2341:0043",
    drivers: "cdc_acm cdc_acm",
    told: /nothing proves that its serial port is a modem's/,
  },
};
const names = Object.keys(plugged);

/** What they become, one after the other, while wwand looks on. */
const switched: readonly (readonly [name: string, composition: string, Seen])[] = [
  ["sierra-em7565", "050D", { ids: "1199:9091", drivers: "qcserial qcserial qcserial qmi_wwan", told: qmi }],
  [
    "quectel-ec25",
    "usbnet1",
    { ids: "2c7c:0125", drivers: "option option option option cdc_ether cdc_ether", told: at },
  ],
  [
    "quectel-ec25",
    "usbnet2",
    { ids: "2c7c:0125", drivers: "option option option option cdc_mbim cdc_mbim", told: mbim },
  ],
  [
    "simcom-sim7600",
    "9003",
    { ids: "1e0e:9003", drivers: "option option option option option cdc_mbim cdc_mbim", told: mbim },
  ],
  ["simcom-sim7600", "9018", { ids: "1e0e:9018", drivers: "cdc_ether cdc_ether - - - - -", told: unknownPorts }],
  ["simcom-a7670e", "9025", { ids: "1e0e:9025", drivers: "cdc_ether cdc_ether - - - -", told: unknownPorts }],
  [
    "simcom-sim7600",
    "9011",
    { ids: "1e0e:9011", drivers: "rndis_host rndis_host option option option option option", told: at },
  ],
  ["huawei-e3131", "1001", { ids: "12d1:1001", drivers: "option option option", told: at }],
  ["huawei-e3131", "14dc", { ids: "12d1:14dc", drivers: "cdc_ether cdc_ether", told: /it is a router by itself/ }],
];

/** Each in the composition that it has. Plain CDC ACM, by ids of nobody: only its owner knows that it is a modem. */
const allowed = `mode-switch = false
${leftToClients}
[[device]]
ids = "1209:0002"
modem = true
because = "it is a modem"
`;

/** `AT` on the first serial port that answers it; a stick's others are for other things. */
async function greets(t: Test, ids: string): Promise<void> {
  const { ttys } = namesOf(ids);
  let heard = "";
  const links = await Promise.all(ttys.map((name) => openTty(`/dev/${name}`, 115_200)));
  for (const link of links)
    link.listen({
      data: (bytes) => {
        heard += bytes.toString("latin1");
      },
      closed: () => undefined,
    });
  for (const link of links) await link.write(Buffer.from("AT\r"));
  const answer = await eventually(
    `${ids} answers AT`,
    () => heard,
    (text) => text.includes("\r\nOK\r\n"),
    30_000,
  );
  for (const link of links) link.close();
  t.match(answer, /\r\nOK\r\n/, `${ids} answers AT`);
}

async function answers(t: Test, g: Guest, { ids, asked }: Seen): Promise<void> {
  if (asked === undefined) return;
  if (asked === "AT") return greets(t, ids);
  const question = asked === "mbimcli" ? "--query-device-caps" : "--dms-get-ids";
  const { code, out } = await g.run(asked, ["-d", `/dev/${namesOf(ids).control}`, question]);
  t.match(out, /00499901064\d{4}/, `${ids}: ${asked} has its IMEI`);
  t.equal(code, 0);
}

const told = ({ ids, told }: Seen): RegExp => new RegExp(`device: .*\\(${ids}\\).*: .*${told.source}`);

scenario(
  "every profile in every composition: the kernel binds its drivers, it answers, wwand tells what it is",
  async (t, g) => {
    await g.modprobe("vhci-hcd", "cdc_mbim", "qmi_wwan", "option", "qcserial", "cdc_acm", "cdc_ether");
    await g.modprobe("rndis_host", "huawei_cdc_ncm", "usb-storage");
    // Before the modems: its interfaces have numbers that theirs would take.
    const world = await g.world();
    const modems = await plugInAll(g, names);
    for (const { ids, drivers } of Object.values(plugged)) await bound(t, g, ids, drivers);
    for (const seen of Object.values(plugged)) await answers(t, g, seen);

    await writeFiles(world, { config: allowed });
    const daemon = await startWwand(world);
    for (const [name, seen] of Object.entries(plugged)) t.ok(await daemon.line(told(seen)), name);
    const driven = Object.values(plugged).filter(({ asked }) => asked !== undefined);
    const list = async () => JSON.parse((await wwanctl(world, "--json", "modem")).out);
    for (const index of driven.keys())
      t.ok(await daemon.line(new RegExp(`modem found modem=/(mbim|qmi|at)_${index} `)), `modem ${index} is found`);
    t.equal((await list()).length, driven.length, "they are on the bus");

    for (const [name, composition, seen] of switched) {
      const said = daemon.lines.length;
      await modems.step(names.indexOf(name), "mode", composition);
      await bound(t, g, seen.ids, seen.drivers);
      t.match(await daemon.line(told(seen), said), told(seen), `${name} in ${composition}`);
    }

    t.equal(await modems.step(names.indexOf("arduino-uno"), "received"), "interface 0: nothing");
    t.notMatch(g.dmesg(), /\b(BUG|Oops|WARNING):|unable to|invalid maxpacket|descriptor read/);
    for (const name of names) await modems.step(names.indexOf(name), "unplug");
    for (const port of names.keys())
      t.ok(await daemon.line(new RegExp(`device: gone device=".* at usb 1-${port + 1}"`)), `port ${port + 1} is empty`);
    t.strictSame(await list(), [], "no modem on the bus");
    t.equal((await daemon.end()).code, 0);
  },
  { limitMs: 230_000 },
);
