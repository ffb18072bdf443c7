/** CDC-ECM: one ethernet frame per transfer. @see USB ECM 1.2 */
import { accepted, type ControlAnswer, type FunctionPipes, type UsbFunction } from "../device/function.js";
import type { Setup } from "../device/transfer.js";
import { macBytes } from "../ethernet/frame.js";
import type { FunctionContext } from "./context.js";
import { EthernetData, modemMacBeside } from "./ethernet-data.js";
import { isConnected, watchLink } from "./link-state.js";
import { networkConnection, requests } from "./requests.js";
import { dialItself } from "./self-dial.js";

export interface EcmOptions {
  /** Number of the communication interface. */
  readonly control: number;
  /** The host's address, twelve hex digits. */
  readonly mac: string;
  readonly dialsItself: boolean;
}

export class EcmFunction implements UsbFunction {
  readonly #ethernet: EthernetData;
  readonly #endings: (() => void)[] = [];

  constructor(
    private readonly options: EcmOptions,
    private readonly context: FunctionContext,
    private readonly pipes: FunctionPipes,
  ) {
    const { relay, machine } = context;
    const send = (header: Buffer, packet: Buffer) => pipes.in.send(Buffer.concat([header, packet]));
    this.#ethernet = new EthernetData(context, { mac: modemMacBeside(macBytes(options.mac)), send });
    relay.plugIn((packet) => this.#ethernet.toHost(packet), "any");
    this.#endings.push(watchLink(machine, (connected) => this.#tell(connected)));
    if (options.dialsItself) this.#endings.push(dialItself(machine));
  }

  control(setup: Setup): ControlAnswer {
    return setup.type === "class" && setup.request === requests.setEthernetPacketFilter ? accepted : "stall";
  }

  received(frame: Buffer): undefined {
    this.#ethernet.fromHost(frame);
  }

  /** Alternate setting 1 of the data interface begins; the host wants to know how things are. */
  alternateChosen(interfaceNumber: number, alternate: number): void {
    if (interfaceNumber !== this.options.control && alternate === 1) this.#tell(isConnected(this.context.machine));
  }

  reset(): void {
    this.#ethernet.forget();
  }

  close(): void {
    for (const end of this.#endings) end();
    this.context.relay.unplug();
  }

  #tell(connected: boolean): void {
    this.pipes.notify?.send(networkConnection(connected, this.options.control));
  }
}
