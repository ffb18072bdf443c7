/** Evidence that costs no packets: what the kernel knows of connections that run anyway. */

/** One TCP connection of this machine, at the moment of asking. Only those that have been established. */
export interface TcpConnection {
  /** Segments sent and not acknowledged. */
  readonly unacked: number;
  /** How often the oldest of them was sent again without an answer. */
  readonly retransmits: number;
  readonly sinceSentMs: number;
  /** Since anything came from the far end: data or an acknowledgement, old or new. */
  readonly sinceHeardMs: number;
  /** Which one it is. */
  readonly id: string;
  /** Acknowledged and received; what comes twice counts once. */
  readonly progressBytes: number;
}

export interface TcpPort {
  /** Connections that leave from `source`. Rejects where the kernel cannot tell. */
  connections(source: string): Promise<readonly TcpConnection[]>;
}

/** One flow that this machine forwards, as connection tracking counts it. */
export interface ForwardedFlow {
  /** Which one it is. */
  readonly id: string;
  /** Packets from whoever began it. */
  readonly sent: number;
  /** Packets that came back. */
  readonly answered: number;
}

export interface ForwardedPort {
  /** Those that leave with `address` instead of their own. None where nothing is counted. Rejects where the kernel cannot tell. */
  forwarded(address: string): Promise<readonly ForwardedFlow[]>;
}
