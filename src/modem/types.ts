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

/** One card as the modem sees it. `locked`: a PIN or PUK is wanted first. */
export type SimState =
  | { readonly is: "initialising" }
  | { readonly is: "absent" }
  | { readonly is: "failed"; readonly reason: string }
  | { readonly is: "locked"; readonly pinRequired: PinType; readonly iccid?: string }
  | {
      readonly is: "ready";
      readonly imsi: string;
      readonly iccid?: string;
      /** MSISDNs in international form where the card has them. */
      readonly subscriberNumbers: readonly string[];
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
  readonly cause?: FailureCause;
}

export interface Operator {
  readonly mcc: string;
  readonly mnc: string;
  readonly name: string;
  readonly status: "unknown" | "available" | "current" | "forbidden";
  readonly technologies: readonly Technology[];
}

export interface Signal {
  readonly rssiDbm?: number;
  readonly rsrpDbm?: number;
  readonly rsrqDb?: number;
  readonly snrDb?: number;
}

export interface PacketService {
  readonly state: "unknown" | "detached" | "attaching" | "attached" | "detaching";
  readonly technology?: Technology;
  readonly cause?: FailureCause;
}

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
