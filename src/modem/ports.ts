/**
 * What the domain asks of a driver: small capabilities, each absent where the modem has no such thing. Owned by the
 * core, implemented in drivers/, satisfied in a test by an object literal. Every call ends: by answer, by the given
 * signal, or with ModemError `unplugged` when the device goes away.
 */
import type { EventEmitter } from "eventemitter3";
import type { IpSettings } from "../network/types.js";
import { type FailureCause, ModemError, type ModemErrorOptions } from "../runtime/error.js";
import type { ApnCredentials } from "./apn-candidate.js";
import type {
  CardChannelsPort,
  ForbiddenNetworksPort,
  HomeNetworkPort,
  PreferredNetworksPort,
  SimSlotsPort,
} from "./card-ports.js";
import type { GnssPort, TemperaturePort } from "./hardware-ports.js";
import type { ReceivedSms, SmsPort } from "./sms-ports.js";
import type {
  Cell,
  DataCallRequest,
  Identity,
  InitialBearer,
  Operator,
  PacketService,
  PacketStatistics,
  PinState,
  PinType,
  ProtocolOption,
  RadioChoice,
  RadioSelection,
  Registration,
  Signal,
  SimSlot,
  SimState,
  UssdWord,
} from "./types.js";

export interface IdentityPort {
  read(signal: AbortSignal): Promise<Identity>;
}

export interface SimPort {
  state(signal: AbortSignal): Promise<SimState>;
  pin(signal: AbortSignal): Promise<PinState>;
  /** Rejects with `badPin` when the card refused it. Resolves with what the card wants now. */
  enterPin(type: PinType, pin: string, signal: AbortSignal): Promise<PinState>;
  /** Unblocks with a PUK. */
  resetPin(type: PinType, puk: string, newPin: string, signal: AbortSignal): Promise<PinState>;
  changePin(type: PinType, oldPin: string, newPin: string, signal: AbortSignal): Promise<PinState>;
  /** Enables (`locked`) or disables the lock. */
  setLock(type: PinType, locked: boolean, pin: string, signal: AbortSignal): Promise<PinState>;
}

export interface RadioState {
  readonly softwareOn: boolean;
  /** False: a switch or the W_DISABLE pin holds the radio off; software cannot turn it on. */
  readonly hardwareOn: boolean;
  /** Why firmware keeps the radio in low power whatever software asks, e.g. a regulator's lock (FCC). Absent: it does not. */
  readonly lock?: FailureCause;
}

export interface RadioPort {
  state(signal: AbortSignal): Promise<RadioState>;
  setOn(on: boolean, signal: AbortSignal): Promise<RadioState>;
}

export interface RegistrationPort {
  state(signal: AbortSignal): Promise<Registration>;
  registerAutomatically(signal: AbortSignal): Promise<void>;
  registerManually(mcc: string, mnc: string, signal: AbortSignal): Promise<void>;
  /** A network scan; takes up to minutes. */
  scan(signal: AbortSignal): Promise<readonly Operator[]>;
}

/** An APN that the modem knows by itself. */
export interface OfferedApn extends ApnCredentials {
  /** Where the modem has it from, for people: `stored in the modem`, `told by the network at attach`. */
  readonly from: string;
}

export interface OfferedApnsPort {
  /** For the internet, best first; empty while it knows none. */
  read(signal: AbortSignal): Promise<readonly OfferedApn[]>;
}

/** By how much a value must move to be told, in dB. */
export interface SignalSteps {
  readonly rssiDb: number;
  readonly rsrpDb: number;
  readonly rsrqDb: number;
  readonly snrDb: number;
}

export interface SignalPort {
  state(signal: AbortSignal): Promise<Signal>;
  /** Makes the modem tell `signalChanged` by itself when a value has moved so far; nobody polls. */
  report?(steps: SignalSteps, signal: AbortSignal): Promise<void>;
}

export interface CellsPort {
  /** Serving cells first, then what else is heard. Empty without service. */
  read(signal: AbortSignal): Promise<readonly Cell[]>;
}

export interface RadioSelectionPort {
  read(signal: AbortSignal): Promise<RadioSelection>;
  /** Leaves alone what is not named. Rejects with `invalid` what the hardware has not. */
  prefer(wanted: Partial<RadioChoice>, signal: AbortSignal): Promise<void>;
}

/** The bearer that comes with the attach. Who wants it left alone does not call `set`. */
export interface InitialBearerPort {
  /** `configured`: what the modem will ask for, absent where it leaves the choice to the network. */
  read(signal: AbortSignal): Promise<{ readonly configured?: InitialBearer }>;
  /** Undefined clears. Nothing is written when it is so already: flash wears out, and the modem attaches anew. */
  set(wanted: InitialBearer | undefined, signal: AbortSignal): Promise<"written" | "same">;
}

export interface ResetPort {
  /** The device restarts: it leaves and comes back. Resolves when it has taken the request. */
  reset(signal: AbortSignal): Promise<void>;
}

/** Absent where the driver has no AT port: then another way leads to one. */
export interface CompositionPort {
  /** AT commands of the model's vendor, in order. Resolves when the last was taken: the device leaves, and comes back as another one. */
  change(commands: readonly string[], signal: AbortSignal): Promise<void>;
}

export interface PacketServicePort {
  state(signal: AbortSignal): Promise<PacketService>;
  attach(signal: AbortSignal): Promise<PacketService>;
  detach(signal: AbortSignal): Promise<PacketService>;
}

/** One open data call. `handle` is the driver's name for it and comes back in `stop` and in `callEnded`. */
export interface DataCall {
  readonly handle: number;
  /** The kernel interface that carries the packets, e.g. `wwan0`. */
  readonly interfaceName: string;
  readonly settings: IpSettings;
  /** Both families were asked for, and the network has said that it serves this one only. */
  readonly only?: "ip" | "ipv6";
}

/** A refusal that names how long the network wants to be left alone (T3396, T3346, PDN throttling). */
export class NetworkBackoff extends ModemError {
  constructor(
    message: string,
    readonly retryAfterMs: number,
    options: ModemErrorOptions = {},
  ) {
    super("refused", message, options);
  }
}

/** The end of a call of which the modem tells nothing but, perhaps, the network's cause. */
export const endedByNetwork = (failure: FailureCause | undefined): ModemError =>
  new ModemError("refused", "the network ended the connection", { failure });

export interface DataCallPort {
  /** How many calls can be up at once; what is not known yet counts as possible. */
  readonly maxCalls: number;
  /** Does what the first call would have to wait for; called when nothing else waits for the modem. */
  prepare?(signal: AbortSignal): Promise<void>;
  /** An abort stops the call again, also when the modem's answer comes late. */
  start(request: DataCallRequest, signal: AbortSignal): Promise<DataCall>;
  /** Idempotent: stopping a call that is down already succeeds. */
  stop(handle: number, signal: AbortSignal): Promise<void>;
  statistics(handle: number, signal: AbortSignal): Promise<PacketStatistics>;
}

/** Dialogues by USSD. Every word of the network comes by `ussdSaid`, also before the call that it answers has resolved. */
export interface UssdPort {
  /** Makes the modem tell what the network begins with. Idempotent; the others do without it. */
  listen(signal: AbortSignal): Promise<void>;
  /**
   * Sends a code. Resolves when the modem has taken it, with some modems not before the dialogue is over. Rejects with
   * `invalid` for a text that no message can carry, and with what modem or network refused.
   */
  initiate(text: string, signal: AbortSignal): Promise<void>;
  /** Sends the answer that the network waits for. As `initiate`. */
  respond(text: string, signal: AbortSignal): Promise<void>;
  /** Ends the dialogue. */
  cancel(signal: AbortSignal): Promise<void>;
}

/** Facts that the modem reported by itself. */
export interface DriverEvents {
  simChanged: [state: SimState];
  radioChanged: [state: RadioState];
  registrationChanged: [state: Registration];
  signalChanged: [state: Signal];
  simSlotsChanged: [slots: readonly SimSlot[]];
  packetServiceChanged: [state: PacketService];
  /** The network or the modem ended the call. */
  callEnded: [handle: number, error: ModemError];
  /** The network gave a living call other addresses. */
  callSettingsChanged: [handle: number, settings: IpSettings];
  ussdSaid: [word: UssdWord];
  smsReceived: [message: ReceivedSms];
  /** The modem has begun anew: messages may have come that it told nobody of. */
  smsMissed: [];
  /** The network has a message that the modem has no room for. */
  smsStoreFull: [];
  /** What the network tells of a living call, all of it: after the start, and when it changes. */
  callOptionsTold: [handle: number, options: readonly ProtocolOption[]];
  /** The device is gone or does not answer any more. Last event. */
  gone: [reason: ModemError];
}

export interface Driver {
  /** The protocol and port, e.g. `mbim /dev/cdc-wdm0`. */
  readonly name: string;
  readonly identity: IdentityPort;
  readonly sim?: SimPort;
  readonly radio?: RadioPort;
  readonly registration?: RegistrationPort;
  readonly signal?: SignalPort;
  readonly packetService?: PacketServicePort;
  readonly dataCalls?: DataCallPort;
  readonly offeredApns?: OfferedApnsPort;
  readonly cells?: CellsPort;
  readonly radioSelection?: RadioSelectionPort;
  readonly simSlots?: SimSlotsPort;
  readonly homeNetwork?: HomeNetworkPort;
  readonly preferredNetworks?: PreferredNetworksPort;
  readonly forbiddenNetworks?: ForbiddenNetworksPort;
  readonly cardChannels?: CardChannelsPort;
  readonly initialBearer?: InitialBearerPort;
  readonly reset?: ResetPort;
  readonly composition?: CompositionPort;
  readonly gnss?: GnssPort;
  readonly temperatures?: TemperaturePort;
  readonly ussd?: UssdPort;
  readonly sms?: SmsPort;
  readonly events: EventEmitter<DriverEvents>;
  /** Ends the protocol session in order (MBIM CLOSE) within 2 s, then closes the link. Idempotent. */
  close(): Promise<void>;
}
