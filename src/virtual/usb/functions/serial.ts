/** Serial ports: a vendor's pair of bulk endpoints, and CDC-ACM. @see USB PSTN 1.2 6.3 */
import type { Face, HostLine, HostLines } from "../../faces/face.js";
import { accepted, type ControlAnswer, type FunctionPipes, type UsbFunction } from "../device/function.js";
import type { Setup } from "../device/transfer.js";
import { requests, serialState } from "./requests.js";

/** 115200 bit/s, one stop bit, no parity, eight bits: what hosts read before they set anything. */
const lineCodingAtFirst = Buffer.from("00c20100000008", "hex");

export class SerialFunction implements UsbFunction {
  readonly #face: Face;
  #lineCoding: Buffer = lineCodingAtFirst;
  /** Undefined until the host sets them: some drivers never do. */
  #lines: HostLines | undefined;

  constructor(
    interfaceNumber: number,
    private readonly pipes: FunctionPipes,
    openFace: (line: HostLine) => Face,
  ) {
    this.#face = openFace({
      send: (bytes) => this.#send(bytes),
      flush: () => pipes.in.clear(),
      setCarrier: (up) => void pipes.notify?.send(serialState(up, interfaceNumber)),
    });
  }

  control(setup: Setup, data: Buffer): ControlAnswer {
    if (setup.type !== "class") return "stall";
    switch (setup.request) {
      case requests.setControlLineState:
        this.#setLines({ dtr: (setup.value & 1) !== 0, rts: (setup.value & 2) !== 0 });
        return accepted;
      case requests.setLineCoding:
        if (data.length !== lineCodingAtFirst.length) return "stall";
        this.#lineCoding = data;
        return accepted;
      case requests.getLineCoding:
        return this.#lineCoding;
      case requests.sendBreak:
        return accepted;
      default:
        return "stall";
    }
  }

  received(bytes: Buffer): undefined {
    this.#face.feed(bytes);
  }

  /** What was told before is not for the next opener. */
  hostStoppedListening(): void {
    this.pipes.notify?.clear();
  }

  reset(): void {
    this.#lineCoding = lineCodingAtFirst;
    this.#lines = undefined;
    this.pipes.in.clear();
    this.#face.reset?.();
  }

  close(): void {
    this.#face.close();
  }

  /** With DTR down nobody has the port open, and what is said then is not for the next one who does. */
  #send(bytes: Buffer): void {
    if (this.#lines?.dtr !== false) this.pipes.in.send(bytes);
  }

  /** Closing a tty drops DTR, which is all that a modem sees of it. */
  #setLines(lines: HostLines): void {
    const before = this.#lines ?? { dtr: false, rts: false };
    this.#lines = lines;
    if (before.dtr === lines.dtr && before.rts === lines.rts) return;
    this.#face.setLines?.(lines);
    if (!before.dtr || lines.dtr) return;
    this.pipes.in.clear();
    this.#face.hostLeft();
  }
}
