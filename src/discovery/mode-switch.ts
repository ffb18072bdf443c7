/**
 * Sticks that begin as a disc with drivers are made modems by usb_modeswitch, once for each plugging-in, where it and its
 * data are installed. A device that already is a modem is never touched.
 */
import { type Clock, deadline } from "../runtime/clock.js";
import { errorText, ModemError } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import { findProgram, Program } from "../runtime/program.js";
import type { FoundDevice } from "./discovery.js";
import { deviceText } from "./explain.js";
import { type DeviceSnapshot, idsOf } from "./snapshot.js";
import { switchRule } from "./switch-rules.js";

export interface ModeSwitchSetup {
  /** As configured now. */
  readonly isWanted: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
  /** It is still a disc; `failure` in words. */
  readonly failed: (plugging: string, failure: string) => void;
  /** The full path of usb_modeswitch; undefined where it is not installed. */
  readonly program?: () => string | undefined;
  /** What its database says of these ids. */
  readonly rule?: (ids: string) => Promise<string | undefined>;
}

/** Debian's udev rule runs the same program: where udevd does it, there is nothing left to do. */
const graceMs = 5_000;
/** It waits up to 20 s for what the stick becomes. */
const runMs = 40_000;
const killMs = 2_000;

export class ModeSwitch {
  readonly #program: () => string | undefined;
  readonly #rule: (ids: string) => Promise<string | undefined>;
  /** By plugging-in: a stick that has been tried stays here until it is pulled. */
  readonly #attempts = new Map<string, { readonly stop: () => void }>();
  readonly #closed = new AbortController();

  constructor(private readonly setup: ModeSwitchSetup) {
    this.#program = setup.program ?? (() => findProgram("usb_modeswitch"));
    this.#rule = setup.rule ?? switchRule;
  }

  follow(devices: readonly FoundDevice[]): void {
    const discs = devices.filter(({ certainty, report }) => certainty === "known" && report.verdict.is === "storage");
    const present = new Set(discs.map(({ plugging }) => plugging));
    for (const [plugging, { stop }] of this.#attempts) {
      if (present.has(plugging)) continue;
      this.#attempts.delete(plugging);
      stop();
    }
    for (const { plugging, report } of discs) if (!this.#attempts.has(plugging)) this.#begin(plugging, report.device);
  }

  /** Begins nothing any more, and ends what runs. */
  close(): void {
    for (const { stop } of this.#attempts.values()) stop();
    this.#attempts.clear();
    this.#closed.abort();
  }

  #begin(plugging: string, device: DeviceSnapshot): void {
    const { clock, isWanted, failed } = this.setup;
    if (!isWanted()) return;
    const ended = new AbortController();
    const cancel = clock.after(graceMs, () => {
      this.#attempt(device, ended.signal).then(
        // Gone is what it should become.
        (failure) => (failure === undefined || ended.signal.aborted ? undefined : failed(plugging, failure)),
        (error: unknown) => failed(plugging, errorText(error)),
      );
    });
    const stop = () => {
      cancel();
      ended.abort();
    };
    this.#attempts.set(plugging, { stop });
  }

  /** Undefined: there was nothing to try. */
  async #attempt(device: DeviceSnapshot, ended: AbortSignal): Promise<string | undefined> {
    const program = this.#program();
    // The device's own finding says what to do by hand.
    if (program === undefined || device.bus !== "usb") return undefined;
    const rule = await this.#rule(idsOf(device));
    if (rule === undefined || ended.aborted) return undefined;
    this.setup.log.notice(`${deviceText(device)} is made a modem by usb_modeswitch`);
    return `usb_modeswitch ${await this.#run([program, ...argumentsFor(device, rule)])}`;
  }

  /** What became of it, in words. It runs on when the disc has left: it has more to say to some sticks. */
  async #run(command: readonly [string, ...string[]]): Promise<string> {
    const { clock, log } = this.setup;
    let last = "";
    const onLine = (line: string) => {
      last = line.trim() || last;
      log.debug(`usb_modeswitch: ${line}`);
    };
    const running = new Program({ command, onLine });
    const late = () => new ModemError("timeout", `did not end within ${runMs / 1_000} s`);
    const wait = deadline(clock, runMs, this.#closed.signal, late);
    wait.signal.addEventListener("abort", () => void running.stop(clock, killMs), { once: true });
    const { exitCode, error } = await running.ended;
    wait.release();
    if (error !== undefined) return `could not be started: ${errorText(error)}`;
    const how = wait.signal.aborted ? late().message : `ended with exit code ${exitCode ?? "none"}`;
    return last === "" ? how : `${how}, saying "${last}"`;
  }
}

/** Which of several sticks: its bus, and its number there, which is what makes it this plugging-in. */
const argumentsFor = ({ vendor, product, address, plugging }: DeviceSnapshot, rule: string): readonly string[] => [
  ...["-v", vendor, "-p", product, "-b", address.split("-")[0] ?? "", "-g", plugging],
  // Its own check tells whether it has come to something.
  ...["-s", "20", "-f", rule],
];
