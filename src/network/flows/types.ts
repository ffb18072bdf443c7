/** Connections of this machine that an uplink's address is one end of, and tunnels. Pure data. */
import type { IpFamily } from "../types.js";

export interface LocalFlow {
  readonly family: IpFamily;
  /** Canonical text, without prefix. */
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Of the socket's owner. */
  readonly uid: number;
  /** 0: none. */
  readonly mark: number;
}

export interface FlowsPort {
  /** TCP connections that leave from `source`. Rejects where the kernel cannot tell. */
  flows(source: string): Promise<readonly LocalFlow[]>;
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
