/** A connection over PPP: negotiated by pppd, told as the settings of its interface and as the cause of its end. */
import { isDeepStrictEqual } from "node:util";
import { EventEmitter } from "eventemitter3";
import type { IpSettings } from "../network/types.js";
import { abortable, abortError } from "../runtime/abort.js";
import { type Clock, deadline } from "../runtime/clock.js";
import { ModemError } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import type { Program, ProgramEnd } from "../runtime/program.js";
import { causeOfEnd } from "./causes.js";
import { type Heard, heardAfter, isPrivate, nothingHeard } from "./log-lines.js";
import { startPppd } from "./pppd.js";
import type { PppRequest } from "./request.js";
import { settingsOf } from "./settings.js";

export interface PppEvents {
  /** The network gave other addresses, or the second family came late. */
  changed: [settings: IpSettings];
  /** Not after `stop`. pppd is gone, and the port free. */
  ended: [cause: ModemError];
}

export interface PppContext {
  readonly clock: Clock;
  readonly log: Log;
}

/** pppd itself gives LCP, authentication and IPCP 30 s each. */
const startTimeoutMs = 90_000;
/** For the second family, once one is up. */
const secondFamilyTimeoutMs = 3_000;
/** LCP Terminate-Request and its answer; a peer that does not answer is asked twice, 3 s apart. */
const hangUpMs = 5_000;

export class PppConnection {
  readonly events = new EventEmitter<PppEvents>();
  readonly #program: Program;
  readonly #ended: Promise<ProgramEnd>;
  #heard: Heard = nothingHeard;
  #settings: IpSettings | undefined;
  #isStopping = false;
  #lineHeard: () => void = () => undefined;

  private constructor(
    private readonly request: PppRequest,
    private readonly context: PppContext,
  ) {
    this.#program = startPppd(request, (line) => this.#hear(line));
    this.#ended = this.#program.ended;
  }

  /**
   * Resolves when addresses are there: of both families, where both are asked for and come within seconds of each other.
   * When it rejects, pppd is gone and the port is free again.
   * @throws ModemError with pppd's exit code as `failure`; `unsupported`, `unplugged` or `invalid` as `startPppd`; the
   *   signal's reason
   */
  static async start(request: PppRequest, context: PppContext, signal: AbortSignal): Promise<PppConnection> {
    if (signal.aborted) throw abortError("PPP", signal);
    const connection = new PppConnection(request, context);
    try {
      await connection.#comeUp(signal);
      return connection;
    } catch (error) {
      await connection.stop();
      throw error;
    }
  }

  /** As the kernel has it; pppd makes and removes it. */
  get interfaceName(): string {
    return this.#heard.interfaceName ?? "";
  }

  get settings(): IpSettings {
    return this.#settings ?? {};
  }

  /** Both families were asked for, and the modem has said that it does not know the other. */
  get only(): "ip" | "ipv6" | undefined {
    if (this.request.families !== "dual") return undefined;
    const { ipv4Rejected, ipv6Rejected } = this.#heard;
    return ipv6Rejected ? "ip" : ipv4Rejected ? "ipv6" : undefined;
  }

  /** Hangs up in order (LCP terminate, DTR); resolves when pppd is gone, killed after `graceMs`. Idempotent. */
  async stop(graceMs = hangUpMs): Promise<void> {
    this.#isStopping = true;
    await this.#program.stop(this.context.clock, graceMs);
  }

  #hear(line: string): void {
    if (!isPrivate(line)) this.context.log.debug(`pppd: ${line}`);
    this.#heard = heardAfter(this.#heard, line);
    this.#lineHeard();
  }

  async #comeUp(signal: AbortSignal): Promise<void> {
    const failed = this.#ended.then((end) => {
      throw causeOfEnd(this.#heard, end, false, this.request);
    });
    failed.catch(() => undefined); // heard below, if it comes first
    const { clock } = this.context;
    const late = () => new ModemError("timeout", `PPP is not up after ${startTimeoutMs / 1000} s`);
    const wait = deadline(clock, startTimeoutMs, signal, late);
    try {
      await abortable(Promise.race([this.#until(isUp), failed]), "PPP", wait.signal);
      await abortable(Promise.race([this.#secondFamily(), failed]), "PPP", wait.signal);
    } finally {
      wait.release();
    }
    this.#follow();
  }

  /** Resolves when it is up or known not to come, or has not come for long. */
  async #secondFamily(): Promise<void> {
    const isTold = this.#until((heard) => isAllTold(heard, this.request.families));
    let cancel: () => void = () => undefined;
    const late = new Promise<void>((resolve) => {
      cancel = this.context.clock.after(secondFamilyTimeoutMs, resolve);
    });
    await Promise.race([isTold, late, this.#ended]);
    cancel();
  }

  #until(holds: (heard: Heard) => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#lineHeard = () => {
        if (holds(this.#heard)) resolve();
      };
      this.#lineHeard();
    });
  }

  #follow(): void {
    this.#settings = settingsOf(this.#heard);
    this.#lineHeard = () => this.#changed();
    void this.#ended.then((end) => {
      if (!this.#isStopping) this.events.emit("ended", causeOfEnd(this.#heard, end, true, this.request));
    });
  }

  #changed(): void {
    const settings = settingsOf(this.#heard);
    // Addresses come line by line.
    const isWhole = this.#heard.ipv4Up || this.#heard.address === undefined;
    if (!isWhole || isDeepStrictEqual(settings, this.#settings)) return;
    this.#settings = settings;
    this.events.emit("changed", settings);
  }
}

const isUp = ({ ipv4Up, ipv6Up }: Heard): boolean => ipv4Up || ipv6Up;

const isAllTold = ({ ipv4Up, ipv4Rejected, ipv6Up, ipv6Rejected }: Heard, families: PppRequest["families"]): boolean =>
  (families === "ipv6" || ipv4Up || ipv4Rejected) && (families === "ip" || ipv6Up || ipv6Rejected);
