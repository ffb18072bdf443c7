/** `wwanctl modem NAME ...` and `wwanctl sim NAME ...`: what they ask, what they say. */
import t from "tap";
import { orRefusal } from "../../src/cli/command.js";
import { hardwareActions } from "../../src/cli/hardware.js";
import { main } from "../../src/cli/main.js";
import { radioActions } from "../../src/cli/radio.js";
import { simActions } from "../../src/cli/sim.js";
import type { Call } from "../../src/cli/snapshot.js";
import { BusError } from "../../src/dbus/errors.js";
import { Variant } from "../../src/dbus/types.js";

const text = (value: string) => new Variant("s", value);
const number = (value: number) => new Variant("u", value);

/** Answers by member; what was asked is kept. */
function daemon(replies: Readonly<Record<string, readonly unknown[]>>) {
  const asked: string[] = [];
  const call: Call = async (destination, path, _iface, member, _signature, body = []) => {
    asked.push(`${destination} ${path} ${member} ${JSON.stringify(body)}`);
    return replies[member] ?? [];
  };
  return { call, asked };
}

t.test("cells: the serving one first, what is not known is a dash", async (t) => {
  const { call } = daemon({
    GetCells: [
      [
        {
          ...{ generation: text("lte"), serving: new Variant("b", true), mcc: text("001"), mnc: text("01") },
          ...{ areaCode: number(258), cellId: new Variant("t", 1715004n), rsrpDbm: new Variant("d", -99.5) },
        },
        { generation: text("lte"), serving: new Variant("b", false), physicalCellId: number(102) },
      ],
    ],
  });
  const answer = await radioActions.cells.run(call, "qmi_0");
  t.match(answer.text, /^lte +serving +00101 +258 +1715004 +- +- +-99\.5 dBm +-$/m);
  t.match(answer.text, /^lte +- +- +- +102 +- +- +-$/m);
  t.notOk(answer.bad);
});

t.test("bands: which are used, and others to use", async (t) => {
  const { call, asked } = daemon({
    GetSelection: [["gsm", "lte"], { gsm: [900], lte: [3, 20] }, ["lte"], { lte: [20] }],
  });
  const answer = await radioActions.bands.run(call, "qmi_0", ["lte=20"]);
  t.strictSame(asked[0], 'net.wwand /net/wwand/modem/qmi_0 PreferBands [{"lte":[20]}]');
  t.equal(answer.text, "gsm: 900 (not used)\nlte: 3 (not used), 20");
  t.match((await radioActions.modes.run(call, "qmi_0", [])).text, "gsm (not used)\nlte");
  await t.rejects(radioActions.bands.run(call, "qmi_0", ["lte:20"]), /expected e\.g\. lte=3,20/);
});

t.test("satellites on and off, and how warm it is", async (t) => {
  const { call, asked } = daemon({ GetGnss: ["on"], GetTemperatures: [[["pmu", 38.5]]] });
  t.match(await hardwareActions.gnss.run(call, "at_0", ["on"]), { text: "on", json: "on", bad: false });
  t.strictSame(asked, ["net.wwand /net/wwand/modem/at_0 SetGnss [true]", "net.wwand /net/wwand/modem/at_0 GetGnss []"]);
  await t.rejects(hardwareActions.gnss.run(call, "at_0", ["perhaps"]), /expected on, off/);
  const warm = await hardwareActions.temperature.run(call, "at_0");
  t.match(warm.text, /^pmu +38\.5 °C$/m);
  t.strictSame(warm.json, [{ sensor: "pmu", celsius: 38.5 }]);
  t.ok((await hardwareActions.temperature.run(daemon({ GetTemperatures: [[]] }).call, "at_0")).bad);
});

t.test("a PIN comes from standard input and goes to the bus, nowhere else", async (t) => {
  const { call, asked } = daemon({});
  const answer = await simActions.unlock.run(call, "qmi_0", [], () => Promise.resolve("1234"));
  t.strictSame(asked, ['org.ofono /qmi_0 EnterPin ["pin","1234"]']);
  t.notMatch(JSON.stringify(answer), "1234");
});

t.test("slots and forbidden networks", async (t) => {
  const slot = { number: number(2), active: new Variant("b", true), card: text("present"), iccid: text("89882****37") };
  const { call, asked } = daemon({ GetSlots: [[slot]], GetForbiddenNetworks: [["00102"]], GetPreferredNetworks: [[]] });
  t.match((await simActions.slots.run(call, "qmi_0")).text, /^2 +in use +present +89882\*{4}37 +-$/m);
  t.equal((await simActions.forbidden.run(call, "qmi_0")).text, "00102");
  t.equal((await simActions.preferred.run(call, "qmi_0")).text, "none");
  await simActions.switch.run(call, "qmi_0", ["2"]);
  t.equal(asked.at(-1), "net.wwand /net/wwand/modem/qmi_0 ActivateSlot [2]");
  await t.rejects(simActions.switch.run(call, "qmi_0", []), /number of a slot/);
});

t.test("a refusal is bad news in the daemon's words, a modem that is not there has no name", async (t) => {
  const refused = (name: string) => orRefusal("qmi_7", () => Promise.reject(new BusError(name, "the modem is off")));
  t.match(await refused("net.wwand.Error.NotAvailable"), { text: "NotAvailable: the modem is off", bad: true });
  t.match(await refused("org.freedesktop.DBus.Error.UnknownObject"), { text: /no modem "qmi_7"/, bad: true });
  await t.rejects(refused("org.freedesktop.DBus.Error.ServiceUnknown"));
});

t.test("an action that does not exist, and one with too much behind it: exit 2 and a list", async (t) => {
  const said: string[] = [];
  const stderr = process.stderr.write;
  process.stderr.write = ((words: string) => said.push(words) > 0) as typeof process.stderr.write;
  t.teardown(() => {
    process.stderr.write = stderr;
  });
  const run = (...argv: readonly string[]) => main(argv, { out: () => undefined, err: () => undefined });
  t.equal(await run("modem", "qmi_0", "explode"), 2);
  t.equal(await run("modem", "qmi_0", "reset", "now"), 2);
  t.match(said.join(""), /no action 'explode'; there are: cells, scan[\s\S]*nothing may follow 'reset'/);
});
