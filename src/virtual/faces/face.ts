/**
 * The seam between a control protocol and what a host opens: a pty, a unix socket, a cdc-wdm function or a serial port of
 * a USB device. A face is opened anew each time the modem is plugged in or enumerates.
 */
import type { Log } from "../../runtime/log.js";
import type { ModemMachine } from "../machine.js";
import type { PppManner } from "../model/profile.js";
import type { PppdPeer, PppdPeerOptions } from "../ppp/pppd-peer.js";

/** The way to the host. On a pty or socket it is a stream; a cdc-wdm function keeps each call as one message. */
export interface HostLine {
  /** Takes bytes, on a cdc-wdm function exactly one message. Where nobody reads they are lost. */
  send(bytes: Buffer): void;
  /** Discards what was sent and not read. */
  flush(): void;
  /**
   * Serial ports of USB devices: carrier detect, up while a data call lasts. The host hangs up its terminal when it drops.
   * @see USB PSTN120 6.5.4 SERIAL_STATE
   */
  setCarrier?(up: boolean): void;
}

/** DTR and RTS as the host sets them. @see USB PSTN120 6.3.12 SET_CONTROL_LINE_STATE */
export interface HostLines {
  readonly dtr: boolean;
  readonly rts: boolean;
}

/** The device's end of one conversation. */
export interface Face {
  /** Bytes from the host, cut as they come; on a cdc-wdm function exactly one message. */
  feed(bytes: Buffer): void;
  /** The host's program went away in the middle of whatever it said; another may come. */
  hostLeft(): void;
  /** The host reset the function by a request of USB: the conversation is over. */
  reset?(): void;
  /** Serial ports only. */
  setLines?(lines: HostLines): void;
  close(): void;
}

/** Packets of all sessions since power came; zero without a data path. */
export interface PacketCounts {
  readonly inOctets: number;
  readonly inPackets: number;
  readonly inDiscards: number;
  readonly outOctets: number;
  readonly outPackets: number;
  readonly outDiscards: number;
}

export type LinkProtocol = "ethernet" | "raw-ip";

/** What the host has room for in one transfer. */
export interface ChannelLimits {
  readonly maxBytes: number;
  readonly maxDatagrams: number;
}

/** Several channels on one data function (QMAP). */
export interface Channels {
  /** What was agreed; undefined while transfers hold single packets. */
  readonly limits: ChannelLimits | undefined;
  /** Grants at most `wanted`, of which zero means no wish; undefined ends it. */
  set(wanted: ChannelLimits | undefined): void;
  bind(bearerId: number, muxId: number): void;
}

/** The data function beside the control channel, where its framing can be chosen (QMI WDA). */
export interface DataLink {
  readonly linkProtocol: LinkProtocol;
  /** False: this device cannot do it, and nothing has changed. */
  setLinkProtocol(wanted: LinkProtocol): boolean;
  /** Absent: one channel is all there is. */
  readonly channels?: Channels;
}

/** What the modem is on a USB bus, and may be. */
export interface Compositions {
  /** On a socket or pty: what it would be. Undefined for a modem without USB. */
  readonly current: string | undefined;
  readonly known: readonly string[];
  /** What it comes back in when it restarts. */
  readonly next: string | undefined;
  /** For the next start. False: it has no such composition. */
  choose(name: string): boolean;
}

/** Packets of one bearer that go by the control port itself: PPP. */
export interface DataMode {
  fromHost(packet: Buffer): void;
  end(): void;
}

/** A call whose other end is pppd in the carrier's namespace begins. */
export type StartPppd = (options: Pick<PppdPeerOptions, "hears" | "ended">) => PppdPeer;

/** What a face knows of its modem. */
export interface FaceContext {
  readonly machine: ModemMachine;
  readonly log: Log;
  /** Of one session, by default of all. */
  counts(bearerId?: number): PacketCounts;
  readonly dataLink: DataLink;
  /** Packets for the host on this bearer come to `toHost` from now on; false: they are lost. */
  enterDataMode(bearerId: number, toHost: (packet: Buffer) => boolean): DataMode;
  /** How calls over a port go at this moment. */
  ppp(): PppManner;
  /** Absent: the modem's own end of PPP, and calls are sessions. */
  readonly startPppd?: StartPppd | undefined;
  /** The number of its interface; undefined where it is the only one: on a socket or pty. */
  readonly port: number | undefined;
  readonly compositions: Compositions;
  /** The modem leaves the bus and comes back in this composition (`AT+CUSBPIDSWITCH`). False: it has no such composition. */
  switchComposition(name: string): boolean;
  /** The modem restarts (`AT+CFUN=1,1`): it leaves the bus and comes back. */
  restart(): void;
  /** Tells what happens to a multiplexed line; the returned function ends that. Absent: nothing does. */
  watchLine?(happened: (fault: LineFault) => void): () => void;
}

/**
 * What may happen to a multiplexed line. `hold`: no channel takes data for 5 s. `close`: the modem ends it in order. `lose`,
 * `corrupt`: the next frame for the host. `restart`: the modem restarts, and speaks AT again without a word about it.
 */
export const lineFaults = ["hold", "close", "lose", "corrupt", "restart"] as const;
export type LineFault = (typeof lineFaults)[number];

export type OpenFace = (line: HostLine, context: FaceContext) => Face;
