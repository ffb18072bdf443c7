/** Modes and bands over AT: each family's own way, and firmware that does not tell what it has. */
import t, { type Test } from "tap";
import type { FactFiles } from "../../src/drivers/at/firmware-facts.js";
import { openAtDriver } from "../../src/drivers/at.js";
import type { RadioSelectionPort } from "../../src/modem/ports.js";
import { silentLog } from "../../src/runtime/log.js";
import type { VirtualProfile } from "../../src/virtual/model/profile.js";
import { atGeneric } from "../../src/virtual/profiles/at-generic.js";
import { huaweiE3131 } from "../../src/virtual/profiles/huawei-e3131.js";
import { simcomA7670e } from "../../src/virtual/profiles/simcom-a7670e.js";
import { AtCable } from "../at/cable.js";
import { FaceCable } from "./face-cable.js";
import { type Kind, kinds, never, Rig } from "./rig.js";

const kindOf = (name: Kind["name"]): Kind => {
  const kind = kinds.find((one) => one.name === name);
  if (kind === undefined) throw new Error(`no kind ${name}`);
  return kind;
};

const selectionOf = ({ radioSelection }: { radioSelection?: RadioSelectionPort }): RadioSelectionPort => {
  if (radioSelection === undefined) throw new Error("the driver chooses no modes");
  return radioSelection;
};

/** A driver at the modem of a profile as it is. */
async function profiled(t: Test, profile: VirtualProfile) {
  const rig = new Rig(kindOf("at"), atGeneric);
  const cable = new FaceCable("at", profile, rig.clock, { kind: "bytes" });
  t.teardown(() => cable.unplug());
  const opening = openAtDriver(cable.link, { log: silentLog, clock: rig.clock, signal: never });
  return { rig, cable, selection: selectionOf(await rig.soon(opening)) };
}

t.test("27.007 chooses generations and knows no bands", async (t) => {
  const rig = new Rig(kindOf("at"), atGeneric);
  t.teardown(() => rig.cable.unplug());
  const selection = selectionOf(await rig.open());
  const all = { modes: ["gsm", "umts", "lte"], bands: {} };
  t.strictSame(await rig.soon(selection.read(never)), { supported: all, preferred: all });
  await rig.soon(selection.prefer({ modes: ["lte", "umts"] }, never));
  t.strictSame(rig.machine.state.choice.modes, ["umts", "lte"]);
  t.match(await rig.soon(selection.read(never)), { preferred: { modes: ["umts", "lte"] } });
  await t.rejects(rig.soon(selection.prefer({ bands: { lte: [3] } }, never)), { code: "invalid" });
  await rig.soon(selection.prefer({ modes: ["gsm", "umts", "lte"] }, never));
  t.match(await rig.soon(selection.read(never)), { preferred: { modes: ["gsm", "umts", "lte"] } });
});

t.test("a Huawei stick without LTE has an older command, and says that it has no LTE", async (t) => {
  const { rig, cable, selection } = await profiled(t, huaweiE3131);
  const all = { modes: ["gsm", "umts"], bands: { gsm: [900, 1800], umts: [1, 8] } };
  t.strictSame(await rig.soon(selection.read(never)), { supported: all, preferred: all });
  await rig.soon(selection.prefer({ modes: ["umts"], bands: { umts: [8] } }, never));
  t.match(cable.machine.state.choice, { modes: ["umts"], bands: { gsm: [900, 1800], umts: [8] } });
  await t.rejects(rig.soon(selection.prefer({ bands: { gsm: [850] } }, never)), { code: "invalid" });
});

t.test("SIMCom's ASR modules choose by the same commands as Qualcomm's", async (t) => {
  const { rig, cable, selection } = await profiled(t, simcomA7670e);
  const all = { modes: ["gsm", "lte"], bands: { gsm: [900, 1800], lte: [3, 7, 20] } };
  t.strictSame(await rig.soon(selection.read(never)), { supported: all, preferred: all });
  await rig.soon(selection.prefer({ modes: ["lte"], bands: { lte: [20] } }, never));
  t.match(cable.machine.state.choice, { modes: ["lte"], bands: { gsm: [900, 1800], lte: [20] } });
});

t.test(
  "bands that firmware tells only by what it may use: those that were seen once are offered for ever",
  async (t) => {
    const kept = new Map<string, unknown>();
    const firmwares: FactFiles = {
      read: async (name) => kept.get(name),
      write: async (name, value) => void kept.set(name, value),
    };
    const kind: Kind = {
      ...kindOf("at quectel"),
      open: (link, clock) => openAtDriver(link, { log: silentLog, clock, signal: never, firmwares }),
    };
    const first = new Rig(kind, atGeneric);
    await first.soon(selectionOf(await first.open()).read(never));
    first.cable.unplug();
    const second = new Rig(kind, atGeneric);
    t.teardown(() => second.cable.unplug());
    second.machine.send({ type: "choose", choice: { bands: { gsm: [900], umts: [1], lte: [20] } } });
    const selection = selectionOf(await second.open());
    t.match(await second.soon(selection.read(never)), {
      supported: { bands: { gsm: [900, 1800], umts: [1, 8], lte: [3, 7, 20] } },
      preferred: { bands: { gsm: [900], umts: [1], lte: [20] } },
    });
    await t.rejects(second.soon(selection.prefer({ modes: ["gsm", "lte"] }, never)), {
      code: "invalid",
      message: /gsm and lte alone/,
    });
  },
);

t.test("a band that was never seen is the modem's to refuse: by a word, or by leaving it out", async (t) => {
  const rig = new Rig(kindOf("at sim7600"), atGeneric);
  t.teardown(() => rig.cable.unplug());
  rig.machine.send({ type: "choose", choice: { bands: { gsm: [900], umts: [1], lte: [20] } } });
  const selection = selectionOf(await rig.open());
  t.match(await rig.soon(selection.read(never)), { supported: { bands: { lte: [20] } } });
  await rig.soon(selection.prefer({ bands: { lte: [3, 20] } }, never));
  t.match(await rig.soon(selection.read(never)), { supported: { bands: { lte: [3, 20] } } }, "it has it");
  await t.rejects(rig.soon(selection.prefer({ bands: { lte: [28] } }, never)), { code: "invalid" }, "it has not");
  t.strictSame(rig.machine.state.choice.bands.lte, [3, 20]);

  const {
    cable,
    selection: silent,
    soon,
  } = await scripted(t, {
    "AT+CNMP=?": "\r\n+CNMP: (2,38)\r\n\r\nOK\r\n",
    "AT+CNMP?": "\r\n+CNMP: 2\r\n\r\nOK\r\n",
    "AT+CNBP?": "\r\n+CNBP: 0x0000000000000000,0x0000000000080000\r\n\r\nOK\r\n",
  });
  await t.rejects(soon(silent.prefer({ bands: { lte: [3] } }, never)), { code: "invalid", message: /the bands 20/ });
  const [tried, back] = cable.written.filter((text) => text.startsWith("AT+CNBP="));
  t.equal(tried, "AT+CNBP=0x0000000000000000,0x0000000000000004\r");
  t.equal(back, "AT+CNBP=0x0000000000000000,0x0000000000080000\r", "it is told what it had");
});

t.test("a Quectel modem with 5G: lists by name, both kinds of NR at once", async (t) => {
  const list = (key: string, bands: string) => `\r\n+QNWPREFCFG: "${key}",${bands}\r\n\r\nOK\r\n`;
  const { cable, selection, soon } = await scripted(t, {
    ATI: "\r\nQuectel\r\nRM520N-GL\r\nRevision: RM520NGLAAR03A03M4G\r\n\r\nOK\r\n",
    'AT+QNWPREFCFG="mode_pref",': "\r\nOK\r\n",
    'AT+QNWPREFCFG="mode_pref"': list("mode_pref", "AUTO"),
    'AT+QNWPREFCFG="gw_band"': list("gw_band", "1:8"),
    'AT+QNWPREFCFG="lte_band",': "\r\nOK\r\n",
    'AT+QNWPREFCFG="lte_band"': list("lte_band", "1:3:7:20"),
    'AT+QNWPREFCFG="nr5g_band",': "\r\nOK\r\n",
    'AT+QNWPREFCFG="nr5g_band"': list("nr5g_band", "1:78"),
    'AT+QNWPREFCFG="nsa_nr5g_band",': "\r\nOK\r\n",
    'AT+QNWPREFCFG="nsa_nr5g_band"': list("nsa_nr5g_band", "78"),
  });
  const all = { modes: ["umts", "lte", "nr"], bands: { umts: [1, 8], lte: [1, 3, 7, 20], nr: [1, 78] } };
  t.strictSame(await soon(selection.read(never)), { supported: all, preferred: all });
  await soon(selection.prefer({ modes: ["nr", "lte"], bands: { lte: [3], nr: [78] } }, never));
  t.strictSame(
    cable.written.filter((text) => /^AT\+QNWPREFCFG="[a-z0-9_]+",/.test(text)),
    [
      'AT+QNWPREFCFG="mode_pref",LTE:NR5G\r',
      'AT+QNWPREFCFG="lte_band",3\r',
      'AT+QNWPREFCFG="nr5g_band",78\r',
      'AT+QNWPREFCFG="nsa_nr5g_band",78\r',
    ],
  );
});

t.test("firmware that knows none of the commands says so", async (t) => {
  const { selection, soon } = await scripted(t, {
    "AT+CNMP": "\r\nERROR\r\n",
    ATI: "\r\nManufacturer: Acme\r\nModel: Plain\r\nRevision: 1\r\nIMEI: 004999010646007\r\n\r\nOK\r\n",
    "AT+WS46": "\r\nERROR\r\n",
  });
  await t.rejects(soon(selection.read(never)), { code: "unsupported" });
});

/** A SIMCom modem that a test is: what is not said here is answered with OK. */
async function scripted(t: Test, answers: Readonly<Record<string, string>>) {
  const rig = new Rig(kindOf("at"), atGeneric);
  const cable = new AtCable();
  const all: Readonly<Record<string, string>> = {
    ATI: "\r\nManufacturer: SIMCOM INCORPORATED\r\nModel: SIMCOM_SIM7600G-H\r\nRevision: LE20\r\nIMEI: 004999010646007\r\n\r\nOK\r\n",
    "AT*CNTI=2": "\r\n*CNTI: 2,LTE\r\n\r\nOK\r\n",
    "AT+WS46=?": "\r\n+WS46: (22,28,31)\r\n\r\nOK\r\n",
    ...answers,
  };
  cable.modem = (text) => Object.entries(all).find(([command]) => text.startsWith(command))?.[1] ?? "\r\nOK\r\n";
  t.teardown(() => cable.unplug());
  const driver = await rig.soon(openAtDriver(cable.link, { log: silentLog, clock: rig.clock, signal: never }));
  return { cable, selection: selectionOf(driver), soon: <T>(promise: Promise<T>) => rig.soon(promise) };
}
