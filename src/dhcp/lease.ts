/** An address by DHCP, kept by udhcpc: told as the settings of its interface and as the cause of its loss. */
import { isDeepStrictEqual } from "node:util";
import { EventEmitter } from "eventemitter3";
import type { IpSettings } from "../network/types.js";
import { abortable, abortError } from "../runtime/abort.js";
import { type Clock, deadline } from "../runtime/clock.js";
import { type FailureCause, ModemError, type ModemErrorCode } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import type { Program, ProgramEnd } from "../runtime/program.js";
import type { DhcpEvent } from "./report.js";
import { startUdhcpc } from "./udhcpc.js";

export interface DhcpLeaseEvents {
  /** Another lease, or the same with other values. A renewal without a change is not told. */
  changed: [settings: IpSettings];
  /** Not after `stop`. The address is not ours any more, no other came within seconds, and udhcpc is ending. */
  ended: [cause: ModemError];
}

export interface DhcpContext {
  readonly clock: Clock;
  readonly log: Log;
}

/** Four rounds of questions. A modem's own server answers the first at once. */
const startTimeoutMs = 30_000;
/** A server that refuses an address mostly offers another one at once; udhcpc asks for it after 3 s. */
const anotherLeaseMs = 8_000;
/** DHCPRELEASE needs no answer. */
const stopMs = 1_000;

/** What went wrong, in the order of a lease's life. The codes are DHCP's message types where there is one. */
const causes = {
  silent: { code: "timeout", failure: { domain: "dhcp", code: 0, name: "NoServer" } },
  nak: { code: "refused", failure: { domain: "dhcp", code: 6, name: "Nak" } },
  expired: { code: "timeout", failure: { domain: "dhcp", code: 0, name: "LeaseExpired" } },
  died: { code: "refused", failure: { domain: "dhcp", code: 0, name: "ClientEnded" } },
} as const satisfies Record<string, { code: ModemErrorCode; failure: FailureCause }>;

export class DhcpLease {
  readonly events = new EventEmitter<DhcpLeaseEvents>();
  readonly #program: Program;
  #settings: IpSettings | undefined;
  /** Why there is no address at this moment. */
  #trouble: ModemError | undefined;
  #isStopping = false;
  #cancelWait: () => void = () => undefined;
  #bound: () => void = () => undefined;
  #lastLine = "";

  private constructor(
    readonly interfaceName: string,
    private readonly context: DhcpContext,
  ) {
    this.#program = startUdhcpc(interfaceName, {
      onEvent: (event) => this.#hear(event),
      onLine: (line) => this.#print(line),
    });
  }

  /**
   * Asks on an interface that is up. Resolves with a lease that is kept until `stop`. When it rejects, udhcpc is gone.
   * @throws ModemError `timeout` when no server answers, `refused` with the server's words, `unsupported` without udhcpc;
   *   the signal's reason
   */
  static async start(interfaceName: string, context: DhcpContext, signal: AbortSignal): Promise<DhcpLease> {
    if (signal.aborted) throw abortError("DHCP", signal);
    const lease = new DhcpLease(interfaceName, context);
    const late = () => lease.#trouble ?? lease.#error("silent", `no DHCP server answers on ${interfaceName}`);
    const wait = deadline(context.clock, startTimeoutMs, signal, late);
    try {
      await abortable(Promise.race([lease.#whenBound(), lease.#whenDead()]), "DHCP", wait.signal);
      lease.#follow();
      return lease;
    } catch (error) {
      await lease.stop();
      throw error;
    } finally {
      wait.release();
    }
  }

  get settings(): IpSettings {
    return this.#settings ?? {};
  }

  /** Asks the server again now. */
  renew(): void {
    this.#program.signal("SIGUSR1");
  }

  /** Gives the address back; resolves when udhcpc is gone. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#cancelWait();
    await this.#program.stop(this.context.clock, stopMs);
  }

  #print(line: string): void {
    this.#lastLine = line;
    this.context.log.debug(line, { interface: this.interfaceName });
  }

  #hear(event: DhcpEvent): void {
    if (event.is === "bound" || event.is === "renew") this.#take(event.settings);
    else if (event.is === "nak")
      this.#miss(this.#error("nak", `the DHCP server refuses the address${quoted(event.message)}`));
    // At the start there is none to lose; after a NAK its reason is known.
    else if (event.is === "deconfig" && this.#settings !== undefined && this.#trouble === undefined)
      this.#miss(this.#error("expired", `the DHCP lease on ${this.interfaceName} ran out without being renewed`));
  }

  #take(settings: IpSettings): void {
    this.#trouble = undefined;
    this.#cancelWait();
    if (isDeepStrictEqual(settings, this.#settings)) return;
    const isFirst = this.#settings === undefined;
    this.#settings = settings;
    if (isFirst) this.#bound();
    else this.events.emit("changed", settings);
  }

  #miss(error: ModemError): void {
    this.context.log.info(error.message, { interface: this.interfaceName });
    this.#trouble = error;
    if (this.#settings === undefined || this.#isStopping) return;
    this.#cancelWait();
    this.#cancelWait = this.context.clock.after(anotherLeaseMs, () => this.#end(error));
  }

  #end(cause: ModemError): void {
    if (this.#isStopping) return;
    void this.stop();
    this.events.emit("ended", cause);
  }

  #whenBound(): Promise<void> {
    return new Promise((resolve) => {
      this.#bound = resolve;
    });
  }

  async #whenDead(): Promise<never> {
    throw this.#death(await this.#program.ended);
  }

  #follow(): void {
    void this.#program.ended.then((end) => this.#end(this.#death(end)));
  }

  #death({ exitCode, signal, error }: ProgramEnd): ModemError {
    const how = error?.message ?? signal ?? `exit code ${exitCode}`;
    return this.#error("died", `udhcpc on ${this.interfaceName} ended (${how})${quoted(this.#lastLine)}`);
  }

  #error(cause: keyof typeof causes, message: string): ModemError {
    const { code, failure } = causes[cause];
    return new ModemError(code, message, { failure });
  }
}

const quoted = (words: string): string => (words === "" ? "" : `: "${words}"`);
