/** An IN endpoint: the host's transfers wait for data, or data waits for the host's transfers. Both in order. */
import { stall, type Transfer } from "./transfer.js";

/** What a host that does not read may leave lying in the device. */
const maxWaitingBytes = 1 << 18;
const maxWaitingMessages = 512;

export class InPipe {
  #transfers: Transfer[] = [];
  #data: Buffer[] = [];
  #bytes = 0;
  #halted = false;

  submit(transfer: Transfer): void {
    if (this.#halted) {
      transfer.done(stall);
      return;
    }
    this.#transfers.push(transfer);
    this.#meet();
  }

  /** False: it has been answered already. */
  unlink(seqnum: number): boolean {
    const at = this.#transfers.findIndex((transfer) => transfer.seqnum === seqnum);
    if (at >= 0) this.#transfers.splice(at, 1);
    return at >= 0;
  }

  /**
   * Gives one transfer's worth of data to the host; what does not fit into a transfer goes on in the next. The bytes must
   * not change afterwards. False: nobody reads, and it is lost.
   */
  send(data: Buffer): boolean {
    if (this.#bytes + data.length > maxWaitingBytes || this.#data.length >= maxWaitingMessages) return false;
    this.#data.push(data);
    this.#bytes += data.length;
    this.#meet();
    return true;
  }

  /** Discards what the host has not read. */
  clear(): void {
    this.#data = [];
    this.#bytes = 0;
  }

  /** The host is gone, with all that it wanted. */
  abandon(): void {
    this.#transfers = [];
    this.#halted = false;
    this.clear();
  }

  /** Every transfer stalls until the host clears the halt. */
  halt(): void {
    this.#halted = true;
    for (const transfer of this.#transfers.splice(0)) transfer.done(stall);
  }

  clearHalt(): void {
    this.#halted = false;
  }

  get isHalted(): boolean {
    return this.#halted;
  }

  #meet(): void {
    for (;;) {
      const [transfer, data] = [this.#transfers[0], this.#data[0]];
      if (transfer === undefined || data === undefined) return;
      this.#transfers.shift();
      const part = data.subarray(0, transfer.length);
      this.#bytes -= part.length;
      if (part.length === data.length) this.#data.shift();
      else this.#data[0] = data.subarray(part.length);
      transfer.done({ is: "in", data: part });
    }
  }
}
