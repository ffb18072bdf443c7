/** Values of the modem's world, as drivers read them and the domain shows them. No protocol numbers. */
import type { FailureCause } from "../runtime/error.js";

export interface Identity {
  readonly manufacturer?: string;
  readonly model?: string;
  readonly firmware?: string;
  /** 15 digits. */
  readonly imei?: string;
  /** Access technologies the hardware has. */
  readonly technologies: readonly Technology[];
}

/** @see 3GPP TS 27.007 7.3 `<AcT>`, in oFono's words. */
export type Technology = "gsm" | "edge" | "umts" | "hspa" | "lte" | "nr";

/** What cells are told apart by: the radio's generation, without what runs over it. */
export type Generation = "gsm" | "umts" | "lte" | "nr";

/** oFono's PIN names. @see 3GPP TS 22.022 for the personalisation locks. */
export type PinType =
  | "pin"
  | "phone"
  | "firstphone"
  | "pin2"
  | "network"
  | "netsub"
  | "service"
  | "corp"
  | "puk"
  | "firstphonepuk"
  | "puk2"
  | "networkpuk"
  | "netsubpuk"
  | "servicepuk"
  | "corppuk";

/** One card as the modem sees it. `locked`: a PIN or PUK is wanted first. `pin`: told with it, need not be asked for. */
export type SimState =
  | { readonly is: "initialising" }
  | { readonly is: "absent" }
  | { readonly is: "failed"; readonly reason: string }
  | { readonly is: "locked"; readonly pinRequired: PinType; readonly iccid?: string; readonly pin?: PinState }
  | {
      readonly is: "ready";
      readonly imsi: string;
      readonly iccid?: string;
      /** MSISDNs in international form where the card has them. */
      readonly subscriberNumbers: readonly string[];
      /** EF_SPN, where the driver reads files. */
      readonly serviceProviderName?: string;
      readonly pin?: PinState;
    };

export interface PinState {
  readonly required: PinType | "none";
  /** Tries left for the PIN or PUK that is required; absent when the modem does not tell. */
  readonly retries?: number;
  /** The locks that are enabled, where the modem tells; absent when it does not. */
  readonly locked?: readonly PinType[];
}

/** `denied` carries the network's own cause where it gave one. */
export type RegistrationStatus = "unknown" | "unregistered" | "searching" | "registered" | "roaming" | "denied";

export interface Registration {
  readonly status: RegistrationStatus;
  readonly mode: "auto" | "manual";
  readonly technology?: Technology;
  readonly operatorName?: string;
  readonly mcc?: string;
  /** Two or three digits. */
  readonly mnc?: string;
  readonly roamingText?: string;
  /** The serving cell's location or tracking area code. */
  readonly areaCode?: number;
  /** The serving cell: 16 bits of GSM, 28 of UMTS and LTE, 36 of NR. */
  readonly cellId?: number;
  readonly cause?: FailureCause;
}

/** What the network told when a connection came up, beside addresses. @see 3GPP TS 24.008 10.5.6.3 */
export interface ProtocolOption {
  readonly id: number;
  /** MCC and MNC of the operator whose own option it is. */
  readonly plmn?: string;
  /** In hexadecimal digits, without the PLMN. */
  readonly content: string;
}

/** What the network says in a dialogue by USSD. @see 3GPP TS 22.090 */
export type UssdWord =
  /** With `asks` the dialogue goes on: the network waits for an answer. */
  | { readonly is: "text"; readonly text: string; readonly asks: boolean }
  | {
      readonly is: "end";
      /** `otherClient`: somebody else at the modem has taken the dialogue over. */
      readonly because: "terminated" | "notSupported" | "timedOut" | "otherClient";
      readonly failure?: FailureCause;
    };

export interface Operator {
  readonly mcc: string;
  readonly mnc: string;
  readonly name: string;
  readonly status: "unknown" | "available" | "current" | "forbidden";
  readonly technologies: readonly Technology[];
}

/** What a receiver measures of one generation; what it does not is absent. @see 3GPP TS 36.214, TS 38.215, TS 25.215 */
export interface Measurement {
  readonly generation?: Generation;
  readonly rssiDbm?: number;
  readonly rsrpDbm?: number;
  readonly rsrqDb?: number;
  /** SINR, where firmware calls it so. */
  readonly snrDb?: number;
  /** UMTS: received signal code power of the pilot. */
  readonly rscpDbm?: number;
  /** UMTS: the pilot's share in everything received. */
  readonly ecioDb?: number;
}

/** The generation that leads; `others` serve beside it, as the LTE anchor of an NR cell does. */
export interface Signal extends Measurement {
  readonly others?: readonly Measurement[];
}

/** A cell that the modem hears. */
export interface Cell extends Measurement {
  readonly generation: Generation;
  readonly serving: boolean;
  readonly mcc?: string;
  readonly mnc?: string;
  /** Location (GSM, UMTS) or tracking (LTE, NR) area code. */
  readonly areaCode?: number;
  readonly cellId?: number;
  /** Physical cell id (LTE, NR), primary scrambling code (UMTS), base station identity code (GSM). */
  readonly physicalCellId?: number;
  /** ARFCN, UARFCN, EARFCN or NR-ARFCN. */
  readonly channel?: number;
  readonly timingAdvance?: number;
}

/** What one thermometer in the device tells. */
export interface Temperature {
  /** In the firmware's words, or its place in the answer. */
  readonly sensor: string;
  readonly celsius: number;
}

/** LTE and NR bands by number, UMTS by operating band (1 is 2100 MHz), GSM by MHz (850, 900, 1800, 1900). */
export type Bands = Readonly<Partial<Record<Generation, readonly number[]>>>;

export interface RadioChoice {
  readonly modes: readonly Generation[];
  readonly bands: Bands;
}

/** `supported` is the hardware's, `preferred` the part of it that the modem may use. */
export interface RadioSelection {
  readonly supported: RadioChoice;
  readonly preferred: RadioChoice;
}

/** A place for a card, counted from 1. `unknown`: the modem does not look into a slot that is not active. */
export interface SimSlot {
  readonly number: number;
  readonly active: boolean;
  readonly card: "unknown" | "absent" | "present" | "failed";
  readonly iccid?: string;
  readonly isEuicc?: boolean;
  /** 32 digits, of an eUICC. */
  readonly eid?: string;
}

export interface Plmn {
  readonly mcc: string;
  /** Two or three digits. */
  readonly mnc: string;
}

export interface PacketService {
  readonly state: "unknown" | "detached" | "attaching" | "attached" | "detaching";
  readonly technology?: Technology;
  readonly cause?: FailureCause;
}

/** Where a data call's IPv4 address comes from: the modem tells it, a DHCP server behind the interface, or PPP. */
export type IpMethod = "static" | "dhcp" | "ppp";

export type AuthMethod = "none" | "pap" | "chap";
/** oFono's words: `ip` is IPv4, `dual` both. */
export type IpProtocol = "ip" | "ipv6" | "dual";

export interface DataCallRequest {
  readonly apn: string;
  readonly username: string;
  /** Never logged. */
  readonly password: string;
  readonly auth: AuthMethod;
  readonly protocol: IpProtocol;
}

/** What the modem asks for when it attaches. An empty APN: the network chooses. */
export interface InitialBearer extends Omit<DataCallRequest, "password"> {
  /** Never logged; absent: not told by the modem. */
  readonly password?: string;
}

export interface PacketStatistics {
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly rxPackets: number;
  readonly txPackets: number;
  readonly rxErrors: number;
  readonly txErrors: number;
  readonly rxDrops: number;
  readonly txDrops: number;
}
