/** The daemon while it comes, changes and goes: what commands that wait or follow need of the bus. */
import type { Bus } from "../dbus/bus.js";
import { type Call, managedObjects, type OnlineSnapshot, type PlainDict, readOnline } from "./snapshot.js";

export type LiveBus = Pick<Bus, "call" | "connect" | "subscribe" | "watchName">;

const name = "net.wwand";
const standard = "org.freedesktop.DBus";
/** A daemon that is stuck must not keep the one that waits longer than it wants to. */
const answerTimeoutMs = 2_000;

const liveCall =
  (bus: LiveBus): Call =>
  (destination, path, iface, member, signature = "", body = []) =>
    bus.call(destination, path, iface, member, signature, body, { timeoutMs: answerTimeoutMs });

/** What carries traffic now; undefined while no daemon answers. */
export const readIfThere = (bus: LiveBus): Promise<OnlineSnapshot | undefined> =>
  readOnline(liveCall(bus)).catch(() => undefined);

/** All objects of the daemon; none while no daemon answers. */
export const readObjects = (bus: LiveBus): Promise<PlainDict> => managedObjects(liveCall(bus)).catch(() => ({}));

/** Something may have changed: the daemon signalled, came or went. From the first of these calls on nothing is missed. */
export class Changes {
  readonly #stops: readonly (() => void)[];
  #hasChanged = false;
  #wake: () => void = () => undefined;

  constructor(bus: LiveBus) {
    const changed = () => {
      this.#hasChanged = true;
      this.#wake();
    };
    this.#stops = [
      bus.subscribe({ sender: name, interface: `${standard}.Properties` }, changed),
      bus.subscribe({ sender: name, interface: `${standard}.ObjectManager` }, changed),
      bus.watchName(name, changed),
    ];
  }

  /** Resolves at the next change, or after `mostMs`. */
  async next(mostMs: number): Promise<void> {
    if (!this.#hasChanged)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, mostMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    this.#hasChanged = false;
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }
}
