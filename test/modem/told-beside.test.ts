/** What a modem tells beside the necessary: whose card it is, and what the network says of a connection. */
import t from "tap";
import { homeNetwork } from "../fakes/driver.js";
import { client, Rig } from "./rig.js";

t.test(
  "the modem names the card's operator: asked once, after the registration, and not against the card",
  async (t) => {
    const abroad = { ...homeNetwork, status: "roaming", mcc: "228" } as const;
    const rig = new Rig({ home: { mcc: "262", mnc: "01", name: "Example Mobile" }, registration: abroad });
    await rig.goOnline();
    await rig.clock.advance(100);
    t.match(rig.modem.sim?.state, { serviceProviderName: "Example Mobile", mcc: "262", mnc: "01" });
    rig.driver.setRegistration({ ...abroad, mcc: "232" });
    await rig.clock.advance(100);
    const { asked } = rig.driver;
    t.equal(asked.filter((call) => call === "homeNetwork.read").length, 1);
    t.ok(asked.indexOf("homeNetwork.read") > asked.indexOf("registration.state"));

    const other = new Rig({ home: { mcc: "310", mnc: "410", name: "Somebody else" } });
    await other.goOnline();
    await other.clock.advance(100);
    t.equal(other.modem.sim?.state.serviceProviderName, undefined, "that is not this card's");
  },
);

t.test("protocol options are the active context's own, and go with the call", async (t) => {
  const rig = new Rig();
  await rig.goOnline();
  await rig.context.setActive(true, client);
  const [handle = 0] = rig.driver.calls.keys();
  const options = [{ id: 0xff00, plmn: "26201", content: "05" }];
  rig.driver.events.emit("callOptionsTold", handle + 1, [{ id: 1, content: "00" }]);
  t.strictSame(rig.context.state.options, [], "of another call");
  rig.driver.events.emit("callOptionsTold", handle, options);
  t.strictSame(rig.context.state.options, options);
  await rig.context.setActive(false, client);
  t.strictSame(rig.context.state.options, []);
  await rig.context.setActive(true, client);
  t.strictSame(rig.context.state.options, [], "the next call has told nothing yet");
});
