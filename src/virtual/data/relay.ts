/** Carries packets between the host's device and the carrier's, as far as the sessions allow. */
import type { Clock } from "../../runtime/clock.js";
import { routerLinkLocal } from "../model/carrier.js";
import type { PoolProfile } from "../model/profile.js";
import type { Session } from "../model/session.js";
import type { DataCounters, Faults } from "../types.js";
import { Announcer } from "./announcer.js";
import { type MutableCounters, newCounters } from "./counters.js";
import { DelayLine } from "./delay-line.js";
import { type Bearer, bearersOf, judgeDown, judgeUp, type Verdict } from "./packet.js";
import { isSolicitation, routerAdvertisement, solicitor, sourceInterfaceId } from "./router-advertisement.js";
import { linkLocalOf, prefixText } from "./text.js";

type Sink = (packet: Buffer) => boolean;
/** Takes a packet of that bearer. False: it is lost. */
export type HostSink = (packet: Buffer, bearerId: number) => boolean;
type Direction = "up" | "down";
/** Whose router solicitations are answered: on a point-to-point link the bearer's own link-local address, else anybody's. */
export type LinkLocal = "bearer" | "any";

export interface RelayOptions {
  readonly clock: Clock;
  readonly pool: PoolProfile;
  /** 0 to 1, for `loss`. */
  readonly random?: () => number;
  faults(): Faults;
}

export class Relay {
  #bearers: readonly Bearer[] = [];
  #counters: MutableCounters = newCounters();
  readonly #ofBearer = new Map<number, MutableCounters>();
  #hostSink: HostSink = () => false;
  readonly #diverted = new Map<number, HostSink>();
  #carrierSink: Sink = () => false;
  #linkLocal: LinkLocal = "bearer";
  readonly #lines: Readonly<Record<Direction, DelayLine>>;
  readonly #random: () => number;
  readonly #announcer: Announcer;

  constructor(private readonly options: RelayOptions) {
    this.#announcer = new Announcer(options.clock, (id, prefix) => this.#advertise(id, prefix, allNodes, forever));
    this.#lines = { up: new DelayLine(options.clock), down: new DelayLine(options.clock) };
    this.#random = options.random ?? Math.random;
  }

  get counters(): DataCounters {
    return { ...this.#counters };
  }

  /** What that bearer has carried since it began. */
  countersOf(bearerId: number): DataCounters {
    return { ...(this.#ofBearer.get(bearerId) ?? newCounters()) };
  }

  /** Where packets for the host go; a new host side counts from zero. */
  plugIn(sink: HostSink, linkLocal: LinkLocal = "bearer"): void {
    this.#hostSink = sink;
    this.#linkLocal = linkLocal;
    this.#counters = newCounters();
    this.#ofBearer.clear();
  }

  /** Packets of this bearer go another way than to the host's device, until the returned function is called. */
  divert(bearerId: number, sink: HostSink): () => void {
    this.#diverted.set(bearerId, sink);
    return () => {
      if (this.#diverted.get(bearerId) === sink) this.#diverted.delete(bearerId);
    };
  }

  unplug(): void {
    this.#diverted.clear();
    this.#hostSink = () => false;
    this.#announcer.close();
    this.#lines.up.clear();
    this.#lines.down.clear();
  }

  /** The link to the host became another: a point-to-point link, or ethernet. */
  setLinkLocal(linkLocal: LinkLocal): void {
    this.#linkLocal = linkLocal;
  }

  connectCarrier(sink: Sink): void {
    this.#carrierSink = sink;
  }

  /** Sessions as they are now. Each that is new to IPv6, or got another prefix, hears of its router. */
  setSessions(sessions: readonly Session[]): void {
    const before = this.#bearers;
    this.#bearers = bearersOf(sessions);
    for (const id of this.#ofBearer.keys())
      if (!this.#bearers.some((bearer) => bearer.id === id)) this.#ofBearer.delete(id);
    for (const { id, ipv6Prefix } of before) {
      const now = this.#bearers.find((bearer) => bearer.id === id);
      if (ipv6Prefix === undefined || now?.ipv6Prefix === ipv6Prefix) continue;
      this.#announcer.stop(id);
      if (now !== undefined) this.#advertise(id, ipv6Prefix, allNodes, 0);
    }
    for (const { id, ipv6Prefix } of this.#bearers) {
      const old = before.find((bearer) => bearer.id === id);
      if (ipv6Prefix !== undefined && old?.ipv6Prefix !== ipv6Prefix) this.#announcer.start(id, ipv6Prefix);
    }
  }

  /** `isMeant` where the host said which bearers it means; by default the source address tells. */
  fromHost(packets: readonly Buffer[], isMeant?: (bearerId: number) => boolean): void {
    const bearers = isMeant === undefined ? this.#bearers : this.#bearers.filter(({ id }) => isMeant(id));
    for (const packet of packets) {
      const verdict = judgeUp(packet, bearers);
      if (verdict === "local") this.#answerSolicitation(packet, bearers);
      else if (this.#mayPass(verdict)) this.#carry("up", packet, verdict.id);
    }
  }

  fromCarrier(packets: readonly Buffer[]): void {
    for (const packet of packets) {
      const verdict = judgeDown(packet, this.#bearers);
      if (verdict === "local" || !this.#mayPass(verdict)) continue;
      this.#carry("down", packet, verdict.id);
    }
  }

  #mayPass(verdict: Exclude<Verdict, "local">): verdict is Bearer {
    if (typeof verdict !== "string") return true;
    if (this.#bearers.length === 0) this.#counters.withoutSession += 1;
    else this.#counters.foreignAddress += 1;
    return false;
  }

  #carry(direction: Direction, packet: Buffer, bearerId: number): void {
    const { silence, lossPercent, delayMs } = this.options.faults();
    if (direction === "up") {
      // What the network loses has left the modem all the same, and its counters say so.
      this.#count("up", packet, bearerId);
    }
    if (silence || (lossPercent > 0 && this.#random() * 100 < lossPercent)) {
      this.#counters.swallowed += 1;
      return;
    }
    const line = this.#lines[direction];
    if (delayMs === 0 && line.isEmpty) {
      this.#deliver(direction, packet, bearerId);
      return;
    }
    // The buffer is the reader's and is used again after this turn.
    const kept = Buffer.from(packet);
    if (!line.hold(delayMs, () => this.#deliver(direction, kept, bearerId))) this.#counters.overflow += 1;
  }

  #deliver(direction: Direction, packet: Buffer, bearerId: number): void {
    const taken = direction === "up" ? this.#carrierSink(packet) : this.#toHost(packet, bearerId);
    if (!taken) {
      this.#counters.overflow += 1;
      return;
    }
    if (direction === "up") return;
    this.#count("down", packet, bearerId);
  }

  #toHost(packet: Buffer, bearerId: number): boolean {
    return (this.#diverted.get(bearerId) ?? this.#hostSink)(packet, bearerId);
  }

  #count(direction: Direction, packet: Buffer, bearerId: number): void {
    const own = this.#ofBearer.get(bearerId) ?? newCounters();
    this.#ofBearer.set(bearerId, own);
    for (const counters of [this.#counters, own]) {
      counters[`${direction}Packets`] += 1;
      counters[`${direction}Bytes`] += packet.length;
    }
  }

  #answerSolicitation(packet: Buffer, bearers: readonly Bearer[]): void {
    const bearer =
      this.#linkLocal === "bearer"
        ? solicitor(packet, bearers)
        : bearers.find(({ ipv6Prefix }) => ipv6Prefix !== undefined && isSolicitation(packet));
    if (bearer?.ipv6Prefix === undefined) return;
    this.#advertise(bearer.id, bearer.ipv6Prefix, linkLocalOf(sourceInterfaceId(packet)), forever);
  }

  #advertise(bearerId: number, prefix: bigint, to: string, lifetimeS: number): void {
    if (this.options.faults().silence) return;
    const { mtu, ipv6Router } = this.options.pool;
    // A host that holds its interface down does not hear it; it will solicit when it comes up.
    this.#toHost(
      routerAdvertisement({
        router: routerLinkLocal,
        to,
        prefix: prefixText(prefix),
        mtu,
        resolvers: [ipv6Router],
        lifetimeS,
      }),
      bearerId,
    );
  }
}

const allNodes = "ff02::1";
/** Router lifetime in seconds; the prefix has none then. @see 3GPP TS 29.061 11.2.1.3.4 */
const forever = 0xffff;
