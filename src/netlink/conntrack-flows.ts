/** Flows that pass through this machine, over a ctnetlink socket: network's TrackedPort and ForwardedPort. */
import { readFileSync } from "node:fs";
import { inNetns, type Netns } from "../native/index.js";
import type { ForwardedFlow, ForwardedPort } from "../network/evidence/types.js";
import type { TrackedFlow, TrackedPort } from "../network/flows/types.js";
import type { IpFamily } from "../network/types.js";
import { type Clock, systemClock } from "../runtime/clock.js";
import { errnoOf } from "../runtime/error.js";
import {
  type ConntrackEntry,
  conntrackDelete,
  conntrackGet,
  decodeEntry,
  deletion,
  translatedTo,
  untranslated,
} from "./conntrack.js";
import { RequestLane } from "./lane.js";
import { flag } from "./message.js";
import { type NetlinkSocket, netlinkNetfilter, openNetlinkSocket } from "./socket.js";

const countFile = "/proc/sys/net/netfilter/nf_conntrack_count";

interface ConntrackFlow extends TrackedFlow {
  readonly entry: ConntrackEntry;
}

export class ConntrackFlows implements TrackedPort, ForwardedPort {
  #opened: { readonly lane: RequestLane; readonly socket: NetlinkSocket } | undefined;
  #is: "open" | "closed" = "open";

  constructor(private readonly options: { readonly netns?: Netns; readonly clock?: Clock } = {}) {}

  /** @throws NetlinkError, NativeError, e.g. EPROTONOSUPPORT where the kernel has no ctnetlink */
  async forwarded(address: string): Promise<readonly ForwardedFlow[]> {
    const found = await this.#leavingWith(address);
    return found.flatMap(({ entry: { key, packets } }) =>
      packets === undefined ? [] : [{ id: key.toString("latin1"), sent: packets.original, answered: packets.reply }],
    );
  }

  /** @throws NetlinkError, NativeError */
  leavingWith(address: string): Promise<readonly TrackedFlow[]> {
    return this.#leavingWith(address);
  }

  async #leavingWith(address: string): Promise<readonly ConntrackFlow[]> {
    const found = await this.#dump(`dump connections that leave with ${address}`, translatedTo(address));
    return found.filter(({ leavesWith, localAddress }) => leavesWith === address && localAddress !== address);
  }

  /** @throws NetlinkError, NativeError */
  async untranslated(family: IpFamily): Promise<readonly TrackedFlow[]> {
    const found = await this.#dump(`dump IPv${family} connections that keep their source`, untranslated(family));
    return found.filter(({ entry }) => !entry.isSourceTranslated);
  }

  /** @throws NetlinkError ENOENT when it is gone, EBUSY when hardware forwards it */
  async forget(flow: TrackedFlow): Promise<void> {
    const what = `forget a tracked connection to ${flow.remoteAddress}`;
    if (!isConntrackFlow(flow)) throw new RangeError(`${what}: it is not one that the kernel told`);
    await this.#lane().request({ what, type: conntrackDelete, flags: flag.ack, payload: deletion(flow.entry) });
  }

  /** Idempotent; requests in flight fail. */
  close(): void {
    this.#is = "closed";
    this.#opened?.lane.close();
    this.#opened?.socket.close();
  }

  /** Nothing is asked where nothing is tracked: the question alone would load the kernel's connection tracking. */
  async #dump(what: string, payload: Buffer): Promise<readonly ConntrackFlow[]> {
    if (this.#tracked() === 0) return [];
    const decode = (data: Buffer) => {
      const entry = decodeEntry(data);
      return entry && flowOf(entry);
    };
    const dump = { what, type: conntrackGet, flags: flag.dump, payload, decode };
    return (await this.#lane().request(dump)).values;
  }

  #tracked(): number {
    const read = () => Number(readFileSync(countFile, "latin1"));
    try {
      return this.options.netns === undefined ? read() : inNetns(this.options.netns, read);
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return 0;
      throw error;
    }
  }

  #lane(): RequestLane {
    if (this.#opened === undefined) {
      const socket = openNetlinkSocket(
        { protocol: netlinkNetfilter, netns: this.options.netns, groups: [], tap: undefined },
        {
          datagram: (bytes) => this.#opened?.lane.receive(bytes),
          lost: (cause) => this.#opened?.lane.lost(cause),
        },
      );
      this.#opened = { lane: new RequestLane(socket, this.options.clock ?? systemClock), socket };
      if (this.#is === "closed") this.close();
    }
    return this.#opened.lane;
  }
}

const isConntrackFlow = (flow: TrackedFlow): flow is ConntrackFlow => "entry" in flow;

function flowOf(entry: ConntrackEntry): ConntrackFlow {
  const { family, original, reply, mark } = entry;
  return {
    family,
    protocol: original.protocol,
    // As rules and routes see it: before source NAT, behind destination NAT.
    localAddress: original.source,
    localPort: original.sourcePort,
    remoteAddress: reply.source,
    remotePort: reply.sourcePort,
    leavesWith: reply.destination,
    // What is forwarded has no socket: rules about users take it for root's. @see ip_route_input_slow in net/ipv4/route.c
    uid: 0,
    mark,
    entry,
  };
}
