/** The virtual modem as other programs of this project start it: in process, or through `bin/wwand-virtual`. */

import type { Log } from "../runtime/log.js";
import type { PortFault, PppManner, VirtualProfile } from "./model/profile.js";
import type { Session } from "./model/session.js";
import type { ModemState } from "./model/state.js";
import type { ShownMessages } from "./shown-model.js";
import type { UsbPort } from "./usb/bus.js";
import type { DhcpManner } from "./usb/ethernet/dhcp.js";

/** The control plane: a stream socket that one host at a time may use, or a pty behind a symbolic link. */
export type PortPlace =
  | { readonly kind: "unix"; readonly path: string }
  /** On 127.0.0.1. */
  | { readonly kind: "tcp"; readonly tcpPort: number }
  | { readonly kind: "pty"; readonly link: string };

/** All of the modem as a USB device: the host's own drivers make its control ports and its network interface. */
export interface UsbPlace {
  readonly kind: "usb";
  readonly port: UsbPort;
}

export interface VirtualModemOptions {
  /** A name of `profileList()` or a profile as a value. */
  readonly profile: string | VirtualProfile;
  readonly port: PortPlace | UsbPlace;
  /** Name of the TUN device in the caller's network namespace, e.g. `wwan0`. Needs CAP_NET_ADMIN there. Not with a USB port. */
  readonly net?: string;
  /** The network namespace that gets `net`; by default the one of this process. A name below /run/netns or a path. */
  readonly netNetns?: string;
  /** A name below /run/netns or a path such as `/proc/123/ns/net`; it must exist. Needs `net` or a USB port. */
  readonly carrierNetns?: string;
  /** Unix socket for the steps; the in-process `step` works without it. */
  readonly controlPath?: string;
  /** `key=value` settings that change the profile, e.g. `pinEnabled=true`. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly log?: Log;
}

type Activating = Session & { readonly is: "activating" };

/** What `state` prints: the model, without the card's secrets, plus what the data path counted. */
export interface VirtualModemState {
  readonly model: Omit<ModemState, "sim" | "otherCards" | "sessions" | "messages"> & {
    readonly messages: ShownMessages;
    readonly sim: Omit<ModemState["sim"], "pin">;
    readonly otherCards: readonly Omit<ModemState["sim"], "pin">[];
    readonly sessions: readonly (Exclude<Session, Activating> | Omit<Activating, "request">)[];
  };
  readonly data: DataCounters | undefined;
  readonly faults: Faults;
  /**
   * What the host asked since the modem was plugged in, by interface number, answered or not: messages, on serial ports lines.
   */
  readonly requests: Readonly<Record<number, number>>;
  /** Undefined where the modem is not on a USB bus. */
  readonly usb: UsbState | undefined;
}

export interface UsbState {
  readonly composition: string;
  /** Those that it can switch to. */
  readonly compositions: readonly string[];
  /** `vendor:product` in hexadecimal; undefined while unplugged. */
  readonly ids: string | undefined;
  /** Whether a host has it: over TCP only once it was imported, and until the host lets go. */
  readonly hasHost: boolean;
}

/** Whether a host's program is muted, packets are swallowed, ... */
export interface Faults {
  /** The data plane swallows every packet; the control plane lives. */
  readonly silence: boolean;
  /** The control plane answers nothing; packets flow. */
  readonly mute: boolean;
  readonly delayMs: number;
  readonly lossPercent: number;
  /** The modem's DHCP server, on interfaces like Ethernet. */
  readonly dhcp: DhcpManner;
  /** How calls over a port go otherwise than the profile says. */
  readonly ppp: Partial<PppManner>;
  /** Control ports that are broken, by interface number; 0 on a socket or pty. */
  readonly ports: Readonly<Record<number, PortFault>>;
}

/** Packets of all sessions since the modem was plugged in. `up` is from the host to the carrier. */
export interface DataCounters {
  readonly upPackets: number;
  readonly upBytes: number;
  readonly downPackets: number;
  readonly downBytes: number;
  /** Dropped because no session was up. */
  readonly withoutSession: number;
  /** Dropped because the source (up) or destination (down) was not the session's own. */
  readonly foreignAddress: number;
  /** Swallowed by `silence` or `loss`. */
  readonly swallowed: number;
  /** Lost because a queue or the kernel was full. */
  readonly overflow: number;
}

export interface VirtualModem {
  /**
   * Carries out one step, as `wwand-virtual ctl` does; steps run one after another. Resolves with what there is to say.
   * @throws StepError when the step or an argument is unknown, or means nothing now; nothing has changed then.
   */
  step(name: string, ...args: readonly string[]): Promise<string>;
  state(): VirtualModemState;
  /** Removes socket, link, TUN and carrier side. Idempotent. */
  close(): Promise<void>;
}
