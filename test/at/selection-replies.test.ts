/** Modes and bands as modems tell them, in answers that people have published, and what goes back to them. */
import t from "tap";
import type { AtQuery } from "../../src/at/command.js";
import { chooseSimcomBands, simcomBands } from "../../src/at/replies/cnbp.js";
import { modeFor, radiosOfModes, simcomMode, simcomModes } from "../../src/at/replies/cnmp.js";
import { chooseQuectelBands, quectelBands } from "../../src/at/replies/qcfg-band.js";
import { chooseQuectelMode, quectelMode } from "../../src/at/replies/qcfg-nwscanmode.js";
import {
  chooseQuectelBandList,
  chooseQuectelRadios,
  quectelBandList,
  quectelRadioPreference,
} from "../../src/at/replies/qnwprefcfg.js";
import { chooseHuaweiOldSystems, huaweiOldChoices, huaweiOldSystems } from "../../src/at/replies/syscfg.js";
import { chooseHuaweiSystems, huaweiChoices, huaweiSystems } from "../../src/at/replies/syscfgex.js";
import { chooseRadios, radioSide, radioSides, radiosOf } from "../../src/at/replies/ws46.js";

/** MikroTik's documentation, "Locking band on Huawei and other modems"; broken as it is there. */
const mikrotik = [
  '^SYSCFGEX: ("00","03","02","01","99"),((2000004e80380,"GSM850/GSM900/GSM1800/GSM1900/WCDMA BCI/WCDMA BCII/WCDMA BCV/WCDMA BCVIII"),',
  '(3fffffff,"All Bands")),(0-2),(0-4),((800d7,"LTE BC1/LTE BC2/LTE',
  'BC3/LTE BC5/LTE BC7/LTE BC8/LTE BC20"),(7fffffffffffffff,"All Bands"))',
];

/** An MT5700M-CN, in the tests of luci-app-mt5700m: several named masks. */
const mt5700 =
  '^SYSCFGEX: ("01","02","03","08"),((2000000400380,"GSM900/GSM1800/WCDMA900/WCDMA2100"),(280000,"GSM850/GSM1900"),' +
  '(3fffffff,"All bands")),(0-2),(0-4),((1e200000095,"LTE BC1/LTE BC3/LTE BC5/LTE BC8/LTE BC34/LTE BC38/LTE BC39/' +
  'LTE BC40/LTE BC41"),(7fffffffffffffff,"All bands"))';

t.test("^SYSCFGEX: what there is, what is chosen, what chooses", async (t) => {
  t.strictSame(huaweiChoices.read(mikrotik), {
    radios: ["gsm", "umts", "lte"],
    oldBands: 0x2000004e80380n,
    lteBands: 0x800d7n,
  });
  t.strictSame(huaweiChoices.read([mt5700]), {
    radios: ["gsm", "umts", "lte", "nr"],
    oldBands: 0x2000000680380n,
    lteBands: 0x1e200000095n,
  });
  const only = { radios: ["lte"], oldBands: 0x3fffffffn, lteBands: 0x40n };
  t.strictSame(huaweiSystems.read(['^SYSCFGEX: "03",3FFFFFFF,0,2,40']), only, "MikroTik's documentation");
  const me909s = { radios: [], oldBands: 0x3fffffffn, lteBands: 0x7fffffffffffffffn };
  t.strictSame(huaweiSystems.read(['^SYSCFGEX: "00",3FFFFFFF,1,2,7FFFFFFFFFFFFFFF']), me909s, "ME909s");
  t.match(huaweiSystems.read(['^SYSCFGEX: "080302",40000000,1,2,40000000,,']), { radios: ["nr", "lte", "umts"] });
  t.equal(chooseHuaweiSystems({ radios: ["umts", "lte"] }).text, 'AT^SYSCFGEX="0302",40000000,2,4,40000000,,');
  t.equal(chooseHuaweiSystems({ lteBands: 0x80004n }).text, 'AT^SYSCFGEX="99",40000000,2,4,80004,,');
  t.equal(chooseHuaweiSystems({ radios: [] }).text, 'AT^SYSCFGEX="00",40000000,2,4,40000000,,');
  t.throws(() => huaweiChoices.read(['^SYSCFGEX: ("00","99"),,,,']), RangeError);
});

t.test("^SYSCFG of sticks without LTE: ModemManager's collection", async (t) => {
  const there = '^SYSCFG:(2,13,14,16),(0-3),((400000,"WCDMA2100")),(0-2),(0-4)';
  t.strictSame(huaweiOldChoices.read([there]), { radios: ["gsm", "umts"], bands: 0x400000n });
  t.strictSame(huaweiOldSystems.read(["^SYSCFG: 2,0,400000,0,3"]), { radios: ["gsm", "umts"], bands: 0x400000n });
  t.match(huaweiOldSystems.read(["^SYSCFG: 13,1,3FFFFFFF,1,2"]), { radios: ["gsm"] });
  t.throws(() => huaweiOldSystems.read(["^SYSCFG: 7,1,3FFFFFFF,1,2"]), RangeError);
  t.equal(chooseHuaweiOldSystems({ radios: ["umts"] }).text, "AT^SYSCFG=14,0,40000000,2,4");
  t.equal(chooseHuaweiOldSystems({ bands: 0x400380n }).text, "AT^SYSCFG=16,3,400380,2,4");
});

t.test("+CNMP: a SIM7600's numbers, and those of a SIM7080 with words", async (t) => {
  const sim7600 = simcomModes.read(["+CNMP: (2,9,10,13,14,19,22,38,39,48,51,54,59,60,63,67)"]);
  t.equal(sim7600.length, 16);
  t.strictSame(radiosOfModes(sim7600), ["gsm", "umts", "lte"]);
  t.equal(modeFor(["gsm", "umts"], sim7600), 19);
  t.equal(modeFor(["umts", "lte"], sim7600), 54);
  const sim7080 = simcomModes.read(["+CNMP: ((2-Automatic),(13-GSM Only),(38-LTE Only),(51-GSM And LTE Only))"]);
  t.strictSame(sim7080, [2, 13, 38, 51]);
  t.strictSame(radiosOfModes(sim7080), ["gsm", "lte"]);
  t.equal(modeFor(["umts"], sim7080), undefined);
  t.strictSame(simcomMode.read(["+CNMP: 2"]), []);
  t.strictSame(simcomMode.read(["+CNMP: 38"]), ["lte"]);
  t.throws(() => simcomMode.read(["+CNMP: 9"]), RangeError, "CDMA alone");
});

t.test("+CNBP: two masks or three, short or long, and nothing is lost on the way back", async (t) => {
  const a7909 = simcomBands.read(["+CNBP: 0X000700000FEB0180,0X000007FF3FDF3FFF"]);
  t.match(a7909, { oldBands: 0x700000feb0180n, lteBands: 0x7ff3fdf3fffn });
  t.equal(
    chooseSimcomBands(a7909, { ...a7909, lteBands: 0x80004n }).text,
    "AT+CNBP=0x000700000FEB0180,0x0000000000080004",
  );
  const long =
    "+CNBP: 0x100200000EE80380,0x480000000000000000000000000000000000000000000042000007FFFFDF3FFF,0x000000000000003F";
  const sim7600 = simcomBands.read([long]);
  t.equal(
    chooseSimcomBands(sim7600, sim7600).text,
    long.replace("+CNBP: ", "AT+CNBP="),
    "SIM7600G-H, in atlib's tests",
  );
  const one = simcomBands.read(["+CNBP: 0x0000000004000000"]);
  t.equal(chooseSimcomBands(one, { oldBands: 0x380n, lteBands: 4n }).text, "AT+CNBP=0x0000000000000380", "without LTE");
  t.throws(() => simcomBands.read(["+CNBP: (0-1)"]), RangeError);
});

t.test('+QCFG: "nwscanmode", "band"', async (t) => {
  t.strictSame(quectelMode.read(['+QCFG: "nwscanmode",0']), []);
  t.strictSame(quectelMode.read(['+QCFG: "nwscanmode",3']), ["lte"]);
  t.throws(() => quectelMode.read(['+QCFG: "usbnet",0']), RangeError);
  t.equal(chooseQuectelMode(["umts"])?.text, 'AT+QCFG="nwscanmode",2,1');
  t.equal(chooseQuectelMode([])?.text, 'AT+QCFG="nwscanmode",0,1');
  t.equal(chooseQuectelMode(["gsm", "umts"]), undefined);

  const ec25 = quectelBands.read(['+QCFG: "band",0x93,0x80800c5,0x0']);
  t.match(ec25, { gsm: [900, 1800], umts: [1, 8], lte: 0x80800c5n, hasTdScdma: true }, "a forum's EC25-E");
  t.equal(chooseQuectelBands({ lte: 0x80004n }, ec25).text, 'AT+QCFG="band",0,80004,0,1');
  t.equal(chooseQuectelBands({ umts: [8] }, ec25).text, 'AT+QCFG="band",83,0,0,1', "GSM stays");
  const ec200 = quectelBands.read(['+QCFG: "band",0xd3,0x1a0080800d5']);
  t.match(ec200, { gsm: [900, 1800], umts: [1, 5, 8], hasTdScdma: false }, "EC200T, in Quectel's forum: two masks");
  t.equal(chooseQuectelBands({ lte: 0x4n }, ec200).text, 'AT+QCFG="band",0,4,1');
  const unknown = quectelBands.read(['+QCFG: "band",0xbff,0x1e00b0e18df,0x0']);
  t.equal(chooseQuectelBands({ gsm: [900] }, unknown).text, 'AT+QCFG="band",bf1,0,0,1', "bits without a name stay");
});

t.test("+QNWPREFCFG of an RM520N-GL", async (t) => {
  t.strictSame(quectelRadioPreference.read(['+QNWPREFCFG: "mode_pref",AUTO']), []);
  t.strictSame(quectelRadioPreference.read(['+QNWPREFCFG: "mode_pref",NR5G:LTE']), ["lte", "nr"]);
  t.strictSame(quectelBandList("lte_band").read(['+QNWPREFCFG: "lte_band",1:3:7:20']), [1, 3, 7, 20]);
  t.strictSame(quectelBandList("nsa_nr5g_band").read(['+QNWPREFCFG: "nsa_nr5g_band",78']), [78]);
  t.strictSame(quectelBandList("gw_band").read(['+QNWPREFCFG: "gw_band",0']), []);
  t.throws(() => quectelBandList("nr5g_band").read(['+QNWPREFCFG: "lte_band",1:3']), RangeError);
  t.throws(() => quectelRadioPreference.read(['+QNWPREFCFG: "mode_pref",TDSCDMA']), RangeError);
  t.equal(chooseQuectelRadios(["lte", "nr"]).text, 'AT+QNWPREFCFG="mode_pref",LTE:NR5G');
  t.equal(chooseQuectelRadios([]).text, 'AT+QNWPREFCFG="mode_pref",AUTO');
  t.equal(chooseQuectelBandList("lte_band", [1, 3]).text, 'AT+QNWPREFCFG="lte_band",1:3');
});

t.test("+WS46: 25 is what the modem has", async (t) => {
  const sides = radioSides.read(["+WS46: (12,22,25,28-31)"]);
  t.strictSame(sides, { supported: ["gsm", "umts", "lte"], numbers: [12, 22, 25, 28, 29, 30, 31] });
  t.strictSame(radiosOf(radioSide.read(["+WS46: 25"]), sides), ["gsm", "umts", "lte"]);
  t.strictSame(radiosOf(radioSide.read(["31"]), sides), ["umts", "lte"]);
  t.equal(chooseRadios(["lte"], sides)?.text, "AT+WS46=28");
  t.equal(chooseRadios(["gsm", "umts", "lte"], sides)?.text, "AT+WS46=25");
  const old = radioSides.read(["+WS46: (12,22)"]);
  t.equal(chooseRadios(["gsm", "umts"], old), undefined, "one or the other");
  t.throws(() => radiosOf(99, old), RangeError);
});

t.test("no answer is read from rubbish, and none is half read when it is cut", async (t) => {
  const queries: readonly (readonly [AtQuery<unknown>, string])[] = [
    [huaweiChoices, mt5700],
    [huaweiSystems, '^SYSCFGEX: "03",3FFFFFFF,0,2,40'],
    [huaweiOldChoices, '^SYSCFG:(2,13,14,16),(0-3),((400000,"WCDMA2100")),(0-2),(0-4)'],
    [huaweiOldSystems, "^SYSCFG: 2,0,400000,0,3"],
    [simcomModes, "+CNMP: (2,13,14,38)"],
    [simcomMode, "+CNMP: 38"],
    [simcomBands, "+CNBP: 0X000700000FEB0180,0X000007FF3FDF3FFF"],
    [quectelMode, '+QCFG: "nwscanmode",3'],
    [quectelBands, '+QCFG: "band",0x93,0x80800c5,0x0'],
    [quectelRadioPreference, '+QNWPREFCFG: "mode_pref",NR5G:LTE'],
    [quectelBandList("lte_band"), '+QNWPREFCFG: "lte_band",1:3:7:20'],
    [radioSides, "+WS46: (12,22,25,28-31)"],
    [radioSide, "+WS46: 25"],
  ];
  for (const [query, whole] of queries) {
    for (const lines of [[], ["\xff\xfe"], [",,,"], ["("]]) t.throws(() => query.read(lines), RangeError, query.text);
    for (let length = 0; length <= whole.length; length++)
      try {
        query.read([whole.slice(0, length)]);
      } catch (error) {
        if (!(error instanceof RangeError)) t.fail(`${query.text} cut at ${length}: ${error}`);
      }
  }
  t.pass("checked");
});
