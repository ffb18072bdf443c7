/** TCP connections of this machine over a sock_diag socket: network's TcpPort and FlowsPort. */
import { isIPv4 } from "node:net";
import type { Netns } from "../native/index.js";
import type { TcpConnection, TcpPort } from "../network/evidence/types.js";
import type { FlowsPort, LocalFlow } from "../network/flows/types.js";
import { type Clock, systemClock } from "../runtime/clock.js";
import { RequestLane } from "./lane.js";
import { flag } from "./message.js";
import { type NetlinkSocket, openNetlinkSocket } from "./socket.js";
import { decodeConnection, sockDiagByFamily, tcpDump } from "./tcp-diag.js";
import { decodeFlow, destroyRequest, isKernelFlow, sockDestroy } from "./tcp-flow.js";

const netlinkSockDiag = 4;

export class TcpConnections implements TcpPort, FlowsPort {
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
  connections(source: string): Promise<readonly TcpConnection[]> {
    return this.#from(source, decodeConnection);
  }

  /** @throws NetlinkError, e.g. ENOENT where the kernel has no tcp_diag */
  flows(source: string): Promise<readonly LocalFlow[]> {
    return this.#from(source, decodeFlow);
  }

  /** @throws NetlinkError ENOENT when it is gone, EOPNOTSUPP where the kernel cannot (CONFIG_INET_DIAG_DESTROY) */
  async reset(flow: LocalFlow): Promise<void> {
    const what = `end a TCP connection of ${flow.localAddress}`;
    if (!isKernelFlow(flow)) throw new RangeError(`${what}: it is not one that the kernel told`);
    await this.#lane.request({ what, type: sockDestroy, flags: flag.ack, payload: destroyRequest(flow) });
  }

  /** A socket of both families has its IPv4 addresses as IPv6 ones, and is not among those of IPv4. */
  async #from<T>(source: string, decode: (data: Buffer) => T | undefined): Promise<readonly T[]> {
    const forms = isIPv4(source) ? [source, `::ffff:${source}`] : [source];
    const dumps = forms.map((form) =>
      this.#lane.request({
        what: `dump TCP connections of ${form}`,
        type: sockDiagByFamily,
        flags: flag.dump,
        payload: tcpDump(form),
        decode,
      }),
    );
    return (await Promise.all(dumps)).flatMap(({ values }) => values);
  }

  /** Idempotent; requests in flight fail. */
  close(): void {
    this.#lane.close();
    this.#socket.close();
  }
}
