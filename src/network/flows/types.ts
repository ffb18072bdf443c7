/** Connections that an uplink's address is one end of, flows that this machine forwards, and tunnels. Pure data. */
import type { IpFamily } from "../types.js";

/** What a policy's classes ask of a flow. */
export interface Flow {
  readonly family: IpFamily;
  /** IP protocol number: 6 is TCP, 17 is UDP. */
  readonly protocol: number;
  /** The end here: this machine's own, or of a flow that it forwards the LAN's. Canonical text, without prefix. */
  readonly localAddress: string;
  /** 0 where the protocol has no ports. */
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Of the socket's owner. */
  readonly uid: number;
  /** 0: none. */
  readonly mark: number;
  /** Where it came in, if it is forwarded. */
  readonly inInterface?: string;
}

export type Transport = "tcp" | "udp";

/** A connected socket of this machine. */
export interface LocalFlow extends Flow {
  /** The interface, by its index, that its program has bound it to (SO_BINDTODEVICE); absent: none. */
  readonly boundTo?: number;
}

export interface FlowsPort {
  /** Connected sockets that send from `source`. Rejects where the kernel cannot tell. */
  flows(source: string, transport: Transport): Promise<readonly LocalFlow[]>;
  /** Ends one: its program hears ECONNABORTED at once. Rejects where the kernel cannot, or it is gone. */
  reset(flow: LocalFlow): Promise<void>;
}

export interface TunnelsPort {
  /**
   * Each WireGuard interface chooses the address it sends from anew, by the routes of now, and learns it again from what
   * comes in. Keys, peers, endpoints and handshakes stay. Rejects where an interface refused.
   */
  forgetSources(): Promise<void>;
}

/** A flow as the kernel's connection tracking has it; the mark is the entry's. */
export interface TrackedFlow extends Flow {
  /** The source that its packets have behind NAT, which is where answers come to. */
  readonly leavesWith: string;
}

export interface TrackedPort {
  /** Those of others that leave with `address`. None where nothing is tracked. Rejects where the kernel cannot tell. */
  leavingWith(address: string): Promise<readonly TrackedFlow[]>;
  /** Those that no source NAT was decided for. */
  untranslated(family: IpFamily): Promise<readonly TrackedFlow[]>;
  /** Its next packet is a new flow's: NAT is decided anew. Rejects where it is gone. */
  forget(flow: TrackedFlow): Promise<void>;
}
