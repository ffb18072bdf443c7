/** Cells over AT: where the vendor tells of them, and what is known of the serving one anyway. */
import t from "tap";
import { openAtDriver } from "../../src/drivers/at.js";
import { silentLog } from "../../src/runtime/log.js";
import { atGeneric } from "../../src/virtual/profiles/at-generic.js";
import { mbimGeneric } from "../../src/virtual/profiles/mbim-generic.js";
import { simcomA7670e } from "../../src/virtual/profiles/simcom-a7670e.js";
import { AtCable } from "../at/cable.js";
import { FaceCable } from "./face-cable.js";
import { kinds, never, Rig } from "./rig.js";

const lacking = () => Promise.reject(new Error("the driver has no such port"));
const place = { mcc: "001", mnc: "01", areaCode: 0x0102, cellId: 0x1a2b3c };

t.test("what serves: the cell, with what is measured of it; vendors' own view of it has more", async (t) => {
  for (const kind of kinds.filter(({ face }) => face === "at")) {
    const rig = new Rig(kind, mbimGeneric);
    t.teardown(() => rig.cable.unplug());
    const { cells } = await rig.open();
    await rig.pass(500);
    const [found] = await rig.soon(cells?.read(never) ?? lacking());
    const own =
      kind.at?.dialect === undefined || kind.at.dialect === "generic" ? {} : { physicalCellId: 101, channel: 1300 };
    t.match(found, { generation: "lte", serving: true, ...place, rsrpDbm: -99, ...own }, kind.name);
    rig.machine.send({ type: "networkDeregister" });
    await rig.pass(50);
    t.strictSame(await rig.soon(cells?.read(never) ?? lacking()), [], "none without service");
  }
});

t.test("below LTE each vendor has other columns", async (t) => {
  const operators = mbimGeneric.operators.map((one) => ({ ...one, technology: "umts" as const }));
  for (const name of ["at huawei", "at quectel"] as const) {
    const kind = kinds.find((one) => one.name === name);
    if (kind === undefined) throw new Error(`no kind ${name}`);
    const rig = new Rig(kind, { ...mbimGeneric, operators });
    t.teardown(() => rig.cable.unplug());
    const { cells } = await rig.open();
    await rig.pass(500);
    const [serving, ...others] = await rig.soon(cells?.read(never) ?? lacking());
    const cell = {
      areaCode: 0x0102,
      cellId: 0x00a12b3c,
      physicalCellId: 51,
      channel: 10_700,
      rscpDbm: -77,
      ecioDb: -6,
    };
    t.match(serving, { generation: "umts", serving: true, mcc: "001", mnc: "01", ...cell }, name);
    const around = [
      { generation: "umts", serving: false, physicalCellId: 60, channel: 3_000, rscpDbm: -83, ecioDb: -6 },
    ];
    t.strictSame(others, name === "at huawei" ? around : [], "Quectel's of UMTS are left out");
  }
});

t.test("SIMCom's ASR modules tell cells around without their levels", async (t) => {
  const [kind] = kinds.filter(({ face }) => face === "at");
  if (kind === undefined) throw new Error("there is no kind for AT");
  const rig = new Rig(kind, atGeneric);
  const { clock } = rig;
  const cable = new FaceCable("at", simcomA7670e, clock, { kind: "bytes" });
  t.teardown(() => cable.unplug());
  const { cells } = await rig.soon(openAtDriver(cable.link, { log: silentLog, clock, signal: never }));
  await rig.pass(500);
  const [serving, ...others] = await rig.soon(cells?.read(never) ?? lacking());
  t.match(serving, { ...place, serving: true, rsrpDbm: -99, physicalCellId: 101 });
  t.strictSame(others, [
    { generation: "lte", serving: false, physicalCellId: 102, channel: 1300 },
    { generation: "lte", serving: false, physicalCellId: 201, channel: 6300 },
  ]);
});

t.test(
  "firmware that refuses the question now is asked again, and what it tells of registration stands in",
  async (t) => {
    const [kind] = kinds.filter(({ name }) => name === "at huawei");
    if (kind === undefined) throw new Error("there is no kind for Huawei");
    const rig = new Rig(kind, atGeneric);
    const cable = new AtCable();
    t.teardown(() => cable.unplug());
    let told = "\r\nERROR\r\n";
    const answers: Readonly<Record<string, () => string>> = {
      ATI: () => "\r\nManufacturer: huawei\r\nModel: E3372\r\nRevision: 21\r\nIMEI: 004999010646007\r\n\r\nOK\r\n",
      "AT^MONSC": () => told,
      "AT^MONNC": () => "\r\nERROR\r\n",
      "AT+CEREG?": () => '\r\n+CEREG: 2,1,"0102","1A2B3C",7\r\n\r\nOK\r\n',
      "AT+COPS=3,2": () => '\r\n+COPS: 0,2,"00101",7\r\n\r\nOK\r\n',
      "AT+COPS=3,0": () => '\r\n+COPS: 0,0,"Wwand Mobile",7\r\n\r\nOK\r\n',
      "AT^HCSQ?": () => '\r\n^HCSQ:"LTE",46,55,146,26\r\n\r\nOK\r\n',
    };
    cable.modem = (text) =>
      Object.entries(answers).find(([command]) => text.startsWith(command))?.[1]() ?? "\r\nOK\r\n";
    const driver = await rig.soon(openAtDriver(cable.link, { log: silentLog, clock: rig.clock, signal: never }));
    t.match(await rig.soon(driver.registration?.state(never) ?? lacking()), { status: "registered" });
    const cells = () => rig.soon(driver.cells?.read(never) ?? lacking());
    t.match(await cells(), [{ serving: true, ...place, rsrpDbm: -86 }]);
    told = "\r\n^MONSC: LTE,001,01,1300,1A2B3C,65,102,-93,-11,-61\r\n\r\nOK\r\n";
    t.match(await cells(), [{ serving: true, ...place, physicalCellId: 0x65, rsrpDbm: -93 }]);
  },
);
