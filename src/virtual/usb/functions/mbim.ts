/** MBIM: control by encapsulated messages, IP packets of several sessions in transfer blocks. @see MBIM 1.0 */
import type { Face } from "../../faces/face.js";
import { accepted, type ControlAnswer, type FunctionPipes, type UsbFunction } from "../device/function.js";
import type { Setup } from "../device/transfer.js";
import type { FunctionContext } from "./context.js";
import { EncapsulatedControl } from "./encapsulated.js";
import { NcmData } from "./ncm-data.js";
import { type Datagrams, ipSignature, sessionOf } from "./ntb.js";
import { requests, responseAvailable } from "./requests.js";

export interface MbimOptions {
  /** Number of the communication interface. */
  readonly control: number;
  readonly maxControlBytes: number;
  readonly maxSegmentBytes: number;
}

const noHead = Buffer.alloc(0);

export function openMbim(options: MbimOptions, context: FunctionContext, pipes: FunctionPipes): UsbFunction {
  const control: EncapsulatedControl = new EncapsulatedControl({
    notify: pipes.notify,
    maxCommandBytes: options.maxControlBytes,
    notification: () => responseAvailable(options.control),
    command: (message) => face.feed(message),
  });
  const dataLink = { linkProtocol: "raw-ip", setLinkProtocol: (wanted: string) => wanted === "raw-ip" } as const;
  const face = context.openFace("mbim", control, dataLink, options.control);
  return new MbimUsbFunction(options, control, face, context, pipes);
}

class MbimUsbFunction implements UsbFunction {
  readonly #data: NcmData;
  /** Alternate setting 1 of the data interface carries packets, 0 carries nothing. */
  #carries = false;

  constructor(
    private readonly options: MbimOptions,
    private readonly encapsulated: EncapsulatedControl,
    private readonly face: Face,
    private readonly context: FunctionContext,
    pipes: FunctionPipes,
  ) {
    this.#data = new NcmData({
      pipe: pipes.in,
      maxDatagramBytes: options.maxSegmentBytes,
      received: (tables) => this.#received(tables),
      nonsense: (detail) => context.log.warning("a transfer block that makes no sense", { detail }),
    });
    context.relay.plugIn((packet, bearerId) => this.#carries && this.#data.send(ipSignature(bearerId), noHead, packet));
  }

  control(setup: Setup, data: Buffer): ControlAnswer {
    if (setup.type === "class" && setup.request === requests.resetFunction) {
      this.face.reset?.();
      return accepted;
    }
    return this.encapsulated.control(setup, data) ?? this.#data.control(setup, data) ?? "stall";
  }

  received(block: Buffer): undefined {
    if (this.#carries) this.#data.receive(block);
  }

  alternateChosen(interfaceNumber: number, alternate: number): void {
    if (interfaceNumber !== this.options.control) this.#carries = alternate === 1;
  }

  hostStoppedListening(): void {
    this.face.hostLeft();
    this.encapsulated.flush();
  }

  reset(): void {
    this.#carries = false;
    this.#data.reset();
    this.encapsulated.flush();
    this.face.reset?.();
  }

  close(): void {
    this.face.close();
    this.context.relay.unplug();
  }

  #received(tables: readonly Datagrams[]): void {
    for (const { signature, datagrams } of tables) {
      const session = sessionOf(signature);
      // DSS streams are not offered, and no host uses what is not offered.
      if (session !== undefined) this.context.relay.fromHost(datagrams, (bearerId) => bearerId === session);
    }
  }
}
