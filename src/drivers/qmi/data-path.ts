/**
 * How packets travel between modem and kernel. Both must have it alike, or every packet is dropped in silence: what the modem
 * grants is read back, then the kernel is told.
 */
import type { QmiClient } from "../../qmi/client.js";
import type { RequestOf, ResponseOf } from "../../qmi/message.js";
import type { QmiService } from "../../qmi/service.js";
import * as wda from "../../qmi/services/wda.js";
import * as wds from "../../qmi/services/wds.js";
import { errorText, ModemError } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";

/** The kernel's side of one network interface. Rejects with the errno as cause where the kernel refuses. */
export interface KernelFraming {
  /** No effect where the interface's driver has no such choice. */
  setFraming(framing: "raw-ip" | "ethernet"): Promise<void>;
  /** Whether it can have channels (QMAP version 1). */
  canMultiplex(): Promise<boolean>;
  /** The number of its USB interface; undefined for one that is on no USB bus. */
  usbInterface(): Promise<number | undefined>;
  /** Raises it for transfers of so many bytes. Resolves with those that it really takes. */
  carryChannels(transferBytes: number): Promise<number>;
  /** Resolves with the channel's network interface. */
  addChannel(muxId: number): Promise<string>;
  /** Removes all channels and lowers the interface. */
  endChannels(): Promise<void>;
}

/**
 * Several connections at once, each on an interface of its own, where modem and kernel can. `lossless`: only where packets
 * stay as large as without. `always`: also at the cost of some bytes of each packet.
 */
export type Multiplex = "never" | "lossless" | "always";

export interface DataPathOptions {
  readonly client: QmiClient;
  readonly interfaceName: string;
  readonly log: Log;
  /** Absent where the interface is no driver's of qmi_wwan: raw IP as it is. */
  readonly framing: KernelFraming | undefined;
  readonly multiplex: Multiplex;
}

/** What modem and kernel have agreed on, in words that a later run understands. */
export type DataPathState = { readonly is: "plain" } | { readonly is: "channels"; readonly largestPacket: number };

/** Where the packets of one call go. */
export interface Channel {
  readonly interfaceName: string;
  /** Absent: the interface itself. */
  readonly muxId?: number;
  /** Larger packets do not pass, in bytes; absent: whatever the network says. */
  readonly largestPacket?: number;
  /** Tells the modem so; before the call begins, for each WDS client of it. */
  bind(service: QmiService, signal: AbortSignal): Promise<void>;
  /** The call on it is over, or was none. Idempotent. */
  release(): void;
}

export interface DataPath {
  readonly state: DataPathState;
  readonly maxCalls: number;
  /** A channel that nobody holds, or `muxId`. @throws ModemError `busy` when there is none; what the kernel says */
  take(muxId?: number): Promise<Channel>;
  close(): Promise<void>;
}

/** EPS bearers that a device can have without an extension. @see 3GPP TS 24.301 9.3.2 */
export const mostChannels = 8;
/** What the host has room for. Firmware grants what it can. */
const wishedBytes = 16_384;
const wishedDatagrams = 32;
/** QMAP's header, and what packets are padded to. */
const headerBytes = 4;
const alignment = 4;
/** The largest packet of networks. */
const wholePacket = 1_500;

type Endpoint = NonNullable<RequestOf<typeof wda.setDataFormat>["endpoint"]>;
type Format = ResponseOf<typeof wda.setDataFormat>;

/** Resolves with what modem and kernel have agreed on. @throws ModemError when they cannot agree on anything */
export async function openDataPath(options: DataPathOptions, signal: AbortSignal): Promise<DataPath> {
  const { client, framing, interfaceName } = options;
  const plain = new PlainPath(interfaceName);
  if (client.version("wda") === undefined) return plain;
  const endpoint = await endpointOf(framing);
  const service = await client.allocate("wda", signal);
  try {
    const muxed = await muxedPath(options, service, endpoint, signal);
    if (muxed === undefined) await agreeOnPlain(options, service, signal);
    return muxed ?? plain;
  } finally {
    await service.release(signal);
  }
}

/** What an earlier run has agreed on; modem and kernel are not touched. */
export async function resumeDataPath(
  { framing, interfaceName }: Pick<DataPathOptions, "framing" | "interfaceName">,
  state: DataPathState,
): Promise<DataPath> {
  const endpoint = await endpointOf(framing);
  const canHaveChannels = framing !== undefined && endpoint !== undefined;
  if (state.is === "channels" && canHaveChannels) return new MuxedPath(framing, endpoint, state.largestPacket);
  return new PlainPath(interfaceName);
}

async function endpointOf(framing: KernelFraming | undefined): Promise<Endpoint | undefined> {
  const interfaceNumber = await framing?.usbInterface();
  return interfaceNumber === undefined ? undefined : { type: "hsusb", interfaceNumber };
}

/** Undefined: the modem or the kernel cannot, or nobody wants it. */
async function muxedPath(
  { framing, multiplex, log }: DataPathOptions,
  service: QmiService,
  endpoint: Endpoint | undefined,
  signal: AbortSignal,
): Promise<DataPath | undefined> {
  if (multiplex === "never" || framing === undefined || endpoint === undefined) return undefined;
  if (!(await framing.canMultiplex())) return undefined;
  try {
    const transferBytes = await agreeOnTransfers(framing, service, endpoint, signal);
    if (transferBytes === undefined) {
      log.info("the modem carries one connection: it grants no channels");
      return undefined;
    }
    const largestPacket = transferBytes - headerBytes - (transferBytes % alignment);
    if (largestPacket >= wholePacket || multiplex === "always") return new MuxedPath(framing, endpoint, largestPacket);
    log.info("the modem carries one connection: with channels the kernel takes no whole packets", { largestPacket });
  } catch (error) {
    if (signal.aborted) throw error;
    log.warning("one connection only: the kernel makes no channels", { reason: errorText(error) });
  }
  await framing.endChannels();
  return undefined;
}

/** Raw IP with channels, by as many bytes at once as both take. Undefined: the modem grants other things. */
async function agreeOnTransfers(
  framing: KernelFraming,
  service: QmiService,
  endpoint: Endpoint,
  signal: AbortSignal,
): Promise<number | undefined> {
  const ask = async (downlinkMaxSize: number) => {
    const wish = {
      linkLayer: "rawIp",
      uplinkAggregation: "qmap",
      downlinkAggregation: "qmap",
      downlinkMaxDatagrams: wishedDatagrams,
      downlinkMaxSize,
      endpoint,
    } as const;
    const outcome = await service.tryAsk(wda.setDataFormat, wish, signal);
    return outcome.is === "success" ? grantedBytes(outcome.values, downlinkMaxSize) : undefined;
  };
  const granted = await ask(wishedBytes);
  if (granted === undefined) return undefined;
  await framing.setFraming("raw-ip");
  const taken = await framing.carryChannels(granted);
  if (taken >= granted) return granted;
  const less = await ask(taken);
  return less !== undefined && less <= taken ? less : undefined;
}

/** Undefined: other things were granted than were asked for. Both directions, for the kernel knows only both. */
function grantedBytes(format: Format, wished: number): number | undefined {
  const { linkLayer, uplinkAggregation, downlinkAggregation, downlinkMaxSize } = format;
  const isMuxed = linkLayer === "rawIp" && uplinkAggregation === "qmap" && downlinkAggregation === "qmap";
  return isMuxed ? (downlinkMaxSize ?? wished) : undefined;
}

/** Without aggregation, for a former run or another program may have left some. */
async function agreeOnPlain(
  { framing, log }: DataPathOptions,
  service: QmiService,
  signal: AbortSignal,
): Promise<void> {
  const wish = { linkLayer: "rawIp", uplinkAggregation: "disabled", downlinkAggregation: "disabled" } as const;
  const outcome = await service.tryAsk(wda.setDataFormat, wish, signal);
  const isRaw = outcome.is === "success" && outcome.values.linkLayer === "rawIp";
  if (!isRaw) log.notice("the modem keeps Ethernet frames on its interface");
  await framing?.setFraming(isRaw ? "raw-ip" : "ethernet");
}

/** The interface itself; whatever call there is. */
class PlainPath implements DataPath {
  readonly state = { is: "plain" } as const;
  readonly maxCalls = 1;
  #holder: Channel | undefined;

  constructor(private readonly interfaceName: string) {}

  async take(): Promise<Channel> {
    if (this.#holder !== undefined) throw new ModemError("busy", `${this.interfaceName} carries a connection already`);
    const channel: Channel = {
      interfaceName: this.interfaceName,
      bind: async () => undefined,
      release: () => {
        if (this.#holder === channel) this.#holder = undefined;
      },
    };
    this.#holder = channel;
    return channel;
  }

  async close(): Promise<void> {
    // The interface is whatever it was.
  }
}

/** Channels are made when they are first needed and stay, so that a call that comes back finds its interface. */
class MuxedPath implements DataPath {
  readonly state: DataPathState;
  readonly maxCalls = mostChannels;
  readonly #holders = new Map<number, symbol>();

  constructor(
    private readonly framing: KernelFraming,
    private readonly endpoint: Endpoint,
    private readonly largestPacket: number,
  ) {
    this.state = { is: "channels", largestPacket };
  }

  async take(wanted?: number): Promise<Channel> {
    const muxId = wanted ?? this.#freeId();
    if (this.#holders.has(muxId)) throw new ModemError("busy", `channel ${muxId} is in use`);
    const holder = Symbol("call");
    this.#holders.set(muxId, holder);
    const release = () => {
      if (this.#holders.get(muxId) === holder) this.#holders.delete(muxId);
    };
    try {
      const interfaceName = await this.framing.addChannel(muxId);
      return { interfaceName, muxId, largestPacket: this.largestPacket, bind: this.#bindTo(muxId), release };
    } catch (error) {
      release();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.framing.endChannels();
  }

  #freeId(): number {
    let muxId = 1;
    while (this.#holders.has(muxId)) muxId += 1;
    if (muxId > mostChannels) throw new ModemError("busy", `all ${mostChannels} channels are in use`);
    return muxId;
  }

  #bindTo(muxId: number): Channel["bind"] {
    const { endpoint } = this;
    return async (service, signal) => {
      await service.ask(wds.bindMuxDataPort, { endpoint, muxId, clientType: "tethered" }, signal);
    };
  }
}
