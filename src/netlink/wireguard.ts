/** WireGuard interfaces over a generic netlink socket: network's TunnelsPort. */
import type { Netns } from "../native/index.js";
import type { TunnelsPort } from "../network/flows/types.js";
import type { Kernel } from "../network/kernel.js";
import { type Clock, systemClock } from "../runtime/clock.js";
import { errnoOf } from "../runtime/error.js";
import { NetlinkError } from "./error.js";
import { RequestLane } from "./lane.js";
import { flag } from "./message.js";
import { type NetlinkSocket, openNetlinkSocket } from "./socket.js";
import { controlFamily, decodeFamily, decodeMark, deviceDump, familyQuery, markChange } from "./wireguard-messages.js";

const netlinkGeneric = 16;

export class WireGuard implements TunnelsPort {
  readonly #lane: RequestLane;
  readonly #socket: NetlinkSocket;
  readonly #kernel: Pick<Kernel, "links">;

  /** @throws NativeError, e.g. ENOENT for a namespace that is not there */
  static open(options: {
    readonly kernel: Pick<Kernel, "links">;
    readonly netns?: Netns;
    readonly clock?: Clock;
  }): WireGuard {
    return new WireGuard(options.kernel, options.netns, options.clock ?? systemClock);
  }

  private constructor(kernel: Pick<Kernel, "links">, netns: Netns | undefined, clock: Clock) {
    this.#kernel = kernel;
    // Never recorded: the kernel tells private keys to whoever may ask.
    this.#socket = openNetlinkSocket(
      { protocol: netlinkGeneric, netns, groups: [], tap: undefined },
      { datagram: (bytes) => this.#lane.receive(bytes), lost: (cause) => this.#lane.lost(cause) },
    );
    this.#lane = new RequestLane(this.#socket, clock);
  }

  /** @throws NetlinkError, e.g. EPERM for an interface whose packets leave from a namespace that is not ours */
  async forgetSources(): Promise<void> {
    // Asking for the family loads its module: not where nobody has such an interface.
    const links = (await this.#kernel.links()).filter(({ kind }) => kind === "wireguard");
    if (links.length === 0) return;
    const family = await this.#family();
    const ends = await Promise.allSettled(links.map(({ ifindex, name }) => this.#forget(family, ifindex, name)));
    const refusal = ends.find((end) => end.status === "rejected" && errnoOf(end.reason) !== "ENODEV");
    if (refusal?.status === "rejected") throw refusal.reason;
  }

  async #family(): Promise<number> {
    const what = "find WireGuard";
    const found = await this.#lane.request({
      what,
      type: controlFamily,
      flags: flag.ack,
      payload: familyQuery(),
      decode: decodeFamily,
    });
    const [family] = found.values;
    if (family === undefined) throw new NetlinkError("EBADMSG", what);
    return family;
  }

  async #forget(type: number, ifindex: number, name: string): Promise<void> {
    const dump = { what: `look at ${name}`, type, flags: flag.dump, payload: deviceDump(ifindex), decode: decodeMark };
    const [mark] = (await this.#lane.request(dump)).values;
    if (mark === undefined) return;
    const change = { what: `let ${name} choose its source addresses anew`, type, flags: flag.ack };
    await this.#lane.request({ ...change, payload: markChange(ifindex, mark) });
  }

  /** Idempotent; requests in flight fail. */
  close(): void {
    this.#lane.close();
    this.#socket.close();
  }
}
