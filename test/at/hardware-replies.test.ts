/** Satellites and thermometers as modems tell them, in answers that people have published. */
import t from "tap";
import type { AtQuery } from "../../src/at/command.js";
import { asrGnssPower } from "../../src/at/replies/cgnsspwr.js";
import { simcomGps } from "../../src/at/replies/cgps.js";
import { huaweiTemperatures } from "../../src/at/replies/chiptemp.js";
import { simcomTemperature } from "../../src/at/replies/cpmutemp.js";
import { quectelGnss } from "../../src/at/replies/qgps.js";
import { quectelTemperatures } from "../../src/at/replies/qtemp.js";

t.test("the receiver is on or off", async (t) => {
  t.equal(simcomGps.read(["+CGPS: 1,1"]), true, "SIM7600");
  t.equal(simcomGps.read(["+CGPS: 0,1"]), false);
  t.equal(asrGnssPower.read(["+CGNSSPWR: READY!", "+CGNSSPWR: 1"]), true, "A7670, news in the middle of the answer");
  t.throws(() => asrGnssPower.read(["+CGNSSPWR: READY!"]), RangeError);
  t.equal(quectelGnss.read(["+QGPS: 1"]), true, "EC25");
  t.equal(quectelGnss.read(["+QGPS: 0"]), false);
});

t.test("thermometers: those that are not there are left out", async (t) => {
  t.strictSame(simcomTemperature.read(["+CPMUTEMP: 46"]), [{ sensor: "pmu", celsius: 46 }], "A7909E");
  t.strictSame(simcomTemperature.read(["+CPMUTEMP: 45,0"]), [{ sensor: "pmu", celsius: 45 }]);
  const numbered = (...values: readonly number[]) =>
    values.map((celsius, index) => ({ sensor: String(index + 1), celsius }));
  t.strictSame(quectelTemperatures.read(["+QTEMP: 31,31,30"]), numbered(31, 31, 30), "EP06");
  t.strictSame(quectelTemperatures.read(["+QTEMP: 34,255,255"]), numbered(34), "EC200T");
  t.strictSame(
    quectelTemperatures.read(['+QTEMP:"mdmss-3-usr","41"', '+QTEMP:"modem-ambient-usr","41"', '+QTEMP: "pmic-0",255']),
    [
      { sensor: "mdmss-3-usr", celsius: 41 },
      { sensor: "modem-ambient-usr", celsius: 41 },
    ],
    "RG500Q",
  );
  t.strictSame(
    huaweiTemperatures.read(["^CHIPTEMP: 304,304,65535,27,65535"]),
    [
      { sensor: "gsm amplifier", celsius: 30.4 },
      { sensor: "umts amplifier", celsius: 30.4 },
      { sensor: "card", celsius: 27 },
    ],
    "E3372",
  );
  const mt5700 = "^CHIPTEMP: 432,445,451,398,401,407,441,442,449,0,65535,448";
  const told = huaweiTemperatures.read([mt5700]);
  t.equal(told.length, 10);
  t.strictSame(told.at(-1), { sensor: "12", celsius: 44.8 }, "a place keeps its number");
});

t.test("no answer is read from rubbish, and none is half read when it is cut", async (t) => {
  const queries: readonly (readonly [AtQuery<unknown>, string])[] = [
    [simcomGps, "+CGPS: 1,1"],
    [asrGnssPower, "+CGNSSPWR: 1"],
    [quectelGnss, "+QGPS: 1"],
    [simcomTemperature, "+CPMUTEMP: 46"],
    [quectelTemperatures, '+QTEMP:"mdmss-3-usr","41"'],
    [huaweiTemperatures, "^CHIPTEMP: 304,304,65535,27,65535"],
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
