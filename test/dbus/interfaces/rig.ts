/** A private dbus-daemon, org.ofono on it over modems in memory, and a client that listens. */
import { Bus } from "../../../src/dbus/bus.js";
import { serveOfono } from "../../../src/dbus/registry.js";
import { silentLog } from "../../../src/runtime/log.js";
import { type FakeModem, type FakeModemOptions, FakeModems } from "../../fakes/modems.js";
import { type PrivateBus, startPrivateBus } from "../../lab/dbus.js";
import { RecordingClient } from "./recording-client.js";

interface Teardown {
  teardown(close: () => Promise<void>): void;
}

export interface Rig {
  readonly bus: PrivateBus;
  readonly service: Bus;
  readonly modems: FakeModems;
  readonly client: RecordingClient;
  /** A second program on the bus. */
  another(): Promise<RecordingClient>;
  /** Takes everything off the bus, as at exit. */
  withdraw(): void;
}

export async function rig(t: Teardown): Promise<Rig> {
  const bus = await startPrivateBus();
  const service = new Bus({ address: bus.address, log: silentLog });
  const modems = new FakeModems();
  const withdraw = serveOfono(service, modems, silentLog);
  await service.connect(AbortSignal.timeout(10_000));
  await service.requestName("org.ofono");
  const clients: RecordingClient[] = [];
  const another = async () => {
    const client = await RecordingClient.connect(bus.address);
    clients.push(client);
    return client;
  };
  t.teardown(async () => {
    for (const client of clients) client.close();
    withdraw();
    await service.close();
    await bus.close();
  });
  return { bus, service, modems, client: await another(), another, withdraw };
}

export const path = "/mbim_0";
export const modemIface = "org.ofono.Modem";
export const simIface = "org.ofono.SimManager";
export const registrationIface = "org.ofono.NetworkRegistration";
export const operatorIface = "org.ofono.NetworkOperator";
export const dataIface = "org.ofono.ConnectionManager";
export const contextIface = "org.ofono.ConnectionContext";

/** A rig with one modem, powered on, its card read. Everything up to there has been taken from the log. */
export async function poweredRig(t: Teardown, options: FakeModemOptions = {}): Promise<Rig & { modem: FakeModem }> {
  const base = await rig(t);
  const modem = base.modems.add(options);
  await base.client.set(path, modemIface, "Powered", "b", true);
  await base.client.until(lastSignal(options));
  await base.client.take();
  return { ...base, modem };
}

function lastSignal(options: FakeModemOptions): string {
  if ("card" in options && options.card === undefined) return `${path} Modem Capabilities=["lte"]`;
  return options.card?.locked === true
    ? `${path} SimManager PinRequired="pin"`
    : `${path} Modem Features=[${options.hasMessages ? '"sms",' : ""}"gprs","sim"]`;
}

/** The same, registered and attached. */
export async function onlineRig(t: Teardown, options: FakeModemOptions = {}): Promise<Rig & { modem: FakeModem }> {
  const base = await poweredRig(t, options);
  await base.client.set(path, modemIface, "Online", "b", true);
  await base.client.until(`${path} ConnectionManager Bearer="lte"`);
  await base.client.take();
  return base;
}
