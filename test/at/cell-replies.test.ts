/** Cells as modems tell them, in answers that people have published; places are their test data. */
import t from "tap";
import type { AtQuery } from "../../src/at/command.js";
import { simcomNeighbours } from "../../src/at/replies/cnetci.js";
import { simcomServingCells } from "../../src/at/replies/cpsi.js";
import { huaweiNeighbours } from "../../src/at/replies/monnc.js";
import { huaweiServingCells } from "../../src/at/replies/monsc.js";
import { quectelNeighbours, quectelServingCells } from "../../src/at/replies/qeng.js";

const around = { generation: "lte", serving: false } as const;

t.test("+QENG: an EG25-G on LTE, in the comments of pinephone_modem_sdk", async (t) => {
  const line = '+QENG: "servingcell","NOCONN","LTE","FDD",214,01,7676A09,188,6300,20,3,3,603,-104,-9,-78,11,23';
  t.strictSame(quectelServingCells.read([line]), [
    {
      ...{ generation: "lte", serving: true, mcc: "214", mnc: "01", cellId: 0x7676a09, physicalCellId: 188 },
      ...{ channel: 6300, areaCode: 0x603, rsrpDbm: -104, rsrqDb: -9, rssiDbm: -78 },
    },
  ]);
  const neighbours = [
    '+QENG: "neighbourcell intra","LTE",6300,188,-12,-105,-75,-20,23,4,12,10,62',
    '+QENG: "neighbourcell inter","LTE",1501,-,-,-,-,-,-,0,10,7',
    '+QENG: "neighbourcell","WCDMA",3062,3,16,2,-,-,-,-',
  ];
  t.strictSame(
    quectelNeighbours.read(neighbours),
    [{ ...around, channel: 6300, physicalCellId: 188, rsrqDb: -12, rsrpDbm: -105, rssiDbm: -75 }],
    "channels without a cell, and other systems, are none",
  );
  t.strictSame(quectelNeighbours.read([]), []);
});

t.test("+QENG: an RM520N-GL with LTE and NR at once; NR alone; what was not measured", async (t) => {
  const both = [
    '+QENG: "servingcell","NOCONN"',
    '+QENG: "LTE","FDD",222,01,328261F,280,275,1,4,4,BE3,-99,-14,-66,7,4,30,-',
    '+QENG: "NR5G-NSA",222,01,920,-96,18,-10,648768,78,10,1',
  ];
  t.match(quectelServingCells.read(both), [
    {
      generation: "lte",
      mcc: "222",
      cellId: 0x328261f,
      physicalCellId: 280,
      channel: 275,
      areaCode: 0xbe3,
      rsrpDbm: -99,
    },
    { generation: "nr", serving: true, physicalCellId: 920, rsrpDbm: -96, snrDb: 18, rsrqDb: -10, channel: 648768 },
  ]);
  const alone = '+QENG:"servingcell","NOCONN","NR5G-SA","TDD",460,00,A0117F003,287,1000D7,504990,41,12,-99,-13,0,1,20';
  t.match(quectelServingCells.read([alone]), [
    { generation: "nr", cellId: 0xa0117f003, physicalCellId: 287, areaCode: 0x1000d7, channel: 504990, rsrpDbm: -99 },
  ]);
  t.strictSame(quectelServingCells.read(['+QENG: "servingcell","SEARCH"']), []);
});

t.test("+QENG below LTE", async (t) => {
  const gsm =
    '+QENG: "servingcell","NOCONN","GSM",250,99,DC51,B919,26,50,-,-73,255,255,0,38,38,1,-,-,-,-,-,-,-,-,-,"-"';
  t.strictSame(quectelServingCells.read([gsm]), [
    {
      ...{ generation: "gsm", serving: true, mcc: "250", mnc: "99", areaCode: 0xdc51, cellId: 0xb919 },
      ...{ physicalCellId: 26, channel: 50, rssiDbm: -73 },
    },
  ]);
  const umts = '+QENG: "servingcell","NOCONN","WCDMA",440,10,75,6FE0090,10736,58,0,-78,-3,-,-,-,-,-';
  t.match(quectelServingCells.read([umts]), [
    {
      generation: "umts",
      areaCode: 0x75,
      cellId: 0x6fe0090,
      channel: 10736,
      physicalCellId: 58,
      rscpDbm: -78,
      ecioDb: -3,
    },
  ]);
  t.throws(() => quectelServingCells.read(['+QENG: "servingcell","NOCONN","TDSCDMA",460,00']), RangeError);
});

t.test("^MONSC and ^MONNC of MT5700M-CNs: cells and physical ids are hexadecimal", async (t) => {
  t.strictSame(huaweiServingCells.read(["^MONSC: LTE,460,11,1750,B26F9B2,DF,5D63,-91,-14,-56"]), [
    {
      ...{ generation: "lte", serving: true, mcc: "460", mnc: "11", channel: 1750, cellId: 0xb26f9b2 },
      ...{ physicalCellId: 0xdf, areaCode: 0x5d63, rsrpDbm: -91, rsrqDb: -14, rssiDbm: -56 },
    },
  ]);
  t.match(
    huaweiServingCells.read(["^MONSC: NR,460,00,524910,1,C027F5065,114,14225C,-73,-9,24"]),
    [{ generation: "nr", physicalCellId: 276, cellId: 0xc027f5065, areaCode: 0x14225c, rsrpDbm: -73, snrDb: 24 }],
    "the same physical id as ^NRSSBID tells in decimal",
  );
  t.match(huaweiServingCells.read(["^MONSC: GSM,460,00,1,12,49,2D54,57B2,-68,,"]), [
    { generation: "gsm", channel: 12, physicalCellId: 49, cellId: 0x2d54, areaCode: 0x57b2, rssiDbm: -68 },
  ]);
  t.strictSame(huaweiServingCells.read(["^MONSC: NONE"]), []);
  const neighbours = ["^MONNC: NR,524910,56,-84,-12,0", "^MONNC: NR,524910,115,-157,-44,-24"];
  t.strictSame(
    huaweiNeighbours.read([...neighbours, "^MONNC: LTE,1650,12A,-93,-12,-65"]),
    [
      { ...around, generation: "nr", channel: 524910, physicalCellId: 0x56, rsrpDbm: -84, rsrqDb: -12, snrDb: 0 },
      { ...around, generation: "nr", channel: 524910, physicalCellId: 0x115 },
      { ...around, channel: 1650, physicalCellId: 0x12a, rsrpDbm: -93, rsrqDb: -12, rssiDbm: -65 },
    ],
    "-157 is nothing that was measured",
  );
  t.strictSame(huaweiNeighbours.read(["^MONNC: NONE"]), []);
});

t.test("+CNETCI? of an A7909E, and of firmware that reads the names of its neighbours", async (t) => {
  const a7909 = [
    "+CNETCISRVINFO: MCC-MNC: 250-02,TAC: 9738,cellid: 196089506,rsrp: 47,rsrq: 21, pci: 299,earfcn: 2850",
    "+CNETCINONINFO: 0,MCC-MNC: 000-00,TAC: 0,cellid: -1,rsrp: 23,rsrq: 0,pci: 195,earfcn: 1602",
    "+CNETCI: 0",
  ];
  t.strictSame(simcomNeighbours.read(a7909), [{ ...around, physicalCellId: 195, channel: 1602 }]);
  const named = "+CNETCINONINFO: 0, MCC-MNC: 460-00,TAC: 9340,cellid: 233029463,rsrp: 38,rsrq: 14";
  t.strictSame(simcomNeighbours.read([named, "+CNETCI: 1"]), [
    { ...around, mcc: "460", mnc: "00", cellId: 233029463, areaCode: 9340 },
  ]);
});

t.test("no answer is read from rubbish, and none is half read when it is cut", async (t) => {
  const queries: readonly (readonly [AtQuery<unknown>, string])[] = [
    [
      quectelServingCells,
      '+QENG: "servingcell","NOCONN","LTE","FDD",214,01,7676A09,188,6300,20,3,3,603,-104,-9,-78,11,23',
    ],
    [quectelNeighbours, '+QENG: "neighbourcell intra","LTE",6300,188,-12,-105,-75,-20,23,4,12,10,62'],
    [huaweiServingCells, "^MONSC: LTE,460,11,1750,B26F9B2,DF,5D63,-91,-14,-56"],
    [huaweiNeighbours, "^MONNC: LTE,1650,12A,-93,-12,-65"],
    [simcomNeighbours, "+CNETCINONINFO: 0,MCC-MNC: 000-00,TAC: 0,cellid: -1,rsrp: 23,rsrq: 0,pci: 195,earfcn: 1602"],
    [simcomServingCells, "+CPSI: LTE,Online,228-02,0x9CA4,20964868,46,EUTRAN-BAND20,6200,3,3,-178,-1089,-742,8"],
  ];
  for (const [query, whole] of queries)
    for (const line of [...Array(whole.length + 1).keys()]
      .map((length) => whole.slice(0, length))
      .concat("\xff\xfe", "("))
      try {
        query.read([line]);
      } catch (error) {
        if (!(error instanceof RangeError)) t.fail(`${query.text} cut to ${line}: ${error}`);
      }
  t.pass("checked");
});
