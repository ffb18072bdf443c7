/** What a modem is built from. main.ts fills it from config, drivers, link and store; a test with literals and fakes. */
import type { EventEmitter } from "eventemitter3";
import type { ServingNetwork } from "../network/types.js";
import type { Clock } from "../runtime/clock.js";
import type { ModemError } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import type { ContextSettings, Modem, ModemLevel, Wisher } from "./api.js";
import type { ApnCandidate } from "./apn-candidate.js";
import type { Bearer, BearerEvents, IpOwner, LeasePort, LinkPort } from "./link-port.js";
import type { HomeNetwork } from "./mnc.js";
import type { PinMemory } from "./pin.js";
import type { Driver } from "./ports.js";
import type { SmsStore } from "./sms/store.js";
import type { StandingDepth } from "./standing.js";
import type { ImportedState, SimStore } from "./store.js";
import type { Identity, InitialBearer, IpMethod, IpProtocol } from "./types.js";

/** A card as far as it is known: a locked card shows at most its ICCID; the IMSI may come from the store then. */
export interface CardIdentity {
  readonly iccid?: string;
  readonly imsi?: string;
}

/** What is known of a card's operator. */
export interface OperatorGuess {
  /** APNs for the internet, best first. */
  readonly internet: readonly ApnCandidate[];
  /** Contexts of other types that the operator is known to have. */
  readonly others: readonly Partial<ContextSettings>[];
}

export interface OperatorQuestion {
  readonly card: CardIdentity;
  readonly home: HomeNetwork;
  /** What the card calls its operator, where it does. */
  readonly serviceProviderName?: string | undefined;
}

/** A context that the configuration gives a card beside the one for the internet. */
export interface ContextBeside {
  readonly name: string;
  /** By every standing reason that keeps the modem connected. */
  readonly isKeptUp: boolean;
}

export interface ModemOptions {
  /** Who assigns the addresses of a bearer that this wisher raises. Asked once per activation. */
  ipOwner(wisher: Wisher): IpOwner;
  /** The PIN that the configuration holds for this card. Secret. */
  pin?(card: CardIdentity): string | undefined;
  /**
   * The contexts that the configuration gives a card for which no client has stored any. Missing members take the
   * defaults (internet, `ip`, no authentication). Absent or empty: one internet context, its APN guessed.
   */
  provision?(card: CardIdentity): readonly Partial<ContextSettings>[];
  /** Which of those stand beside the first one: other connections, whose bearers are nobody's uplink. Absent: none. */
  beside?(card: CardIdentity): readonly ContextBeside[];
  /** The IP family that a guessed context of this card asks for. Absent: `ip`. */
  guessedProtocol?(card: CardIdentity): IpProtocol;
  /** What is known of the card's operator; asked where configuration, clients and memory know nothing. Absent: nothing. */
  guess?(question: OperatorQuestion, signal: AbortSignal): Promise<OperatorGuess>;
  /** What another program's storage knows of a card that wwand has no record of. Absent, undefined: nothing. */
  imported?(card: CardIdentity, signal: AbortSignal): Promise<ImportedState | undefined>;
  /** RoamingAllowed of a card for which no client has stored anything. Absent: false. */
  roamingAllowed?(card: CardIdentity): boolean;
  /** What the modem shall attach with. Absent, undefined: what it has; `network`: the network chooses. */
  initialBearer?(card: CardIdentity): InitialBearer | "network" | undefined;
  /** Where IPv4 addresses have to come from. Absent, undefined: as the modem offers. */
  ipMethod?(): IpMethod | undefined;
  /** How long a modem that a client has powered off is kept as it is, unseen, for a client that comes back. Absent: 0. */
  readonly keepMs?: number;
}

export interface ModemSetup {
  /** Object path, stable for this port over replug: `/mbim_0`. */
  readonly path: string;
  /** Shown as `driverName`: `mbim /dev/cdc-wdm0`. */
  readonly driverName: string;
  /** sysfs path of the device, where there is one. */
  readonly systemPath?: string | undefined;
  /** Opens port and protocol. Called at each power-on; the driver is closed at power-off. */
  openDriver(signal: AbortSignal): Promise<Driver>;
  readonly options: ModemOptions;
  readonly store: SimStore;
  /** What is remembered of messages. Absent: nothing outlives a power-off. */
  readonly smsStore?: SmsStore;
  readonly link: LinkPort;
  /** Absent: nobody asks for the addresses that a modem does not tell. */
  readonly leases?: LeasePort;
  readonly clock: Clock;
  /** Names the modem already, e.g. a `child` of the daemon's. */
  readonly log: Log;
  /** PINs that cards have accepted, in memory only. Give all modems one, so that a re-enumerated device finds its PIN. */
  readonly pins?: PinMemory;
  /** 0 <= x < 1, for the jitter of waits. Absent: Math.random. */
  random?(): number;
}

/** A modem with the ends that the bus does not see: for main.ts and the uplinks. */
export interface LiveModem extends Modem {
  /** What the uplinks listen to. */
  readonly bearerEvents: EventEmitter<BearerEvents>;
  /** Every bearer that is up now, those included that no client sees. */
  readonly bearers: readonly Bearer[];
  /** `gone`: the driver says that the device went away; the modem has closed itself. Its owner takes it off the list. */
  readonly lifecycle: EventEmitter<{ gone: [reason: ModemError] }>;
  /** The network that serves the modem, whatever clients see; while it searches, the one that served it last. */
  readonly serving: ServingNetwork | undefined;
  readonly servingEvents: EventEmitter<{ changed: [] }>;
  /** What the open device says of itself, whatever clients see: they may have powered off. Empty while it is closed. */
  readonly identity: Partial<Identity>;
  /** The card in fact; empty while none is known. */
  readonly card: CardIdentity;
  /** The level in fact; `state.level` is what clients see (they may have powered off while a standing wish holds on). */
  readonly actualLevel: ModemLevel;
  /** Packets may flow as soon as a connection is there, whatever clients see. */
  readonly isAttached: boolean;
  /**
   * How far one standing reason keeps the modem up from now on. Less far than before: what goes beyond it ends, unless a
   * client has asked for it. Undefined: there is no such reason any more, and what clients see is left to them. Idempotent.
   */
  setStanding(reason: string, depth: StandingDepth | undefined): void;
  /** `provision` may answer differently now: contexts that are down follow. */
  reviewConfiguration(): void;
  /**
   * `ipOwner` may answer differently now. Living bearers keep their owner; only one that a standing wish holds and whose
   * owner was a client is started afresh when no client could own it any more.
   */
  reviewOwners(): void;
  /**
   * The end of this object: contexts down, parts removed, links withdrawn, pending commands rejected with `reason`, no
   * timer left. The state is final when the call returns; the promise resolves when link and driver are released too.
   * Idempotent.
   */
  close(reason: ModemError): Promise<void>;
  /** Open operations and timers by name, for tests and `wwanctl doctor`; empty after `close` has resolved. */
  pending(): readonly string[];
}
