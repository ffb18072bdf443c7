/** `wwanctl modem compositions` and `switch`: what a device is on USB, what it can be, and making it that. */
import t from "tap";
import { compositionActions } from "../../src/cli/composition.js";
import type { Call } from "../../src/cli/snapshot.js";
import { Variant } from "../../src/dbus/types.js";

const text = (value: string) => new Variant("s", value);
const path = "/net/wwand/device/usb_1_2d1";

const sim7600 = {
  ...{ Name: text("at_0"), Modem: text("/at_0"), Address: text("1-1"), Ids: text("1e0e:9011") },
  Composition: text("RNDIS"),
  OtherCompositions: new Variant("aa{sv}", [
    { name: text("MBIM"), ids: text("1e0e:9003"), commands: new Variant("as", ["AT+CUSBPIDSWITCH=9003,1,1"]) },
  ]),
  CompositionRisk: text("the modem restarts"),
  CompositionSource: text("SIMCom's manual"),
};
const unknown = { Name: text("mbim_1"), Address: text("1-2"), Ids: text("1199:0001"), Composition: text("MBIM") };

/** A daemon with these devices; what it was asked besides is kept. */
function daemon(reply: readonly unknown[] = []) {
  const asked: string[] = [];
  const devices = {
    [path]: { "net.wwand.Device1": sim7600 },
    "/net/wwand/device/usb_1_2d2": { "net.wwand.Device1": unknown },
  };
  const call: Call = async (_destination, object, _iface, member, _signature, body = [], options = {}) => {
    if (member === "GetManagedObjects") return [devices];
    if (member === "GetAll") return [{}];
    asked.push(`${object} ${member} ${JSON.stringify(body)} ${(options.timeoutMs ?? 0) > 190_000}`);
    return reply;
  };
  return { call, asked };
}

const { compositions, switch: switchTo } = compositionActions;

t.test("what it is, what it can be, by which command, at which risk, by whose word", async (t) => {
  const { call } = daemon();
  const answer = await compositions.run(call, "", []);
  t.equal(
    answer.text,
    [
      "at_0 (1e0e:9011): RNDIS; it can be:",
      "  MBIM (1e0e:9003): AT+CUSBPIDSWITCH=9003,1,1",
      "  mind: the modem restarts",
      "  source: SIMCom's manual",
      "  do: wwanctl modem switch at_0 MBIM",
    ].join("\n"),
  );
  t.match(answer.json, [{ Name: "at_0", Path: path, OtherCompositions: [{ name: "MBIM" }] }]);
  t.strictSame((await compositions.run(call, "1-1", [])).text, answer.text, "by where it is plugged in");
  t.match((await compositions.run(call, "mbim_1", [])).text, /: MBIM; what else it could be is not known$/);
  t.match(await compositions.run(call, "at_7", []), { text: /no device "at_7"/, bad: true });
});

t.test("switched: what it has become and how to go back; the daemon's deadlines end before the bus does", async (t) => {
  const { call, asked } = daemon(["MBIM", "1e0e:9003", "mbim_0", "RNDIS", "MBIM modem on /dev/cdc-wdm0"]);
  const answer = await switchTo.run(call, "at_0", ["MBIM"]);
  t.strictSame(asked, [`${path} SwitchComposition ["MBIM"] true`]);
  t.equal(answer.text, "it is MBIM (1e0e:9003) now: mbim_0\nback: wwanctl modem switch mbim_0 RNDIS");
  t.notOk(answer.bad);
  await t.rejects(switchTo.run(call, "at_0", []), /expected one composition/);
});

t.test("switched to what has no driver here: bad news, with the reason", async (t) => {
  const { call } = daemon(["ECM", "1e0e:9025", "", "", "no serial driver knows it"]);
  const answer = await switchTo.run(call, "at_0", ["ECM"]);
  t.equal(answer.text, "it is ECM (1e0e:9025) now\nno serial driver knows it\nthe way back is not known");
  t.ok(answer.bad);
});
