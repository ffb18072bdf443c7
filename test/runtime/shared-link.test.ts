/** One line in several hands, one after the other. */
import t from "tap";
import { SharedLink } from "../../src/runtime/shared-link.js";
import { AtCable } from "../at/cable.js";
import { heardOn } from "../cmux/ends.js";

t.test("whoever has the line hears it; given back it is the next one's, and stays open", async (t) => {
  const cable = new AtCable(true);
  const line = new SharedLink(cable.link);
  const first = line.lend();
  const heard = heardOn(first);
  cable.say("one");
  first.close();
  t.match(heard, { text: "one", end: { code: "aborted" } });
  cable.say("nobody's");
  const second = heardOn(line.lend());
  cable.say("two");
  t.equal(second.text, "two");
  await t.rejects(first.write(Buffer.from("AT")), { code: "unplugged" });
  t.notOk(cable.isClosed);

  const third = line.lend();
  t.match(second.end, { code: "aborted", message: /in other hands/ });
  await third.write(Buffer.from("AT\r"));
  await third.dropDtr?.();
  t.strictSame(cable.written, ["AT\r", "<DTR>"]);
});

t.test("diverted for a while: who has it hears nothing, and still has it afterwards", async (t) => {
  const cable = new AtCable();
  const line = new SharedLink(cable.link);
  const heard = heardOn(line.lend());
  let diverted = "";
  const back = line.divert((bytes) => {
    diverted += bytes.toString();
  });
  cable.say("PPP");
  await line.write(Buffer.from("LCP"));
  back();
  cable.say("OK");
  t.strictSame([heard.text, diverted, cable.written.join()], ["OK", "PPP", "LCP"]);
});

t.test("the line goes: whoever has it hears so, and whoever comes later", async (t) => {
  const cable = new AtCable();
  const line = new SharedLink(cable.link);
  const heard = heardOn(line.lend());
  cable.unplug();
  t.match(heard.end, { code: "unplugged" });
  t.match(heardOn(line.lend()).end, { code: "unplugged" });
});
