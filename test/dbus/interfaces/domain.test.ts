/** The bus over the real domain on a fake driver: what the two promise each other about replies and order holds. */
import t from "tap";
import { Bus } from "../../../src/dbus/bus.js";
import { serveOfono } from "../../../src/dbus/registry.js";
import { createModem } from "../../../src/modem/modem.js";
import { ModemList } from "../../../src/modem/modems.js";
import { PinMemory } from "../../../src/modem/pin.js";
import { systemClock } from "../../../src/runtime/clock.js";
import { ModemError } from "../../../src/runtime/error.js";
import { silentLog } from "../../../src/runtime/log.js";
import { FakeDriver } from "../../fakes/driver.js";
import { MemoryStore } from "../../fakes/store.js";
import { startPrivateBus } from "../../lab/dbus.js";
import { FakeLink } from "../../modem/rig.js";
import { RecordingClient } from "./recording-client.js";
import { contextIface, dataIface, modemIface, path } from "./rig.js";

const gone = new ModemError("unplugged", "the cable was pulled");
const context = `${path}/context1`;
const settings =
  '{"Interface":"wwan0","Method":"static","Address":"10.20.0.2","Netmask":"255.255.255.252","Gateway":"10.20.0.1",' +
  '"DomainNameServers":["10.20.0.1"]}';

async function domainRig(t: { teardown(close: () => Promise<void>): void }) {
  const bus = await startPrivateBus();
  const service = new Bus({ address: bus.address, log: silentLog });
  const modems = new ModemList();
  const withdraw = serveOfono(service, modems, silentLog);
  await service.connect(AbortSignal.timeout(10_000));
  await service.requestName("org.ofono");
  const client = await RecordingClient.connect(bus.address);
  const modem = createModem({
    path,
    driverName: "fake",
    openDriver: async () => new FakeDriver(),
    options: { ipOwner: () => "client", provision: () => [{ apn: "internet" }] },
    store: new MemoryStore(),
    link: new FakeLink(() => undefined),
    clock: systemClock,
    log: silentLog,
    pins: new PinMemory(),
    random: () => 0.5,
  });
  modems.add(modem);
  t.teardown(async () => {
    client.close();
    withdraw();
    await modem.close(gone);
    await service.close();
    await bus.close();
  });
  return { client, modems, modem };
}

/** The entries about one thing, in order. */
const about = (log: readonly string[], words: RegExp): readonly string[] => log.filter((entry) => words.test(entry));

t.test("from off to data, and unplugged under a live bearer", async (t) => {
  const { client, modems, modem } = await domainRig(t);
  await client.set(path, modemIface, "Powered", "b", true);
  await client.until(`${path} Modem Features=["gprs","sim"]`);
  t.strictSame(about(await client.take(), /ModemAdded|reply|Modem (Powered|Interfaces)|SubscriberId|PinRequired/), [
    `/ Manager ModemAdded ${path}`,
    "reply Modem.SetProperty Powered",
    `${path} Modem Powered=true`,
    `${path} Modem Interfaces=["org.ofono.SimManager"]`,
    `${path} SimManager PinRequired="none"`,
    `${path} SimManager SubscriberIdentity="262011234567890"`,
    `${path} Modem Interfaces=["org.ofono.ConnectionManager","org.ofono.SimManager"]`,
  ]);
  await client.set(path, modemIface, "Online", "b", true);
  await client.until(`${path} ConnectionManager Attached=true`);
  t.strictSame(about(await client.take(), /reply|Online|Interfaces|Status|Attached/), [
    "reply Modem.SetProperty Online",
    `${path} Modem Online=true`,
    `${path} Modem Interfaces=["org.ofono.NetworkRegistration","org.ofono.ConnectionManager","org.ofono.SimManager"]`,
    `${path} NetworkRegistration Status="registered"`,
    `${path} ConnectionManager Attached=true`,
  ]);
  await client.set(context, contextIface, "Active", "b", true);
  await client.set(context, contextIface, "Active", "b", true);
  t.strictSame(await client.take(), [
    "reply ConnectionContext.SetProperty Active",
    `${context} ConnectionContext Settings=${settings}`,
    `${context} ConnectionContext Active=true`,
    "reply ConnectionContext.SetProperty Active",
  ]);
  await modem.close(gone);
  modems.remove(modem);
  t.strictSame(await client.take(), [
    `${context} ConnectionContext Settings={}`,
    `${context} ConnectionContext Active=false`,
    `${path} ConnectionManager Attached=false`,
    `${path} ConnectionManager Bearer="none"`,
    `${path} Modem Powered=false`,
    `${path} Modem Online=false`,
    `${path} Modem Interfaces=[]`,
    `${path} Modem Features=[]`,
    `/ Manager ModemRemoved ${path}`,
  ]);
});

t.test("packet data switched off: signals, then the reply; a client's lockdown ends everything", async (t) => {
  const { client } = await domainRig(t);
  await client.set(path, modemIface, "Powered", "b", true);
  await client.until(`${path} Modem Features=["gprs","sim"]`);
  await client.set(path, modemIface, "Online", "b", true);
  await client.until(`${path} ConnectionManager Attached=true`);
  await client.set(context, contextIface, "Active", "b", true);
  await client.take();
  await client.set(path, dataIface, "Powered", "b", false);
  t.strictSame(await client.take(), [
    `${context} ConnectionContext Settings={}`,
    `${context} ConnectionContext Active=false`,
    `${path} ConnectionManager Attached=false`,
    `${path} ConnectionManager Bearer="none"`,
    `${path} ConnectionManager Powered=false`,
    "reply ConnectionManager.SetProperty Powered",
  ]);
  t.equal(await client.outcome(client.set(context, contextIface, "Active", "b", true)), "NotAttached");
  await client.set(path, modemIface, "Lockdown", "b", true);
  await client.until(`${path} Modem Lockdown=true`);
  t.match(await client.properties(path, modemIface), { Powered: false, Online: false, Lockdown: true, Interfaces: [] });
  t.equal(await client.outcome(client.set(path, modemIface, "Powered", "b", true)), "AccessDenied");
  await client.set(path, modemIface, "Lockdown", "b", false);
  t.equal(await client.outcome(client.set(path, modemIface, "Powered", "b", true)), "ok");
});
