/** Opens the driver over a scripted modem and writes down what it reports. */
import type { SessionLink, SessionLinks } from "../../src/drivers/mbim/session.js";
import { openMbimDriver } from "../../src/drivers/mbim.js";
import type { Driver, DriverEvents } from "../../src/modem/ports.js";
import type { DataCallRequest } from "../../src/modem/types.js";
import { ModemError } from "../../src/runtime/error.js";
import { createLog } from "../../src/runtime/log.js";
import { settle, VirtualClock } from "../fakes/clock.js";
import { ScriptedModem } from "./mbim-modem.js";

export const never = new AbortController().signal;

export const internet: DataCallRequest = {
  apn: "internet",
  username: "",
  password: "",
  auth: "none",
  protocol: "ip",
};

export interface Rig {
  readonly clock: VirtualClock;
  readonly modem: ScriptedModem;
  readonly driver: Driver;
  /** `event`, then its arguments. */
  readonly heard: unknown[][];
  readonly warnings: string[];
  /** Interfaces of sessions beside the first. */
  readonly interfaces: ReadonlySet<string>;
  /** The kernel makes no more of them. */
  refuseInterfaces(error: Error | undefined): void;
  /** Runs what is pending, then `ms` of time. */
  pass(ms?: number): Promise<void>;
  /** Waits for `promise` while turns and time pass. */
  soon<T>(promise: Promise<T>, ms?: number): Promise<T>;
}

const eventNames = [
  "simChanged",
  "radioChanged",
  "registrationChanged",
  "signalChanged",
  "packetServiceChanged",
  "callEnded",
  "callSettingsChanged",
  "gone",
] as const satisfies readonly (keyof DriverEvents)[];

/** A kernel that gives each session what it asks for. */
export function sessionInterfaces() {
  const interfaces = new Set<string>();
  let refusal: Error | undefined;
  const refuseInterfaces = (error: Error | undefined): void => {
    refusal = error;
  };
  const open = async (sessionId: number): Promise<SessionLink> => {
    const interfaceName = `wwan0.${sessionId}`;
    if (refusal) throw refusal;
    interfaces.add(interfaceName);
    return { interfaceName, close: async () => void interfaces.delete(interfaceName) };
  };
  return { interfaces, refuseInterfaces, sessionLinks: { open } satisfies SessionLinks };
}

export async function passOn(clock: VirtualClock, ms = 0): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await settle();
  await clock.advance(ms);
  for (let turn = 0; turn < 20; turn++) await settle();
}

export async function rig(prepare: (modem: ScriptedModem) => void = () => undefined): Promise<Rig> {
  const clock = new VirtualClock();
  const modem = new ScriptedModem({ clock });
  prepare(modem);
  const warnings: string[] = [];
  const log = createLog("warning", (line) => warnings.push(line));
  const pass = (ms = 0) => passOn(clock, ms);
  const soon = async <T>(promise: Promise<T>, ms = 0): Promise<T> => {
    const settled = promise.then(
      (value) => () => value,
      (error: unknown) => () => {
        throw error;
      },
    );
    await pass(ms);
    return (await settled)();
  };
  const { interfaces, refuseInterfaces, sessionLinks } = sessionInterfaces();
  const options = { interfaceName: "wwan0", sessionLinks, log, clock, signal: never };
  const driver = await soon(openMbimDriver(modem.link, options));
  const heard: unknown[][] = [];
  for (const name of eventNames) driver.events.on(name, (...args: unknown[]) => heard.push([name, ...args]));
  return { clock, modem, driver, heard, warnings, interfaces, refuseInterfaces, pass, soon };
}

/** The parts that a test needs, which the type calls optional. */
export function parts({ driver }: Pick<Rig, "driver">) {
  const { sim, radio, registration, signal, packetService, dataCalls } = driver;
  if (!sim || !radio || !registration || !signal || !packetService) throw new Error("a part is missing");
  return {
    ...{ sim, radio, registration, signal, packetService },
    get dataCalls() {
      if (!dataCalls) throw new Error("the driver makes no calls");
      return dataCalls;
    },
  };
}

export const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "resolved",
    (error: unknown) => (error instanceof ModemError ? error.code : `not a ModemError: ${String(error)}`),
  );
