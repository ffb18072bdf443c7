/**
 * Another composition for a device, because a person asked for it: commands, then the wait for what comes back. Never begun
 * by wwand itself: a device that is a modem stays as it is.
 */
import { abortable } from "../runtime/abort.js";
import { type Clock, deadline } from "../runtime/clock.js";
import { ModemError } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import type { Discovery, FoundDevice } from "./discovery.js";
import { deviceText } from "./explain.js";

export interface SwitchingSetup {
  readonly discovery: Pick<Discovery, "devices" | "events">;
  /** Resolves when the device has taken the last one. */
  readonly send: (device: FoundDevice, commands: readonly string[]) => Promise<void>;
  /** The IMEI of what was plugged in then, whoever read it. */
  readonly imeiOf: (device: FoundDevice) => string | undefined;
  /** wwand is ending: nobody waits any longer. */
  readonly ended: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
}

/** What the device has become. */
export interface Switched {
  readonly device: FoundDevice;
  /** The composition that it was; empty where nobody has written down how it becomes that again. */
  readonly back: string;
}

type Wanted = FoundDevice["report"]["composition"]["others"][number];

/** A modem leaves within seconds of the command; only some first shut down in order. */
const leaveMs = 30_000;
/** Firmware starts within 10 to 40 s; the kernel's drivers and the first answers come on top. */
const returnMs = 120_000;

export class Switching {
  /** By place: one switch of a device at a time. */
  readonly #running = new Set<string>();

  constructor(private readonly setup: SwitchingSetup) {}

  /**
   * @param name As the device's `composition.others` has it.
   * @throws ModemError `invalid`: it has no such composition; `busy`; `timeout`: it did not leave, or did not come back;
   * `refused`: it came back as something else; what sending the commands ended with
   */
  async switch(plugging: string, name: string): Promise<Switched> {
    const device = this.setup.discovery.devices.find((one) => one.plugging === plugging);
    if (device === undefined) throw new ModemError("unplugged", "the device is gone");
    const wanted = compositionNamed(device, name);
    const { path } = device.report.device;
    if (this.#running.has(path)) throw new ModemError("busy", "it is being switched already");
    this.#running.add(path);
    try {
      return await this.#switch(device, wanted);
    } finally {
      this.#running.delete(path);
    }
  }

  async #switch(device: FoundDevice, { name, commands }: Wanted): Promise<Switched> {
    const { log, send, imeiOf } = this.setup;
    const imei = imeiOf(device);
    const was = device.report.composition.now;
    log.notice("composition is switched, as asked", { device: deviceText(device.report.device), from: was, to: name });
    await send(device, commands).catch((error: unknown) => {
      // It may be gone before whoever has the port knows that it was for this.
      if (!(error instanceof ModemError) || error.code !== "unplugged") throw error;
    });
    await this.#until("it has taken the command, and stays as it is", leaveMs, () => this.#isGone(device));
    const returned = await this.#until(`it left, and did not come back as ${name}`, returnMs, () =>
      this.#returned(device, name, imei),
    );
    const now = returned.report.composition.now;
    this.#judge(returned, name, imei);
    log.notice("composition was switched", { device: deviceText(returned.report.device), from: was, to: now });
    const canReturn = returned.report.composition.others.some((other) => other.name === was);
    return { device: returned, back: canReturn ? was : "" };
  }

  #judge(returned: FoundDevice, name: string, imei: string | undefined): void {
    const found = this.setup.imeiOf(returned);
    if (imei !== undefined && found !== undefined && found !== imei)
      throw new ModemError("refused", "another modem is plugged in there now");
    const { now } = returned.report.composition;
    if (now !== name) throw new ModemError("refused", `it came back as ${now}, not as ${name}`);
  }

  /** Undefined while it is still there. */
  #isGone({ plugging }: FoundDevice): true | undefined {
    return this.setup.discovery.devices.some((one) => one.plugging === plugging) ? undefined : true;
  }

  /** At the same place, or wherever the IMEI says that it is the same; when it is known what it is. */
  #returned(before: FoundDevice, name: string, imei: string | undefined): FoundDevice | undefined {
    const { discovery, imeiOf } = this.setup;
    const isSame = (one: FoundDevice) =>
      one.report.device.path === before.report.device.path || (imei !== undefined && imeiOf(one) === imei);
    return discovery.devices.find(
      (one) =>
        one.plugging !== before.plugging &&
        isSame(one) &&
        one.certainty === "known" &&
        (one.isComplete || one.report.composition.now === name),
    );
  }

  async #until<T>(lateText: string, timeoutMs: number, look: () => T | undefined): Promise<T> {
    const { clock, discovery, ended } = this.setup;
    const late = () => new ModemError("timeout", `${lateText}, within ${timeoutMs / 1_000} s`);
    const wait = deadline(clock, timeoutMs, ended, late);
    let again = () => undefined as unknown;
    try {
      const seen = new Promise<T>((resolve) => {
        again = () => {
          const found = look();
          if (found !== undefined) resolve(found);
        };
        discovery.events.on("changed", again);
        again();
      });
      return await abortable(seen, "the switch", wait.signal);
    } finally {
      discovery.events.off("changed", again);
      wait.release();
    }
  }
}

/** Case is not worth a refusal. */
function compositionNamed({ report: { composition } }: FoundDevice, name: string): Wanted {
  const wanted = composition.others.find((other) => other.name.toLowerCase() === name.toLowerCase());
  if (wanted !== undefined) return wanted;
  const names = composition.others.map((other) => other.name).join(", ");
  throw new ModemError(
    "invalid",
    `it is ${composition.now} now, and could become: ${names || "nothing that is known"}`,
  );
}
