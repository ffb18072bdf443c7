/** Firmware that plays router: when it dials. */
import t from "tap";
import { ModemMachine } from "../../../src/virtual/machine.js";
import { profileNamed } from "../../../src/virtual/profiles/all.js";
import { dialItself } from "../../../src/virtual/usb/functions/self-dial.js";
import { VirtualClock } from "../../fakes/clock.js";

t.test("it dials when it is attached, waits ten seconds after a loss, and never twice at once", async (t) => {
  const clock = new VirtualClock();
  const machine = new ModemMachine({ ...profileNamed("simcom-a7670e"), attachesByItself: true }, clock);
  t.teardown(() => machine.close());
  const stop = dialItself(machine);
  const session = () => machine.state.sessions.map(({ is }) => is).join();
  t.equal(session(), "", "not registered yet");
  await clock.advance(10_000);
  t.equal(session(), "active");
  machine.send({ type: "dropBearer", cause: 36 });
  t.equal(session(), "", "no hammering");
  await clock.advance(9_000);
  t.equal(session(), "");
  await clock.advance(2_000);
  t.equal(session(), "active");
  machine.send({ type: "networkDetach", cause: undefined });
  await clock.advance(60_000);
  t.equal(session(), "", "without packet service there is nothing to dial");
  machine.send({ type: "attach" });
  await clock.advance(11_000);
  t.equal(session(), "active");
  stop();
  machine.send({ type: "dropBearer", cause: 36 });
  await clock.advance(60_000);
  t.equal(session(), "", "unplugged, it does not dial any more");
});
