/** A device on the bus: transfers come in, functions answer. Knows no transport. */
import type { DeviceDescription, EndpointDescription } from "../description/types.js";
import { isIn } from "../description/types.js";
import type { FunctionPipes, UsbFunction } from "./function.js";
import { InPipe } from "./in-pipe.js";
import { StandardRequests } from "./standard.js";
import { parseSetup, type Setup, stall, type Transfer } from "./transfer.js";

/** A function with the interfaces that it owns. `open` is called once, when the device is made. */
export interface Slot {
  readonly interfaces: readonly number[];
  open(pipes: FunctionPipes): UsbFunction;
}

export interface Arriving extends Transfer {
  /** 0 to 15, without direction. */
  readonly endpoint: number;
  readonly direction: "in" | "out";
  readonly setup: Buffer;
  readonly data: Buffer;
}

interface Endpoint {
  readonly owner: UsbFunction;
  readonly isInterrupt: boolean;
  /** Undefined for OUT, whose transfers never wait. */
  readonly pipe: InPipe | undefined;
  isOutHalted: boolean;
}

export class UsbDevice {
  readonly #standard: StandardRequests;
  readonly #ownerOf = new Map<number, UsbFunction>();
  readonly #endpoints = new Map<number, Endpoint>();
  readonly #functions: UsbFunction[] = [];

  constructor(
    readonly description: DeviceDescription,
    slots: readonly Slot[],
  ) {
    for (const slot of slots) this.#install(slot);
    this.#standard = new StandardRequests(description, {
      configured: () => this.#configured(),
      alternateChosen: (number, alternate) => this.#ownerOf.get(number)?.alternateChosen?.(number, alternate),
      isHalted: (address) => this.#isHalted(address),
      setHalt: (address, halted) => this.#setHalt(address, halted),
    });
  }

  submit(transfer: Arriving): void {
    if (transfer.endpoint === 0) {
      this.#control(transfer);
      return;
    }
    const endpoint = this.#endpoints.get(transfer.endpoint | (transfer.direction === "in" ? 0x80 : 0));
    if (endpoint === undefined) transfer.done(stall);
    else if (endpoint.pipe !== undefined) endpoint.pipe.submit(transfer);
    else this.#take(transfer, endpoint);
  }

  /** Withdraws a waiting transfer. False: it has been answered already. */
  unlink(seqnum: number): boolean {
    for (const { pipe, isInterrupt, owner } of this.#endpoints.values()) {
      if (pipe?.unlink(seqnum) !== true) continue;
      if (isInterrupt) owner.hostStoppedListening?.();
      return true;
    }
    return false;
  }

  /** The host is gone without a word. The next one configures the device anew. */
  abandon(): void {
    for (const endpoint of this.#endpoints.values()) {
      endpoint.isOutHalted = false;
      endpoint.pipe?.abandon();
    }
    for (const it of this.#functions) it.hostStoppedListening?.();
  }

  close(): void {
    for (const it of this.#functions.splice(0)) it.close();
    this.#endpoints.clear();
  }

  #install({ interfaces, open }: Slot): void {
    const described = this.description.interfaces.filter(({ number }) => interfaces.includes(number));
    const endpoints = described.flatMap(({ alternates }) => alternates.flatMap((it) => it.endpoints));
    // The same interrupt endpoint may appear in several alternate settings.
    const pipes = new Map(endpoints.filter(({ address }) => isIn(address)).map((it) => [it.address, new InPipe()]));
    const pipeOf = (transfer: EndpointDescription["transfer"]): InPipe | undefined => {
      const found = endpoints.find((it) => it.transfer === transfer && isIn(it.address));
      return found && pipes.get(found.address);
    };
    const owner = open({ notify: pipeOf("interrupt"), in: pipeOf("bulk") ?? new InPipe() });
    this.#functions.push(owner);
    for (const number of interfaces) this.#ownerOf.set(number, owner);
    for (const { address, transfer } of endpoints) {
      const isInterrupt = transfer === "interrupt";
      this.#endpoints.set(address, { owner, isInterrupt, pipe: pipes.get(address), isOutHalted: false });
    }
  }

  #control(transfer: Arriving): void {
    const setup = parseSetup(transfer.setup);
    const answer =
      setup.type === "standard"
        ? this.#standard.answer(setup)
        : (this.#recipient(setup)?.control?.(setup, transfer.data) ?? "stall");
    if (answer === "stall") transfer.done(stall);
    else if (setup.direction === "out") transfer.done({ is: "out", bytes: transfer.data.length });
    else transfer.done({ is: "in", data: answer.subarray(0, Math.min(setup.length, transfer.length)) });
  }

  #recipient({ recipient, index }: Setup): UsbFunction | undefined {
    if (recipient === "interface") return this.#ownerOf.get(index & 0xff);
    return recipient === "endpoint" ? this.#endpoints.get(index & 0xff)?.owner : undefined;
  }

  #take(transfer: Arriving, endpoint: Endpoint): void {
    if (!endpoint.isOutHalted && endpoint.owner.received?.(transfer.data) === "stall") endpoint.isOutHalted = true;
    transfer.done(endpoint.isOutHalted ? stall : { is: "out", bytes: transfer.data.length });
  }

  #configured(): void {
    for (const endpoint of this.#endpoints.values()) {
      endpoint.isOutHalted = false;
      endpoint.pipe?.clearHalt();
      endpoint.pipe?.clear();
    }
    for (const it of this.#functions) it.reset?.();
  }

  #isHalted(address: number): boolean {
    const endpoint = this.#endpoints.get(address);
    return endpoint?.pipe?.isHalted ?? endpoint?.isOutHalted ?? false;
  }

  #setHalt(address: number, halted: boolean): void {
    const endpoint = this.#endpoints.get(address);
    if (endpoint === undefined) return;
    if (endpoint.pipe === undefined) endpoint.isOutHalted = halted;
    else if (halted) endpoint.pipe.halt();
    else endpoint.pipe.clearHalt();
    if (!halted) endpoint.owner.haltCleared?.();
  }
}
