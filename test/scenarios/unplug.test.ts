/** The modem is pulled out at every single message of bring-up, and put in again. */
import t from "tap";
import { RecordingClient } from "../dbus/interfaces/recording-client.js";
import { standing, startWwand, writeFiles } from "../lab/daemon.js";
import { eventually, within } from "../lab/eventually.js";
import { layFrameCable } from "../lab/frame-cable.js";
import { startModem } from "../lab/virtual-modem.js";
import { World } from "../lab/world.js";

t.setTimeout(110_000);

const path = "/mbim_0";
const active = `${path}/context1 ConnectionContext Active=true`;
const removed = `/ Manager ModemRemoved ${path}`;

t.test("unplugged at message 1, 2, 3, ... until bring-up has no further one", async (t) => {
  const world = await World.build(t);
  const modem = await startModem(world, { searchMs: "20", attachMs: "10", connectMs: "10" });
  const cable = await layFrameCable(world.file("cable"), modem.socket);
  t.teardown(() => cable.pullOut());
  await writeFiles(world, { config: standing(modem.url.replace(modem.socket, cable.socket)) });
  const daemon = await startWwand(world);
  const client = await RecordingClient.connect(world.bus.address);
  t.teardown(() => client.close());
  const managed = async () => JSON.stringify(await client.call("/", "org.ofono.Manager", "GetModems"));
  const unplug = async () => {
    await cable.pullOut();
    await modem.step("unplug");
  };
  const replug = async () => {
    await modem.step("replug");
    await cable.plugIn();
  };

  await eventually(
    "connected",
    () => world.host.ip("address show dev wwan0"),
    (text) => text.includes("inet 10.64"),
  );
  for (let message = 1, isPulled = true; isPulled; message += 1) {
    await unplug();
    await within(`${message}: gone`, client.until(removed));
    await client.take();
    let atMessage: Promise<void> | undefined;
    cable.pullAt(message, () => {
      atMessage = unplug();
    });
    await replug();
    // Either the message comes and the cable is pulled, or bring-up ends without reaching it.
    await within(`${message}: pulled or active`, Promise.race([client.until(removed), client.until(active)]));
    isPulled = atMessage !== undefined;
    if (!isPulled) {
      t.comment(`bring-up has ${cable.passed} messages`);
      t.ok(message > 20, "bring-up was cut at more than 20 messages");
      break;
    }
    await atMessage;
    await within(`${message}: gone`, client.until(removed));
    t.notMatch(await managed(), path, `${message}: not on the bus`);
    t.notMatch(await world.host.ip("link show"), "wwan0");
    await client.take();
    await replug();
    await within(`${message}: works again`, client.until(active));
    await client.take();
  }

  t.ok(daemon.isAlive);
  t.notMatch(daemon.text, /unhandled|uncaught|TypeError|at .*\.[tj]s:\d+/i, "no stack in the log");
  const { code, tookMs } = await daemon.end();
  t.equal(code, 0);
  t.ok(tookMs < 2_000);
  t.strictSame(await world.ofWwand(), []);
});
