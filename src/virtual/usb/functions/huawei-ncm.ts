/** Huawei's NCM: control by AT through cdc-wdm, ethernet frames in transfer blocks, all in one vendor interface. */
import type { Face } from "../../faces/face.js";
import type { FaceName } from "../../model/words.js";
import { accepted, type ControlAnswer, type FunctionPipes, type UsbFunction } from "../device/function.js";
import type { Setup } from "../device/transfer.js";
import { macBytes } from "../ethernet/frame.js";
import type { FunctionContext } from "./context.js";
import { EncapsulatedControl } from "./encapsulated.js";
import { EthernetData, modemMacBeside } from "./ethernet-data.js";
import { NcmData } from "./ncm-data.js";
import { ethernetSignature } from "./ntb.js";
import { requests, responseAvailable } from "./requests.js";

export interface HuaweiNcmOptions {
  readonly interface: number;
  /** The host's address, twelve hex digits. */
  readonly mac: string;
  readonly face: FaceName;
}

const maxCommandBytes = 4096;
const maxFrameBytes = 1514;

export function openHuaweiNcm(options: HuaweiNcmOptions, context: FunctionContext, pipes: FunctionPipes): UsbFunction {
  const control: EncapsulatedControl = new EncapsulatedControl({
    notify: pipes.notify,
    maxCommandBytes,
    notification: () => responseAvailable(options.interface),
    command: (message) => face.feed(message),
  });
  const ethernetOnly = {
    linkProtocol: "ethernet",
    setLinkProtocol: (wanted: string) => wanted === "ethernet",
  } as const;
  const face = context.openFace(options.face, control, ethernetOnly, options.interface);
  return new HuaweiNcmFunction(options, control, face, context, pipes);
}

class HuaweiNcmFunction implements UsbFunction {
  readonly #data: NcmData;
  readonly #ethernet: EthernetData;

  constructor(
    options: HuaweiNcmOptions,
    private readonly encapsulated: EncapsulatedControl,
    private readonly face: Face,
    private readonly context: FunctionContext,
    pipes: FunctionPipes,
  ) {
    this.#data = new NcmData({
      pipe: pipes.in,
      maxDatagramBytes: maxFrameBytes,
      received: (tables) => {
        for (const { datagrams } of tables) for (const frame of datagrams) this.#ethernet.fromHost(frame);
      },
      nonsense: (detail) => context.log.warning("a transfer block that makes no sense", { detail }),
    });
    this.#ethernet = new EthernetData(context, {
      mac: modemMacBeside(macBytes(options.mac)),
      send: (header, packet) => this.#data.send(ethernetSignature, header, packet),
    });
    context.relay.plugIn((packet) => this.#ethernet.toHost(packet), "any");
  }

  control(setup: Setup, data: Buffer): ControlAnswer {
    if (setup.type === "class" && setup.request === requests.setEthernetPacketFilter) return accepted;
    return this.encapsulated.control(setup, data) ?? this.#data.control(setup, data) ?? "stall";
  }

  received(block: Buffer): undefined {
    this.#data.receive(block);
  }

  hostStoppedListening(): void {
    this.face.hostLeft();
    this.encapsulated.flush();
  }

  reset(): void {
    this.#data.reset();
    this.#ethernet.forget();
    this.encapsulated.flush();
    this.face.reset?.();
  }

  close(): void {
    this.face.close();
    this.context.relay.unplug();
  }
}
