/**
 * The domain as the bus and the command line see it. Every part shows one immutable `state` and tells `changed` after it
 * has been replaced; a command resolves in the same turn in which its change was told, so that whoever serves it can
 * answer first and signal second. Commands reject with ModemError (or DomainRefusal where a client must hear which rule
 * it broke).
 */
import type { EventEmitter } from "eventemitter3";
import type { IpSettings } from "../network/types.js";
import type { FailureCause } from "../runtime/error.js";
import type { ApnSource } from "./apn-candidate.js";
import type { ModemControl } from "./control.js";
import type {
  AuthMethod,
  Identity,
  IpProtocol,
  Operator,
  PacketStatistics,
  PinType,
  ProtocolOption,
  RegistrationStatus,
  Signal,
  Technology,
} from "./types.js";

/** Rules of the service itself, apart from what a modem answers. The bus has a name for each. */
export type RefusalKind =
  | "inProgress"
  | "notAvailable"
  | "notAttached"
  | "attachInProgress"
  | "notFound"
  | "notAllowed"
  | "notImplemented"
  | "inUse"
  | "invalidFormat"
  | "invalidArguments"
  | "accessDenied"
  | "emergencyActive"
  | "timedOut"
  | "simNotReady"
  | "notActive"
  | "notSupported"
  | "notRecognized"
  | "canceled"
  | "terminated";

/** Who wishes: a client of the bus (its unique name) or wwand itself by configuration. */
export type Wisher =
  | { readonly is: "client"; readonly name: string }
  | { readonly is: "standing"; readonly reason: string };

export interface Part<State> {
  readonly state: State;
  readonly events: EventEmitter<{ changed: [next: State, previous: State] }>;
}

/** oFono's POWER_OFF, PRE_SIM, OFFLINE, ONLINE, in that order; going down closes every part that needs more. */
export type ModemLevel = "off" | "sim" | "offline" | "online";

export interface ModemState {
  readonly level: ModemLevel;
  readonly powered: boolean;
  readonly online: boolean;
  readonly lockdown: boolean;
  readonly emergency: boolean;
  /** Empty until read after power-on; gone after power-off. */
  readonly identity: Partial<Identity>;
  /** The step that runs or the one that failed, in plain words: `6/10 register: denied (emm 11 PlmnNotAllowed)`. */
  readonly stage: string;
  /** `stage` is a step that failed, not one that runs or waits. */
  readonly hasFailed: boolean;
  readonly cause: FailureCause | undefined;
  /** Everybody who holds the radio off, each with a reason. */
  readonly radioOffBecause: readonly string[];
}

/** What comes and goes with the level. */
export type PartName = "sim" | "registration" | "packetData" | "ussd" | "messages";

export interface Modem extends Part<ModemState> {
  /** The object path on the bus, stable for this port over replug: `/mbim_0`. */
  readonly path: string;
  /** `mbim /dev/cdc-wdm0`. */
  readonly driverName: string;
  /** sysfs path of the device, where there is one. */
  readonly systemPath: string | undefined;
  /** Parts exist while their level is reached; `parts` tells every coming and going, after the part is usable. */
  readonly sim: Sim | undefined;
  readonly registration: NetworkRegistration | undefined;
  readonly packetData: PacketData | undefined;
  readonly ussd: Ussd | undefined;
  readonly messages: Messages | undefined;
  /** Beside what oFono knows. */
  readonly control: ModemControl;
  readonly parts: EventEmitter<{
    added: [part: PartName];
    removed: [part: PartName];
  }>;
  /**
   * While a standing wish of wwand's own holds the modem, a client's `false` is shown as the client set it (parts go,
   * contexts become inactive) and modem, radio and standing bearer go on: see wishes.ts. A standing wisher is recorded at
   * once, what becomes of it shows in the state.
   */
  setPowered(on: boolean, wisher: Wisher): Promise<void>;
  setOnline(on: boolean, wisher: Wisher): Promise<void>;
  /** Holds the modem down for one client; only the holder may clear it. */
  setLockdown(on: boolean, wisher: Wisher): Promise<void>;
  /** A client left the bus: its lockdown and its wishes go with it where oFono's do. */
  clientGone(name: string): void;
}

export interface SimPartState {
  readonly present: boolean;
  readonly iccid?: string;
  readonly imsi?: string;
  readonly mcc?: string;
  readonly mnc?: string;
  readonly serviceProviderName?: string;
  readonly subscriberNumbers: readonly string[];
  readonly lockedPins: readonly PinType[];
  readonly pinRequired: PinType | "none";
  readonly retries: Readonly<Partial<Record<PinType, number>>>;
  readonly cardSlotCount: number;
  readonly activeCardSlot: number;
}

export interface Sim extends Part<SimPartState> {
  /** A client's PIN is always passed on; lengths are checked first (`invalidFormat`). */
  enterPin(type: PinType, pin: string): Promise<void>;
  changePin(type: PinType, oldPin: string, newPin: string): Promise<void>;
  resetPin(type: PinType, puk: string, newPin: string): Promise<void>;
  lockPin(type: PinType, pin: string): Promise<void>;
  unlockPin(type: PinType, pin: string): Promise<void>;
}

export interface RegistrationPartState {
  readonly status: RegistrationStatus;
  readonly mode: "auto" | "auto-only" | "manual";
  /** What a user shall read; empty while unknown. */
  readonly name: string;
  readonly technology?: Technology;
  readonly mcc?: string;
  readonly mnc?: string;
  /** Of the serving cell: location or tracking area code, and its number. */
  readonly areaCode?: number;
  readonly cellId?: number;
  readonly strengthPercent?: number;
  readonly signal: Signal;
  readonly cause?: FailureCause;
}

export interface NetworkRegistration extends Part<RegistrationPartState> {
  /** The cached list of operators, the current one included. */
  readonly operators: Part<readonly Operator[]>;
  register(): Promise<void>;
  registerOperator(mcc: string, mnc: string): Promise<void>;
  /** Joins a scan that already runs. */
  scan(): Promise<readonly Operator[]>;
}

export interface UssdPartState {
  /** `active`: the network has something to answer; `user-response`: the user has. */
  readonly dialogue: "idle" | "active" | "user-response";
}

/** What the network begins with: something to know, or a question that `respond` answers. */
export interface UssdNotices {
  notification: [text: string];
  request: [text: string];
}

export interface Ussd extends Part<UssdPartState> {
  /** Told before the state that follows from it. */
  readonly notices: EventEmitter<UssdNotices>;
  /** The network's word on a code. Afterwards the state tells whether it waits for an answer. */
  initiate(code: string): Promise<string>;
  /** The network's word on an answer. */
  respond(text: string): Promise<string>;
  cancel(): Promise<void>;
}

export interface MessagesState {
  /** Empty: none is known; absent: not read yet. */
  readonly serviceCentre?: string;
  readonly useDeliveryReports: boolean;
  /** What messages travel by; modems keep to their own choice. */
  readonly bearer: "cs-only" | "ps-only" | "cs-preferred" | "ps-preferred";
  /** Whose letters may be used before UTF-16 is; a language without tables of its own here is no different from `default`. */
  readonly alphabet: string;
}

/** A message of somebody else's, whole. */
export interface IncomingText {
  readonly text: string;
  /** A number or a name. */
  readonly sender: string;
  /** By the service centre's clock, and its offset from UTC. */
  readonly sentAt: { readonly atMs: number; readonly offsetMinutes: number };
}

export interface OutgoingState {
  readonly state: "pending" | "sent" | "failed" | "cancelled";
}

export interface OutgoingMessage extends Part<OutgoingState> {
  /** 40 hexadecimal digits, kept over restarts. */
  readonly id: string;
  /** `notAvailable` once it is not pending any more, `accessDenied` while it is on its way. */
  cancel(): Promise<void>;
}

export interface MessageEvents {
  added: [message: OutgoingMessage];
  /** After its last state was told. */
  removed: [message: OutgoingMessage];
  /** Told once; nobody keeps it afterwards. */
  incoming: [text: IncomingText];
  /** The same, to be shown at once. */
  immediate: [text: IncomingText];
}

export interface Messages extends Part<MessagesState> {
  /** Those that are not done yet, in the order of sending. */
  readonly outgoing: readonly OutgoingMessage[];
  readonly messageEvents: EventEmitter<MessageEvents>;
  /** Puts a text into the queue, which is kept over restarts; `invalidFormat` for what is no number or too long. */
  send(recipient: string, text: string): Promise<OutgoingMessage>;
  setServiceCentre(number: string): Promise<void>;
  setUseDeliveryReports(on: boolean): Promise<void>;
  setAlphabet(alphabet: string): Promise<void>;
}

/** `none` while nothing is up; otherwise what carries packets. */
export type BearerTechnology = "none" | "gprs" | "edge" | "umts" | "hsdpa" | "hsupa" | "hspa" | "lte";

export interface PacketDataState {
  readonly attached: boolean;
  readonly bearer: BearerTechnology;
  readonly suspended: boolean;
  readonly roamingAllowed: boolean;
  readonly powered: boolean;
}

export type ContextType = "internet" | "mms" | "wap" | "ims" | "supl";

export interface PacketData extends Part<PacketDataState> {
  /** Ascending by number, internet contexts first. */
  readonly contexts: readonly Context[];
  readonly contextEvents: EventEmitter<{ added: [context: Context]; removed: [context: Context] }>;
  setPowered(on: boolean): Promise<void>;
  setRoamingAllowed(on: boolean): Promise<void>;
  addContext(type: ContextType): Promise<Context>;
  removeContext(context: Context): Promise<void>;
  deactivateAll(): Promise<void>;
  /** Forgets stored contexts and provisions afresh. */
  resetContexts(): Promise<void>;
}

/** What a client may set; validated by the domain (`invalidFormat`), refused while active (`inUse`). */
export interface ContextSettings {
  readonly name: string;
  readonly type: ContextType;
  readonly protocol: IpProtocol;
  readonly apn: string;
  readonly username: string;
  readonly password: string;
  readonly auth: AuthMethod;
  readonly messageProxy: string;
  readonly messageCenter: string;
}

export interface ContextState extends ContextSettings {
  readonly active: boolean;
  /** The network interface and its settings while active. */
  readonly bearer: { readonly interfaceName: string; readonly settings: IpSettings } | undefined;
  /** What the network tells of the bearer beside addresses; empty where the modem does not say. */
  readonly options: readonly ProtocolOption[];
  /** Why the last activation failed or the bearer was lost. */
  readonly cause: FailureCause | undefined;
  readonly origin: ApnOrigin;
}

/** Where a context's APN comes from. */
export interface ApnOrigin {
  readonly source: ApnSource;
  /** Which entry of the source, in words. */
  readonly from: string;
  /** What the network refused before, each with its cause. */
  readonly passedOver: readonly string[];
}

export interface Context extends Part<ContextState> {
  /** Kept for ever, never reused: clients remember a service by it. The path is `<modem>/context<number>`. */
  readonly number: number;
  setActive(active: boolean, wisher: Wisher): Promise<void>;
  set<Key extends keyof ContextSettings>(key: Key, value: ContextSettings[Key]): Promise<void>;
  statistics(): Promise<PacketStatistics>;
}

/** All modems of the daemon. */
export interface Modems {
  readonly list: readonly Modem[];
  readonly events: EventEmitter<{ added: [modem: Modem]; removed: [modem: Modem] }>;
}

/** A rule of the service was broken; carries which. */
export class DomainRefusal extends Error {
  override readonly name = "DomainRefusal";
  constructor(
    readonly kind: RefusalKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
