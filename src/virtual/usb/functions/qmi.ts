/** QMI: control by encapsulated messages, one packet or frame per transfer beside it, as Qualcomm's rmnet functions do. */
import type { DataLink, Face, LinkProtocol } from "../../faces/face.js";
import { accepted, type ControlAnswer, type FunctionPipes, type UsbFunction } from "../device/function.js";
import type { Setup } from "../device/transfer.js";
import type { FunctionContext } from "./context.js";
import { EncapsulatedControl } from "./encapsulated.js";
import { EthernetData } from "./ethernet-data.js";
import { requests, responseAvailable } from "./requests.js";

export interface QmiOptions {
  readonly interface: number;
  readonly maxControlBytes: number;
}

/** Every modem of this kind has the same address towards its host. */
const mac = Buffer.from("0250f3000000", "hex");

export function openQmi(options: QmiOptions, context: FunctionContext, pipes: FunctionPipes): UsbFunction {
  const data = new QmiData(context, pipes);
  const control: EncapsulatedControl = new EncapsulatedControl({
    notify: pipes.notify,
    maxCommandBytes: options.maxControlBytes,
    notification: () => responseAvailable(options.interface),
    command: (message) => face.feed(message),
  });
  const face = context.openFace("qmi", control, data, options.interface);
  return new QmiUsbFunction(control, face, data);
}

/** The framing is the host's choice; ethernet until it chooses. */
class QmiData implements DataLink {
  #linkProtocol: LinkProtocol = "ethernet";
  readonly #ethernet: EthernetData;

  constructor(
    private readonly context: FunctionContext,
    private readonly pipes: FunctionPipes,
  ) {
    const send = (header: Buffer, packet: Buffer) => pipes.in.send(Buffer.concat([header, packet]));
    this.#ethernet = new EthernetData(context, { mac, send });
    context.relay.plugIn((packet) => this.#toHost(packet), "any");
  }

  get linkProtocol(): LinkProtocol {
    return this.#linkProtocol;
  }

  setLinkProtocol(wanted: LinkProtocol): boolean {
    this.#linkProtocol = wanted;
    this.context.relay.setLinkLocal(wanted === "ethernet" ? "any" : "bearer");
    return true;
  }

  received(transfer: Buffer): void {
    if (this.#linkProtocol === "ethernet") this.#ethernet.fromHost(transfer);
    else this.context.relay.fromHost([transfer]);
  }

  reset(): void {
    this.setLinkProtocol("ethernet");
    this.#ethernet.forget();
  }

  close(): void {
    this.context.relay.unplug();
  }

  #toHost(packet: Buffer): boolean {
    return this.#linkProtocol === "ethernet" ? this.#ethernet.toHost(packet) : this.pipes.in.send(packet);
  }
}

class QmiUsbFunction implements UsbFunction {
  constructor(
    private readonly encapsulated: EncapsulatedControl,
    private readonly face: Face,
    private readonly data: QmiData,
  ) {}

  control(setup: Setup, data: Buffer): ControlAnswer {
    // Hosts raise DTR because some firmware stays deaf without it.
    if (setup.type === "class" && setup.request === requests.setControlLineState) return accepted;
    return this.encapsulated.control(setup, data) ?? "stall";
  }

  received(transfer: Buffer): undefined {
    this.data.received(transfer);
  }

  hostStoppedListening(): void {
    this.face.hostLeft();
    this.encapsulated.flush();
  }

  reset(): void {
    this.data.reset();
    this.encapsulated.flush();
    this.face.reset?.();
  }

  close(): void {
    this.face.close();
    this.data.close();
  }
}
