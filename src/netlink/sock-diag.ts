/** TCP and UDP sockets of this machine over a sock_diag socket: network's TcpPort and FlowsPort. */
import type { Netns } from "../native/index.js";
import type { TcpConnection, TcpPort } from "../network/evidence/types.js";
import type { FlowsPort, LocalFlow, Transport } from "../network/flows/types.js";
import { type Clock, systemClock } from "../runtime/clock.js";
import { errnoOf } from "../runtime/error.js";
import {
  addressKey,
  emptyDump,
  formsOf,
  type Ipproto,
  netlinkSockDiag,
  protocolOf,
  sockDiagByFamily,
  tcpDiagOfAll,
} from "./inet-diag.js";
import { RequestLane } from "./lane.js";
import { flag } from "./message.js";
import { type NetlinkSocket, openNetlinkSocket } from "./socket.js";
import { decodeFlow, destroyRequest, flowDump, isKernelFlow, sockDestroy } from "./socket-flow.js";
import { connectionDump, decodeConnection, type SourcedConnection } from "./tcp-diag.js";
import { Together } from "./together.js";

export class SockDiag implements TcpPort, FlowsPort {
  readonly #lane: RequestLane;
  readonly #socket: NetlinkSocket;
  readonly #connections = new Together((sources: readonly string[]) => this.#connectionsOf(sources));
  /** Settles with whether the kernel tells of these at all. */
  readonly #told = new Map<Ipproto, Promise<unknown>>();

  /** @throws NativeError, e.g. EPROTONOSUPPORT where the kernel has no sock_diag */
  static open(options: { readonly netns?: Netns; readonly clock?: Clock } = {}): SockDiag {
    return new SockDiag(options.netns, options.clock ?? systemClock);
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
    const key = addressKey(source);
    const all = await this.#connections.ask(source);
    return all.flatMap((one) => (one.source === key ? [one.connection] : []));
  }

  async #connectionsOf(sources: readonly string[]): Promise<readonly SourcedConnection[]> {
    await this.#isTold(protocolOf.tcp);
    const what = `dump TCP connections of ${sources.join(", ")}`;
    const request = { what, type: tcpDiagOfAll, flags: flag.dump, payload: connectionDump(sources) };
    return (await this.#lane.request({ ...request, decode: decodeConnection })).values;
  }

  /** @throws NetlinkError, e.g. ENOENT where the kernel has no tcp_diag or udp_diag */
  async flows(source: string, transport: Transport): Promise<readonly LocalFlow[]> {
    const protocol = protocolOf[transport];
    const forms = formsOf(source);
    await this.#isTold(protocol);
    const dumps = forms.map((form) =>
      this.#lane.request({
        what: `dump ${transport.toUpperCase()} sockets of ${form}`,
        type: sockDiagByFamily,
        flags: flag.dump,
        payload: flowDump(form, protocol),
        decode: (data) => decodeFlow(data, protocol),
      }),
    );
    return (await Promise.all(dumps)).flatMap(({ values }) => values);
  }

  /** @throws NetlinkError ENOENT when it is gone, EOPNOTSUPP where the kernel cannot (CONFIG_INET_DIAG_DESTROY) */
  async reset(flow: LocalFlow): Promise<void> {
    const what = `end a socket of ${flow.localAddress}`;
    if (!isKernelFlow(flow)) throw new RangeError(`${what}: it is not one that the kernel told`);
    await this.#lane.request({ what, type: sockDestroy, flags: flag.ack, payload: destroyRequest(flow) });
  }

  /**
   * Asked once: where the module (tcp_diag, udp_diag) is not loaded the kernel looks for it within the question, which keeps this
   * process until a modprobe has ended.
   */
  #isTold(protocol: Ipproto): Promise<unknown> {
    const known = this.#told.get(protocol);
    if (known !== undefined) return known;
    const what = `dump sockets of protocol ${protocol}`;
    const asked = this.#lane.request({ what, type: sockDiagByFamily, flags: flag.dump, payload: emptyDump(protocol) });
    this.#told.set(protocol, asked);
    // Another refusal (ENOBUFS, a deadline) says nothing of the next time.
    asked.catch((error) => {
      if (errnoOf(error) !== "ENOENT") this.#told.delete(protocol);
    });
    return asked;
  }

  /** Idempotent; requests in flight fail. */
  close(): void {
    this.#lane.close();
    this.#socket.close();
  }
}
