/** What every suite over both protocols needs: a driver, the virtual modem at its cable, and time that only a test moves. */

import { openSinglePortDriver } from "../../src/drivers/at/single-port.js";
import { openAtDriver } from "../../src/drivers/at.js";
import { openMbimDriver } from "../../src/drivers/mbim.js";
import { openQmiDriver } from "../../src/drivers/qmi.js";
import type { Driver, DriverEvents } from "../../src/modem/ports.js";
import type { DataCallRequest } from "../../src/modem/types.js";
import { decodeFrame } from "../../src/qmi/frame.js";
import { nameOf } from "../../src/qmi/frame-log.js";
import type { Clock } from "../../src/runtime/clock.js";
import type { ByteLink, FrameLink } from "../../src/runtime/link.js";
import { silentLog } from "../../src/runtime/log.js";
import type { AtProfile, VirtualProfile } from "../../src/virtual/model/profile.js";
import { settle, VirtualClock } from "../fakes/clock.js";
import { type CableOptions, FaceCable } from "./face-cable.js";
import { parts, sessionInterfaces } from "./mbim-rig.js";

export const never = new AbortController().signal;
export const internet: DataCallRequest = { apn: "internet", username: "", password: "", auth: "none", protocol: "ip" };

export interface Kind {
  readonly name: "mbim" | "qmi" | "at" | "at huawei" | "at sim7600" | "at a76xx" | "at quectel" | "at cmux";
  readonly face: "mbim" | "qmi" | "at";
  /** The modem that speaks so, where it is another one. */
  readonly at?: { readonly maker: string; readonly model: string } & Pick<AtProfile, "dialect" | "cmux">;
  open(link: FrameLink | ByteLink, clock: Clock): Promise<Driver>;
}

const common = { interfaceName: "wwan0", log: silentLog, signal: never };
/** An interface that nothing goes through. */
const counters = async () => ({
  ...{ rxBytes: 0, txBytes: 0, rxPackets: 0, txPackets: 0, rxErrors: 0, txErrors: 0, rxDrops: 0, txDrops: 0 },
});
const openAt: Kind["open"] = (link, clock) => openAtDriver(link, { ...common, clock, counters });

const openAtSinglePort: Kind["open"] = (link, clock) => {
  if (link.kind !== "bytes") throw new Error("a serial line has no frames");
  const options = { log: silentLog, signal: never, clock, baudRate: 115_200, record: (it: ByteLink) => it };
  return openSinglePortDriver(link, options);
};

/** Protocols of messages. */
export const messageKinds: readonly (Kind & { readonly name: "mbim" | "qmi" })[] = [
  {
    name: "mbim",
    face: "mbim",
    open: (link, clock) => openMbimDriver(link, { ...common, clock, sessionLinks: sessionInterfaces().sessionLinks }),
  },
  { name: "qmi", face: "qmi", open: (link, clock) => openQmiDriver(link, { ...common, clock }) },
];

/** Every driver, AT in each dialect. */
export const kinds: readonly Kind[] = [
  ...messageKinds,
  { name: "at", face: "at", open: openAt },
  {
    name: "at huawei",
    face: "at",
    at: { maker: "huawei", model: "E3372", dialect: "huaweiBalong" },
    open: openAt,
  },
  {
    name: "at sim7600",
    face: "at",
    at: { maker: "SIMCOM INCORPORATED", model: "SIMCOM_SIM7600G-H", dialect: "sim7600" },
    open: openAt,
  },
  {
    name: "at a76xx",
    face: "at",
    at: { maker: "INCORPORATED", model: "A7670E-FASE", dialect: "a76xx" },
    open: openAt,
  },
  { name: "at quectel", face: "at", at: { maker: "Quectel", model: "EC25", dialect: "quectel" }, open: openAt },
  // Over one line, as on a UART.
  {
    name: "at cmux",
    face: "at",
    at: {
      ...{ maker: "wwand", model: "Virtual AT Modem", dialect: "generic" },
      cmux: { channels: 3, ranges: "(0),(0),(1-6),(1-1509),(1-255),(0-5),(2-255),," },
    },
    open: openAtSinglePort,
  },
];

/** `profile` as the modem of this kind. */
const asKind = ({ at }: Kind, profile: VirtualProfile): VirtualProfile =>
  at === undefined
    ? profile
    : {
        ...profile,
        at: { dialect: at.dialect, ...(at.cmux === undefined ? {} : { cmux: at.cmux }) },
        device: { ...profile.device, manufacturer: at.maker, model: at.model },
      };

/** A driver over a face of the virtual modem, and what it told. */
export class Rig {
  readonly clock = new VirtualClock();
  readonly cable: FaceCable;
  /** `event`, then its arguments. */
  readonly heard: unknown[][] = [];

  /** Once it is open. */
  driver: Driver | undefined;

  constructor(
    readonly kind: Kind,
    profile: VirtualProfile,
    options: CableOptions = {},
  ) {
    this.cable = new FaceCable(kind.face, asKind(kind, profile), this.clock, {
      // AT over frames is for the few that have it in cdc-wdm.
      ...(kind.face === "at" ? { kind: "bytes" } : {}),
      ...options,
    });
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
    this.driver = driver;
    const events = ["simChanged", "radioChanged", "registrationChanged", "packetServiceChanged"] as const;
    const more = [
      "signalChanged",
      "callEnded",
      "callSettingsChanged",
      "simSlotsChanged",
      "callOptionsTold",
      "ussdSaid",
      "gone",
    ] as const;
    for (const name of [...events, ...more] satisfies readonly (keyof DriverEvents)[])
      driver.events.on(name, (...args: unknown[]) => this.heard.push([name, ...args]));
    return driver;
  }

  last(event: keyof DriverEvents): unknown[] {
    return this.heard.findLast(([name]) => name === event)?.slice(1) ?? [];
  }
}

/** Registered and attached. */
export async function online(rig: Rig): Promise<ReturnType<typeof parts>> {
  const all = parts({ driver: await rig.open() });
  await rig.pass(300);
  await rig.soon(all.packetService.attach(never));
  return all;
}

/** The same link; `said` is told the name of each QMI request that goes out. */
export const overheard = <L extends ByteLink | FrameLink>(link: L, said: (name: string) => void): L => ({
  ...link,
  write: (bytes: Buffer) => {
    said(nameOf(decodeFrame(Buffer.from(bytes))));
    return link.write(bytes);
  },
});
