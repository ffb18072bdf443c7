/** RNDIS: ethernet frames with a header of Microsoft's, control by encapsulated messages. @see [MS-RNDIS] */
import type { ControlAnswer, FunctionPipes, UsbFunction } from "../device/function.js";
import type { Setup } from "../device/transfer.js";
import { macBytes } from "../ethernet/frame.js";
import type { FunctionContext } from "./context.js";
import { EncapsulatedControl } from "./encapsulated.js";
import { EthernetData, modemMacBeside } from "./ethernet-data.js";
import { isConnected, watchLink } from "./link-state.js";
import * as rndis from "./rndis-message.js";
import { packetFilterOid, rndisObject } from "./rndis-objects.js";
import { dialItself } from "./self-dial.js";

export interface RndisOptions {
  /** The host's address, twelve hex digits. */
  readonly mac: string;
  readonly dialsItself: boolean;
}

const maxCommandBytes = 4096;
const maxTransferBytes = 2048;
/** RESPONSE_AVAILABLE, which RNDIS writes in its own way. @see [MS-RNDIS] 2.2, RNDIS over USB */
const responseAvailable = Buffer.from("0100000000000000", "hex");

export class RndisFunction implements UsbFunction {
  readonly #control: EncapsulatedControl;
  readonly #ethernet: EthernetData;
  readonly #mac: Buffer;
  readonly #endings: (() => void)[] = [];
  /** Packets flow between INITIALIZE and HALT. */
  #initialized = false;

  constructor(
    options: RndisOptions,
    private readonly context: FunctionContext,
    pipes: FunctionPipes,
  ) {
    const { relay, machine } = context;
    this.#mac = macBytes(options.mac);
    this.#control = new EncapsulatedControl({
      notify: pipes.notify,
      maxCommandBytes,
      notification: () => responseAvailable,
      command: (message) => this.#command(message),
    });
    this.#ethernet = new EthernetData(context, {
      mac: modemMacBeside(this.#mac),
      send: (header, packet) =>
        this.#initialized &&
        pipes.in.send(Buffer.concat([rndis.packetHead(header.length + packet.length), header, packet])),
    });
    relay.plugIn((packet) => this.#ethernet.toHost(packet), "any");
    this.#endings.push(watchLink(machine, (connected) => this.#tell(connected)));
    if (options.dialsItself) this.#endings.push(dialItself(machine));
  }

  control(setup: Setup, data: Buffer): ControlAnswer {
    return this.#control.control(setup, data) ?? "stall";
  }

  received(transfer: Buffer): undefined {
    if (!this.#initialized) return;
    for (const frame of this.#orComplain(() => rndis.parsePackets(transfer)) ?? []) this.#ethernet.fromHost(frame);
  }

  reset(): void {
    this.#initialized = false;
    this.#control.flush();
    this.#ethernet.forget();
  }

  close(): void {
    for (const end of this.#endings) end();
    this.context.relay.unplug();
  }

  #command(message: Buffer): void {
    const request = this.#orComplain(() => rndis.parseRndis(message));
    if (request === undefined) return;
    const answer = this.#answer(request);
    if (answer !== undefined) this.#control.send(answer);
  }

  #answer(request: rndis.RndisRequest): Buffer | undefined {
    switch (request.is) {
      case "initialize":
        this.#initialized = true;
        return rndis.initializeComplete(request.id, maxTransferBytes);
      case "query":
        return rndis.queryComplete(request.id, rndisObject(request.oid, this.#facts()));
      case "set":
        // Filters and multicast lists: everything comes through, as hosts of one neighbour want it.
        return rndis.setComplete(request.id, isSettable(request.oid) ? 0 : rndis.rndisStatus.notSupported);
      case "keepalive":
        return rndis.keepaliveComplete(request.id);
      case "reset":
        return rndis.resetComplete();
      case "halt":
        this.reset();
        return undefined;
    }
  }

  #facts() {
    const { machine, profile } = this.context;
    return { mac: this.#mac, connected: isConnected(machine), vendor: profile.device.manufacturer };
  }

  #tell(connected: boolean): void {
    const { mediaConnect, mediaDisconnect } = rndis.rndisStatus;
    if (this.#initialized) this.#control.send(rndis.indicateStatus(connected ? mediaConnect : mediaDisconnect));
  }

  #orComplain<T>(parse: () => T): T | undefined {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.context.log.warning("an RNDIS message that makes no sense", { detail: error.message });
      return undefined;
    }
  }
}

const multicastListOid = 0x01010103;
const isSettable = (oid: number): boolean => oid === packetFilterOid || oid === multicastListOid;
