import { EventEmitter } from "eventemitter3";
import { type Clock, systemClock } from "../../runtime/clock.js";
import { ModemError } from "../../runtime/error.js";
import { type Kernel, type KernelEvent, type LinkState, WWAND_PROTOCOL } from "../kernel.js";
import { Pacer } from "../pacer.js";
import type { IpSettings } from "../types.js";
import { AskingClient, type HearSolicitations, hearSolicitations } from "./asking-client.js";
import { ConfiguredLink, placeOf, raiseBare } from "./configured-link.js";
import type { IpOwner } from "./desired.js";
import type { SysctlFiles } from "./sysctl.js";
import type { AppliedLink, LinkEvents } from "./types.js";

interface Entry {
  readonly configured: ConfiguredLink;
  readonly pacer: Pacer;
  /** Whose readiness router advertisements wait for. */
  client: AskingClient | undefined;
}

/**
 * pppd takes address and link down when its connection ends, and asks the peer twice for 3 s before its interface goes.
 * What is still there then and not as it should be was done by somebody else.
 */
const pppEndMs = 10_000;
const patienceMs = ({ kind }: LinkState): number => (kind === "ppp" ? pppEndMs : 0);

function stop(entry: Entry | undefined): void {
  entry?.pacer.stop();
  entry?.client?.stop();
}

/** Puts bearers' settings on their interfaces and keeps them there until they are withdrawn or the interface goes away. */
export class LinkConfigurator {
  readonly events = new EventEmitter<LinkEvents>();
  readonly #entries = new Map<string, Entry>();
  /** What could not be withdrawn is still ours: the next attempt finds it here. */
  readonly #stuck = new Map<string, ConfiguredLink>();
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #unwatch: () => void;

  constructor(
    private readonly kernel: Kernel,
    private readonly sysctls: SysctlFiles,
    private readonly clock: Clock = systemClock,
    private readonly hear: HearSolicitations = hearSolicitations,
  ) {
    this.#unwatch = kernel.watch((event) => this.#hear(event));
  }

  /**
   * Configures `interfaceName`; again with other settings changes only what differs. Resolves with what the kernel really
   * has, refusals included. On rejection nothing of ours is left on the interface.
   * @throws ModemError `unplugged` when there is no such interface, `invalid` for settings that cannot be meant; the
   *   signal's reason
   */
  apply(interfaceName: string, settings: IpSettings, owner: IpOwner, signal?: AbortSignal): Promise<AppliedLink> {
    return this.#inTurn(interfaceName, async () => {
      try {
        const entry = await this.#entryFor(interfaceName, settings, owner, signal);
        const applied = await this.#converge(entry, signal);
        this.#awaitClient(interfaceName, entry);
        this.events.emit("applied", applied);
        return applied;
      } catch (error) {
        await this.#drop(interfaceName).catch((cleanup: unknown) => {
          throw new AggregateError([error, cleanup], `${interfaceName} is half configured`);
        });
        throw error;
      }
    });
  }

  /** Takes everything of ours off the interface and lowers it. Idempotent; an interface that is gone is fine. */
  withdraw(interfaceName: string, signal?: AbortSignal): Promise<void> {
    return this.#inTurn(interfaceName, () => this.#drop(interfaceName, signal));
  }

  /** Removes addresses that carry our protocol number from interfaces we do not configure: leftovers of a killed run. */
  async sweep(signal?: AbortSignal): Promise<number> {
    const current = new Set([...this.#entries.values()].map(({ configured }) => configured.ifindex));
    const leftovers = (await this.kernel.addresses(undefined, signal)).filter(
      ({ protocol, ifindex }) => protocol === WWAND_PROTOCOL && !current.has(ifindex),
    );
    for (const address of leftovers) await this.kernel.removeAddress(address, signal);
    return leftovers.length;
  }

  /** Stops watching and withdraws everything. The kernel must still be open. */
  async close(): Promise<void> {
    this.#unwatch();
    const names = new Set([...this.#entries.keys(), ...this.#stuck.keys()]);
    const results = await Promise.allSettled([...names].map((name) => this.withdraw(name)));
    const errors = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    if (errors.length > 0) throw new AggregateError(errors, "links were not withdrawn");
  }

  async #entryFor(
    interfaceName: string,
    settings: IpSettings,
    owner: IpOwner,
    signal: AbortSignal | undefined,
  ): Promise<Entry> {
    signal?.throwIfAborted();
    const link = await this.kernel.link(interfaceName, signal);
    if (link === undefined) throw new ModemError("unplugged", `there is no interface ${interfaceName}`);
    const present = this.#entries.get(interfaceName);
    if (present !== undefined && present.configured.ifindex === link.ifindex) {
      present.configured.want(settings, owner);
      return present;
    }
    stop(present);
    const { kernel, sysctls } = this;
    const stuck = this.#stuck.get(interfaceName);
    this.#stuck.delete(interfaceName);
    stuck?.want(settings, owner);
    const entry: Entry = {
      configured:
        stuck?.ifindex === link.ifindex
          ? stuck
          : new ConfiguredLink(kernel, sysctls, interfaceName, placeOf(link), settings, owner),
      pacer: new Pacer(
        this.clock,
        () => this.#inTurn(interfaceName, () => this.#mend(interfaceName)),
        patienceMs(link),
      ),
      client: undefined,
    };
    this.#entries.set(interfaceName, entry);
    return entry;
  }

  async #drop(interfaceName: string, signal?: AbortSignal): Promise<void> {
    const entry = this.#entries.get(interfaceName);
    const configured = entry?.configured ?? this.#stuck.get(interfaceName);
    if (configured === undefined) return;
    this.#entries.delete(interfaceName);
    stop(entry);
    this.#stuck.set(interfaceName, configured);
    await configured.withdraw(this.#carries(configured.ifindex), signal);
    this.#stuck.delete(interfaceName);
    await this.#restLower(configured);
  }

  /** Whether the interface of another bearer is on this one: both go down together. */
  #carries(ifindex: number): boolean {
    return [...this.#entries.values()].some(({ configured }) => configured.lower === ifindex);
  }

  /** The interface that a session's is on goes up with it, though it has no bearer of its own. */
  async #converge({ configured }: Entry, signal?: AbortSignal): Promise<AppliedLink> {
    const lower = await this.#lowerOf(configured, signal);
    if (lower?.up === false) await this.#inTurn(lower.name, () => raiseBare(this.kernel, lower, signal));
    return configured.converge(signal);
  }

  async #restLower(configured: ConfiguredLink): Promise<void> {
    const lower = await this.#lowerOf(configured);
    if (lower?.up !== true) return;
    const { ifindex } = lower;
    const isUsed = () =>
      this.#carries(ifindex) || [...this.#entries.values()].some((entry) => entry.configured.ifindex === ifindex);
    await this.#inTurn(lower.name, async () => {
      if (!isUsed()) await this.kernel.setLink(ifindex, { up: false });
    });
  }

  async #lowerOf({ lower }: ConfiguredLink, signal?: AbortSignal): Promise<LinkState | undefined> {
    return lower === undefined ? undefined : this.kernel.link(lower, signal);
  }

  #awaitClient(interfaceName: string, entry: Entry): void {
    const { configured } = entry;
    entry.client?.stop();
    if (!configured.isHeld) return;
    const client: AskingClient = new AskingClient(
      this.clock,
      this.hear,
      configured.ifindex,
      () => void this.#inTurn(interfaceName, () => this.#hearRouters(interfaceName, entry, client)),
      (error) => this.events.emit("deaf", interfaceName, error),
    );
    entry.client = client;
  }

  /** Unless the interface, or the bearer on it, is another one by the time that it is this one's turn. */
  async #hearRouters(interfaceName: string, entry: Entry, client: AskingClient): Promise<void> {
    if (this.#entries.get(interfaceName) !== entry || entry.client !== client) return;
    try {
      await entry.configured.hearRouters();
    } catch (error) {
      if (this.#entries.get(interfaceName) === entry) this.events.emit("mendFailed", interfaceName, error);
    }
  }

  async #mend(interfaceName: string): Promise<boolean> {
    const entry = this.#entries.get(interfaceName);
    if (entry === undefined) return false;
    try {
      const what = await entry.configured.differences();
      if (what.length === 0) return false;
      this.events.emit("drift", interfaceName, what);
      this.events.emit("applied", await this.#converge(entry));
    } catch (error) {
      if (this.#entries.get(interfaceName) === entry) this.events.emit("mendFailed", interfaceName, error);
    }
    return true;
  }

  #hear(event: KernelEvent): void {
    for (const [name, entry] of [...this.#entries]) {
      if (event.type === "link" && event.change === "del" && event.link.ifindex === entry.configured.ifindex) {
        this.#entries.delete(name);
        stop(entry);
        this.events.emit("gone", name);
        this.#restLower(entry.configured).catch((error: unknown) => this.events.emit("mendFailed", name, error));
      } else if (concerns(event, entry.configured.ifindex)) entry.pacer.ask();
    }
  }

  /** One step at a time per interface. */
  #inTurn<T>(interfaceName: string, step: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(interfaceName) ?? Promise.resolve()).then(step, step);
    const settled = turn
      .catch(() => undefined) // the caller of that turn has its error
      .then(() => {
        if (this.#turns.get(interfaceName) === settled) this.#turns.delete(interfaceName);
      });
    this.#turns.set(interfaceName, settled);
    return turn;
  }
}

/** Whether the wish may have come undone. */
function concerns(event: KernelEvent, ifindex: number): boolean {
  if (event.type === "resync") return true;
  if (event.type === "link") return event.link.ifindex === ifindex;
  return event.type === "address" && event.change === "del" && event.address.ifindex === ifindex;
}
