/** All that is found out about uplinks: by asking, and from what runs over them anyway. */
import type { Clock } from "../../runtime/clock.js";
import { type ForwardedState, listenToForwarded } from "../evidence/forwarded.js";
import { LoadWatch } from "../evidence/load-watch.js";
import { SilenceWatch, watchedOf } from "../evidence/silence-watch.js";
import { listenToTcp, type TcpState } from "../evidence/tcp.js";
import type { ForwardedFlow, ForwardedPort, TcpConnection, TcpPort } from "../evidence/types.js";
import type { Kernel, NeighbourEntry } from "../kernel.js";
import type { Plan, UplinkObservation } from "../plan/types.js";
import type { Policy } from "../policy/types.js";
import type { OpenAsker } from "../probe/ask.js";
import type { ProbeReport } from "../probe/prober.js";
import type { IpFamily } from "../types.js";
import { Probers } from "./probers.js";

export interface EvidenceOptions {
  readonly openAsker: OpenAsker;
  readonly kernel: Pick<Kernel, "counters">;
  /** Absent: what the kernel knows of connections is no evidence. */
  readonly tcp?: TcpPort | undefined;
  /** Absent: what is forwarded is no evidence. */
  readonly forwarded?: ForwardedPort | undefined;
  readonly clock: Clock;
  /** Runs `next` after the loop has polled its descriptors once more. */
  readonly afterPoll: (next: () => void) => void;
  readonly onChanged: () => void;
}

const families: readonly IpFamily[] = [4, 6];

export class Evidence {
  readonly #probers: Probers;
  readonly #tcp: SilenceWatch<TcpConnection, TcpState> | undefined;
  readonly #forwarded: SilenceWatch<ForwardedFlow, ForwardedState> | undefined;
  readonly #loads: LoadWatch;
  /** Uplinks whose verdict matters now. */
  #needed: ReadonlySet<string> = new Set();

  constructor({ openAsker, kernel, tcp, forwarded, clock, afterPoll, onChanged }: EvidenceOptions) {
    const onSilence = (uplink: string) => this.#probers.hurry(uplink);
    this.#tcp = tcp && new SilenceWatch((address) => tcp.connections(address), listenToTcp, clock, onSilence);
    this.#forwarded =
      forwarded && new SilenceWatch((address) => forwarded.forwarded(address), listenToForwarded, clock, onSilence);
    const silence = (uplink: string, family: IpFamily) =>
      this.#tcp?.silence(uplink, family) ?? this.#forwarded?.silence(uplink, family);
    this.#probers = new Probers(openAsker, { clock, afterPoll }, onChanged, silence);
    this.#loads = new LoadWatch(kernel, clock, (uplink) => this.#probers.spentBytes(uplink), onChanged);
  }

  report(uplink: string, family: IpFamily): ProbeReport | undefined {
    return this.#probers.report(uplink, family);
  }

  /** When the family of the uplink became present; undefined while it is not. */
  presentSinceMs(uplink: string, family: IpFamily): number | undefined {
    return this.#probers.presentSinceMs(uplink, family);
  }

  /** What it carries; undefined where nobody needs to know, or nobody knows. */
  bytesPerS(uplink: string): number | undefined {
    return this.#loads.bytesPerS(uplink);
  }

  /** Asks what is present; true when anything began or ended, so that observing again gives another result. */
  ask(policy: Policy, observed: readonly UplinkObservation[]): boolean {
    return this.#probers.follow(policy, observed);
  }

  /** Looks closer at what the plan depends on. */
  follow(policy: Policy, plan: Plan, observed: readonly UplinkObservation[]): void {
    this.#verifyWaysOut(plan, observed);
    const watched = watchedOf(plan.choice, observed);
    this.#tcp?.follow(watched);
    this.#forwarded?.follow(watched);
    this.#loads.follow(policy, plan, observed);
  }

  /** The routes are there that questions waited for. */
  begin(): void {
    this.#probers.begin();
  }

  /** A gateway that no longer answers ARP or neighbour discovery: worth asking at once. */
  hearNeighbour(neighbour: NeighbourEntry, observed: readonly UplinkObservation[]): void {
    if (neighbour.state !== "failed") return;
    const hit = observed.find(
      ({ ifindex, families: seen }) =>
        ifindex === neighbour.ifindex && seen[neighbour.family].gateway === neighbour.address,
    );
    if (hit) this.#probers.hurry(hit.name);
  }

  /** What was found out by asking counts no more; the next `ask` begins anew. */
  forget(): void {
    this.#probers.clear();
  }

  /** Idempotent. */
  close(): void {
    this.#probers.clear();
    this.#tcp?.close();
    this.#forwarded?.close();
    this.#loads.close();
  }

  /**
   * An idle uplink was asked minutes ago perhaps. Once traffic depends on it, or soon may because the chosen one has
   * become suspect, it is asked again.
   */
  #verifyWaysOut({ choice, groups }: Plan, observed: readonly UplinkObservation[]): void {
    const choices = [choice, ...groups.map((group) => group.choice)];
    const chosen = new Set(choices.flatMap((one) => families.flatMap((family) => one[family] ?? [])));
    const isShaky = observed.some(
      ({ name, families: seen }) => chosen.has(name) && families.some((family) => seen[family].verdict === "suspect"),
    );
    const needed = new Set(isShaky ? observed.map(({ name }) => name) : chosen);
    for (const name of needed) if (!this.#needed.has(name)) this.#probers.hurry(name);
    this.#needed = needed;
  }
}
