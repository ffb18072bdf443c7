/** network's TcpPort over a sock_diag socket. */
import type { Netns } from "../native/index.js";
import type { TcpConnection, TcpPort } from "../network/evidence/types.js";
import { type Clock, systemClock } from "../runtime/clock.js";
import { RequestLane } from "./lane.js";
import { flag } from "./message.js";
import { type NetlinkSocket, openNetlinkSocket } from "./socket.js";
import { decodeConnection, sockDiagByFamily, tcpDump } from "./tcp-diag.js";

const netlinkSockDiag = 4;

export class TcpConnections implements TcpPort {
  readonly #lane: RequestLane;
  readonly #socket: NetlinkSocket;

  /** @throws NativeError, e.g. EPROTONOSUPPORT where the kernel has no sock_diag */
  static open(options: { readonly netns?: Netns; readonly clock?: Clock } = {}): TcpConnections {
    return new TcpConnections(options.netns, options.clock ?? systemClock);
  }

  private constructor(netns: Netns | undefined, clock: Clock) {
    this.#socket = openNetlinkSocket(
      { protocol: netlinkSockDiag, netns, groups: [], tap: undefined },
      { datagram: (bytes) => this.#lane.receive(bytes), lost: (cause) => this.#lane.lost(cause) },
    );
    this.#lane = new RequestLane(this.#socket, clock);
  }

  /** @throws NetlinkError, e.g. ENOENT where the kernel has no tcp_diag */
  async connections(source: string): Promise<readonly TcpConnection[]> {
    const { values } = await this.#lane.request({
      what: `dump TCP connections of ${source}`,
      type: sockDiagByFamily,
      flags: flag.dump,
      payload: tcpDump(source),
      decode: decodeConnection,
    });
    return values;
  }

  /** Idempotent; requests in flight fail. */
  close(): void {
    this.#lane.close();
    this.#socket.close();
  }
}
