/**
 * What a client does with a modem, on either API: it hears that there is one, asks at once for it to be used, and hears that
 * it is registered. The same for wwand and ofonod, which speak the same.
 */
import type { BusEar, Signal } from "../../bus-ear.js";

export interface Moments {
  /** `performance.now()`. */
  readonly listedMs: number;
  readonly registeredMs: number;
}

export interface Client {
  readonly service: string;
  /** Everything since `mark`. Rejects when it takes too long, or the daemon refuses. */
  follow(ear: BusEar, mark: number): Promise<Moments>;
  /** Resolves when the modem was taken off the list since `mark`. */
  gone(ear: BusEar, mark: number): Promise<unknown>;
}

/** ModemManager asks a silent port for 20 s. */
const listedLimitMs = 90_000;
const registeredLimitMs = 60_000;
const goneLimitMs = 30_000;

const modemInterface = "org.ofono.Modem";
const networkInterface = "org.ofono.NetworkRegistration";
const isRegistered = (status: unknown): boolean => status === "registered" || status === "roaming";

export const ofono: Client = {
  service: "org.ofono",
  async follow(ear, mark) {
    const { signals } = ear;
    const isAdded = ({ name }: Signal) => name === "org.ofono.Manager.ModemAdded";
    const listed = await signals.until("ModemAdded", isAdded, mark, listedLimitMs);
    const path = String(listed.body[0]);
    const registered = Promise.any([statusTold(ear, path, mark), statusShown(ear, path, mark)]);
    registered.catch(() => undefined); // a refusal to be switched on comes first
    await Promise.race([switchOn(ear, path), registered]);
    return { listedMs: listed.atMs, registeredMs: await registered };
  },
  gone: (ear, mark) =>
    ear.signals.until("ModemRemoved", ({ name }) => name === "org.ofono.Manager.ModemRemoved", mark, goneLimitMs),
};

/** Powered, then Online; ofonod refuses Online until it has read the card, and is asked again at each word of the modem. */
export async function switchOn(ear: BusEar, path: string): Promise<void> {
  await ear.set(path, modemInterface, "Powered", true);
  for (;;) {
    const { mark } = ear.signals;
    const refusal = await ear.set(path, modemInterface, "Online", true).then(() => undefined, String);
    if (refusal === undefined) return;
    await ear.signals.until(`Online: ${refusal}`, (signal) => signal.path === path, mark, registeredLimitMs);
  }
}

/** By a signal. */
export async function statusTold(ear: BusEar, path: string, mark: number): Promise<number> {
  const tells = (signal: Signal) =>
    signal.path === path &&
    signal.name === `${networkInterface}.PropertyChanged` &&
    signal.body[0] === "Status" &&
    isRegistered(signal.body[1]);
  return (await ear.signals.until("Status=registered", tells, mark, listedLimitMs)).atMs;
}

/** By asking when the interface is there, for whoever was registered before he had it. Rejects when he was not. */
async function statusShown(ear: BusEar, path: string, mark: number): Promise<number> {
  const has = (signal: Signal) =>
    signal.path === path &&
    signal.name === `${modemInterface}.PropertyChanged` &&
    signal.body[0] === "Interfaces" &&
    JSON.stringify(signal.body[1]).includes(networkInterface);
  await ear.signals.until("NetworkRegistration", has, mark, listedLimitMs);
  const [properties] = await ear.call(path, `${networkInterface}.GetProperties`);
  if (!isRegistered(Object(properties).Status)) throw new Error("not yet");
  return performance.now();
}

/** MM_MODEM_STATE_REGISTERED; what comes after it is more. @see ModemManager-enums.h */
const registeredState = 8;

export const modemManager: Client = {
  service: "org.freedesktop.ModemManager1",
  async follow(ear, mark) {
    const { signals } = ear;
    const isAdded = ({ name, body }: Signal) =>
      name === "org.freedesktop.DBus.ObjectManager.InterfacesAdded" && /\/Modem\/\d+$/.test(String(body[0]));
    const listed = await signals.until("InterfacesAdded", isAdded, mark, listedLimitMs);
    const path = String(listed.body[0]);
    const changed = (signal: Signal) =>
      signal.path === path &&
      signal.name === "org.freedesktop.ModemManager1.Modem.StateChanged" &&
      Number(signal.body[1]) >= registeredState;
    const registered = signals.until("State=registered", changed, mark, registeredLimitMs);
    const enabled = ear.call(path, "org.freedesktop.ModemManager1.Modem.Enable", "b", true);
    const [{ atMs }] = await Promise.all([registered, enabled]);
    return { listedMs: listed.atMs, registeredMs: atMs };
  },
  gone: (ear, mark) =>
    ear.signals.until(
      "InterfacesRemoved",
      ({ name, body }) => name.endsWith(".InterfacesRemoved") && /\/Modem\/\d+$/.test(String(body[0])),
      mark,
      goneLimitMs,
    ),
};
