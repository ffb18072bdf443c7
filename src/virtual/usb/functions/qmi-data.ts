/** The data half of a QMI function: ethernet frames, single IP packets, or channels by QMAP, as the host chooses. */
import type { ChannelLimits, Channels, DataLink, LinkProtocol } from "../../faces/face.js";
import type { FunctionPipes } from "../device/function.js";
import type { FunctionContext } from "./context.js";
import { EthernetData } from "./ethernet-data.js";
import { parseQmap, QmapBuilder } from "./qmap.js";

/** Every modem of this kind has the same address towards its host. */
const mac = Buffer.from("0250f3000000", "hex");
/** As an MDM9607 has it. */
const most: ChannelLimits = { maxBytes: 8_192, maxDatagrams: 16 };
/** What belongs to no channel; hosts drop it. */
const noChannel = 0;

/** The framing is the host's choice; ethernet until it chooses. */
export class QmiData implements DataLink {
  #linkProtocol: LinkProtocol = "ethernet";
  readonly #ethernet: EthernetData;
  readonly #muxed: MuxedData;

  constructor(
    private readonly context: FunctionContext,
    private readonly pipes: FunctionPipes,
  ) {
    const send = (header: Buffer, packet: Buffer) => pipes.in.send(Buffer.concat([header, packet]));
    this.#ethernet = new EthernetData(context, { mac, send });
    this.#muxed = new MuxedData(context, pipes);
    context.relay.plugIn((packet, bearerId) => this.#toHost(packet, bearerId), "any");
  }

  get linkProtocol(): LinkProtocol {
    return this.#linkProtocol;
  }

  setLinkProtocol(wanted: LinkProtocol): boolean {
    this.#linkProtocol = wanted;
    if (wanted === "ethernet") this.#muxed.set(undefined);
    this.context.relay.setLinkLocal(wanted === "ethernet" ? "any" : "bearer");
    return true;
  }

  get channels(): Channels {
    return this.#muxed;
  }

  received(transfer: Buffer): void {
    if (this.#muxed.limits !== undefined) this.#muxed.received(transfer);
    else if (this.#linkProtocol === "ethernet") this.#ethernet.fromHost(transfer);
    else this.context.relay.fromHost([transfer]);
  }

  reset(): void {
    this.setLinkProtocol("ethernet");
    this.#ethernet.forget();
    this.#muxed.forget();
  }

  close(): void {
    this.context.relay.unplug();
  }

  #toHost(packet: Buffer, bearerId: number): boolean {
    if (this.#muxed.limits !== undefined) return this.#muxed.send(packet, bearerId);
    return this.#linkProtocol === "ethernet" ? this.#ethernet.toHost(packet) : this.pipes.in.send(packet);
  }
}

class MuxedData implements Channels {
  readonly #muxIds = new Map<number, number>();
  #limits: ChannelLimits | undefined;
  #builder: QmapBuilder | undefined;

  constructor(
    private readonly context: FunctionContext,
    private readonly pipes: FunctionPipes,
  ) {}

  get limits(): ChannelLimits | undefined {
    return this.#limits;
  }

  set(wanted: ChannelLimits | undefined): void {
    this.#builder = undefined;
    this.#limits = wanted && {
      maxBytes: Math.min(wanted.maxBytes || most.maxBytes, most.maxBytes),
      maxDatagrams: Math.min(wanted.maxDatagrams || most.maxDatagrams, most.maxDatagrams),
    };
  }

  bind(bearerId: number, muxId: number): void {
    this.#muxIds.set(bearerId, muxId);
  }

  forget(): void {
    this.#muxIds.clear();
  }

  received(transfer: Buffer): void {
    try {
      for (const { muxId, packet } of parseQmap(transfer))
        this.context.relay.fromHost([packet], (bearerId) => this.#muxIds.get(bearerId) === muxId);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.context.log.warning("a transfer that is no QMAP", { detail: error.message });
    }
  }

  /** What comes in one turn leaves in as few transfers as possible. False: the host does not read, and it is lost. */
  send(packet: Buffer, bearerId: number): boolean {
    const { limits } = this;
    if (limits === undefined) return false;
    const muxId = this.#muxIds.get(bearerId) ?? noChannel;
    if (this.#builder === undefined) {
      this.#builder = new QmapBuilder(limits);
      queueMicrotask(() => this.#flush());
    }
    // The bytes are the reader's and change after this turn.
    const kept = Buffer.from(packet);
    if (this.#builder.add(muxId, kept)) return true;
    if (this.#builder.isEmpty) return false;
    const isTaken = this.pipes.in.send(this.#builder.finish());
    this.#builder = new QmapBuilder(limits);
    return isTaken && this.#builder.add(muxId, kept);
  }

  #flush(): void {
    const builder = this.#builder;
    this.#builder = undefined;
    if (builder !== undefined && !builder.isEmpty) this.pipes.in.send(builder.finish());
  }
}
