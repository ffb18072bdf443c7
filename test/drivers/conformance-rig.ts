/** Every driver over the same virtual modem, and how the lists of promises are held against each. */
import t, { type Test } from "tap";
import { openMbimDriver } from "../../src/drivers/mbim.js";
import { openQmiDriver } from "../../src/drivers/qmi.js";
import type { Driver, DriverEvents } from "../../src/modem/ports.js";
import type { Clock } from "../../src/runtime/clock.js";
import type { FrameLink } from "../../src/runtime/link.js";
import { silentLog } from "../../src/runtime/log.js";
import type { VirtualProfile } from "../../src/virtual/model/profile.js";
import { settle, VirtualClock } from "../fakes/clock.js";
import { FaceCable } from "./face-cable.js";

export const never = new AbortController().signal;

interface Kind {
  readonly name: "mbim" | "qmi";
  open(link: FrameLink, clock: Clock): Promise<Driver>;
  /** Promises that this protocol cannot keep, and why. */
  readonly skip: Readonly<Record<string, string>>;
}

const common = { interfaceName: "wwan0", log: silentLog, signal: never };
const kinds: readonly Kind[] = [
  {
    name: "mbim",
    open: (link, clock) => openMbimDriver(link, { ...common, clock }),
    skip: Object.fromEntries(
      [
        "tells the signal by itself once it has moved far enough, and not before",
        "names the serving cell and those around it",
        "tells when another cell takes over",
        "reads which modes and bands there are, and uses those that it is told",
        "names the lock that keeps the radio off",
        "lists slots and cards, and takes the card of another slot",
        "reads and clears the list of networks that refused the card",
        "passes APDUs through logical channels, each its own",
      ].map((promise) => [promise, "the MBIM driver has no such port yet"]),
    ),
  },
  { name: "qmi", open: (link, clock) => openQmiDriver(link, { ...common, clock }), skip: {} },
];

export class Rig {
  readonly clock = new VirtualClock();
  readonly cable: FaceCable;
  /** `event`, then its arguments. */
  readonly heard: unknown[][] = [];

  constructor(
    readonly kind: Kind,
    profile: VirtualProfile,
  ) {
    this.cable = new FaceCable(kind.name, profile, this.clock);
  }

  get machine() {
    return this.cable.machine;
  }

  async pass(ms = 0): Promise<void> {
    for (let turn = 0; turn < 30; turn++) await settle();
    await this.clock.advance(ms);
    for (let turn = 0; turn < 30; turn++) await settle();
  }

  /** Waits for `promise` while turns and time pass, up to `ms`. */
  async soon<T>(promise: Promise<T>, ms = 2_000): Promise<T> {
    let done = false;
    const settled = promise.finally(() => {
      done = true;
    });
    settled.catch(() => undefined);
    for (let passed = 0; !done && passed < ms; passed += 20) await this.pass(20);
    return settled;
  }

  async open(): Promise<Driver> {
    const driver = await this.soon(this.kind.open(this.cable.link, this.clock));
    const events = ["simChanged", "radioChanged", "registrationChanged", "packetServiceChanged"] as const;
    const more = ["signalChanged", "callEnded", "callSettingsChanged", "simSlotsChanged", "gone"] as const;
    for (const name of [...events, ...more] satisfies readonly (keyof DriverEvents)[])
      driver.events.on(name, (...args: unknown[]) => this.heard.push([name, ...args]));
    return driver;
  }

  last(event: keyof DriverEvents): unknown[] {
    return this.heard.findLast(([name]) => name === event)?.slice(1) ?? [];
  }
}

export type Keeps = (t: Test, rig: Rig) => Promise<unknown>;

export type Promises = Readonly<Record<string, Keeps>>;

/** One test for each kind of driver and promise; a skip names its reason. */
export function hold(promises: Promises, profile: VirtualProfile): void {
  for (const kind of kinds)
    for (const [promise, keeps] of Object.entries(promises))
      t.test(`${kind.name} ${promise}`, { skip: kind.skip[promise] ?? false }, async (t) => {
        const rig = new Rig(kind, profile);
        t.teardown(() => rig.cable.unplug());
        await keeps(t, rig);
      });
}
