/** A modem, its card and its network as data. Times in milliseconds, signal in dBm, addresses as text. */
import type { UsbModel } from "../usb/description/composition.js";
import type { Bands } from "./cells.js";
import type { UssdStep } from "./ussd.js";
import type { AuthMethod, FaceName, Pdn, Technology } from "./words.js";

export interface DeviceProfile {
  readonly manufacturer: string;
  readonly model: string;
  readonly firmware: string;
  readonly hardware: string;
  /** 15 digits. */
  readonly imei: string;
  readonly technologies: readonly Technology[];
  /** Absent: those of Europe. */
  readonly bands?: Bands;
  /** Each time power comes the radio stays off until the host has sent the maker's unlock. */
  readonly fccLocked?: boolean;
  /** Its MBIM function takes QMI, too. */
  readonly qmiOverMbim?: boolean;
  readonly maxSessions: number;
  /** The largest control message the device takes (MBIM wMaxControlMessage), in bytes. */
  readonly maxControlBytes: number;
}

export interface SimProfile {
  readonly present: boolean;
  readonly imsi: string;
  readonly iccid: string;
  readonly msisdns: readonly string[];
  readonly pin: string;
  readonly pinEnabled: boolean;
  readonly pinTries: number;
  readonly puk: string;
  readonly pukTries: number;
  /** 32 digits, of an eUICC; absent: a plain card. */
  readonly eid?: string;
}

export interface OperatorProfile {
  readonly mcc: string;
  /** Two or three digits. */
  readonly mnc: string;
  readonly name: string;
  /** What this subscription is to the operator. `forbidden`: registration there is rejected. */
  readonly standing: "home" | "roaming" | "forbidden";
  readonly rssiDbm: number;
  readonly technology: Technology;
}

export interface ApnProfile {
  readonly apn: string;
  /** What the network gives on this APN. */
  readonly pdn: Pdn;
  /** Credentials that the network asks for; absent: whatever comes is accepted, as most networks do. */
  readonly credentials?: { readonly auth: readonly AuthMethod[]; readonly username: string; readonly password: string };
  /** The network refuses every request for this APN with this ESM cause. @see 3GPP TS 24.301 6.5.1.4 */
  readonly refusedWith?: number;
  /** Beside `refusedWith`: how long the network wants to be left alone then. @see 3GPP TS 24.301 10.2, T3396 */
  readonly backOffMs?: number;
  /** What the network tells of itself when a session comes up: protocol options by number, in hexadecimal digits. */
  readonly protocolOptions?: Readonly<Record<number, string>>;
  /** A second connection of the same subscriber is refused (cause 55). */
  readonly oneConnection?: true;
}

export interface PoolProfile {
  /** Sessions get `10.x.y.2`, `.3`, ... of this /24, e.g. `10.64.0.0`. */
  readonly ipv4Network: string;
  /** The carrier's own router, resolver and web server, inside `ipv4Network`. */
  readonly ipv4Router: string;
  /** Sessions get a /64 each below this /48, e.g. `2001:db8:64::`. */
  readonly ipv6Prefix: string;
  /** The carrier's own resolver and web server, outside every session's /64. */
  readonly ipv6Router: string;
  readonly mtu: number;
}

export interface TimingProfile {
  readonly searchMs: number;
  readonly scanMs: number;
  readonly attachMs: number;
  readonly connectMs: number;
}

/** Calls over a serial port. */
export interface PppManner {
  /** What the modem asks the host for. */
  readonly asks: "none" | "pap" | "chap";
  /** Whether it ends the call with a host that refuses that, or goes on as sticks do: with another way, or none. */
  readonly insists: "yes" | "no";
  /**
   * How wrong credentials end: told as such, or by an end during IPCP, where the modem takes whatever it is given and only
   * the network knows.
   */
  readonly refuses: "auth" | "ipcp";
  /** How the network's end of a call shows: said by LCP, or by nothing but the carrier. */
  readonly ends: "terminate" | "carrier";
  /** `dead`: not a byte passes in data mode, either way. */
  readonly line: "alive" | "dead";
}

/** How it speaks AT. */
export interface AtProfile {
  readonly dialect: "generic" | "huaweiBalong" | "huaweiQualcomm" | "sim7600" | "a76xx" | "quectel";
  /** Huawei: what `^GETPORTMODE` says is where, by interface number. */
  readonly ports?: Readonly<Record<string, number>>;
  /** Absent: as `plainPpp`. */
  readonly ppp?: Partial<PppManner>;
  /** Who ends PPP in the network: the modem itself, or pppd in the carrier's namespace, by this APN's credentials. */
  readonly pppdFor?: string;
  /** Huawei: what `^SETPORT?` says, codes of ports in order. */
  readonly portCodes?: string;
  /** What its serial line can be multiplexed to (3GPP TS 27.010); absent: it refuses. */
  readonly cmux?: CmuxProfile;
}

export interface CmuxProfile {
  /** Beside the control channel, from 1 on; each takes commands and carries calls. */
  readonly channels: number;
  /** What `+CMUX=?` says behind the name. */
  readonly ranges: string;
}

/**
 * `silent`: never a byte. `garbage`: each write is answered by bytes without sense. `hang`: all answers come late. `halts`:
 * the next message ends half way, and nothing comes after it.
 * Of each message: `noise` before it, `truncated` half way, `oversized` by its length field, `misnumbered` as the answer to
 * another request.
 */
export type PortFault = "silent" | "garbage" | "hang" | "halts" | "noise" | "truncated" | "oversized" | "misnumbered";

export interface VirtualProfile {
  readonly name: string;
  readonly summary: string;
  /** What is spoken where one port is all there is: on a socket or pty. */
  readonly controlFace: FaceName;
  readonly device: DeviceProfile;
  /** Absent: as 3GPP TS 27.007 has it. */
  readonly at?: AtProfile;
  /** Messages that its firmware does not know, by their names in the tables: `GET_SYSTEM_INFO`, `PIN_LIST`. */
  readonly lacks?: readonly string[];
  /** Ports that are broken when power comes, by interface number; 0 on a socket or pty. */
  readonly portFaults?: Readonly<Record<number, PortFault>>;
  readonly sim: SimProfile;
  /** Cards in further slots, from slot 2 on; absent: there is one slot. */
  readonly otherSims?: readonly SimProfile[];
  /** Whether the radio is on when power comes, as the modem remembers it. */
  readonly radioOn: boolean;
  /** LTE modems attach when they register; others wait for the host's word. */
  readonly attachesByItself: boolean;
  readonly operators: readonly OperatorProfile[];
  /** Networks that the card prefers, best first, as MCC and MNC. */
  readonly preferredNetworks: readonly string[];
  /** What an empty APN means, and what the network tells when it attaches the modem. */
  readonly defaultApn: string;
  /** What the modem has stored for the internet; empty: nothing. */
  readonly storedApn: string;
  readonly apns: readonly ApnProfile[];
  readonly pool: PoolProfile;
  /** Names that the carrier's resolver knows, beside its own. */
  readonly names: Readonly<Record<string, { readonly ipv4?: string; readonly ipv6?: string }>>;
  /** What the network says to USSD codes; absent: it knows none. */
  readonly ussd?: Readonly<Record<string, UssdStep>>;
  readonly timing: TimingProfile;
  /** What it is on a USB bus; absent: it cannot be plugged in there. */
  readonly usb?: UsbModel;
}

export const lacks = ({ lacks: names = [] }: VirtualProfile, name: string | undefined): boolean =>
  name !== undefined && names.includes(name);
