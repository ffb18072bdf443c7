import t from "tap";
import { client, Rig } from "./rig.js";

t.test("a cold start by a client: everything is told in the order that clients build on", async (t) => {
  const rig = new Rig();
  await rig.powerOn();
  t.strictSame(rig.lines(), [
    "Powered=true",
    "+sim",
    "Serial",
    "Present=true",
    "Retries=3",
    "IMSI=262-01",
    "+packetData",
  ]);
  await rig.modem.setOnline(true, client);
  await rig.clock.advance(10);
  t.strictSame(rig.lines(), ["Online=true", "+registration", "Status=unknown", "Status=registered", "Attached=true"]);
  await rig.context.setActive(true, client);
  t.strictSame(rig.lines(), [
    "link wwan0 up 10.20.0.2 for client",
    "uplink up 10.20.0.2",
    "Settings=10.20.0.2",
    "Active=true",
  ]);
  t.equal(rig.modem.state.stage, "10/10 connected: wwan0");
});
