/** QMI in MBIM: the QMI face behind this function's QMI service. */
import { decodeFrame } from "../../../qmi/frame.js";
import type { Face, FaceContext } from "../face.js";
import { QmiFunction } from "../qmi/function.js";

type Respond = (frame: Buffer) => void;

export class QmiInMbim {
  readonly #face: Face;
  /** Who waits for the response, by service, client and transaction. */
  readonly #waiting = new Map<string, Respond>();

  /** `indicate` takes what the modem tells by itself. */
  constructor(
    context: FaceContext,
    private readonly indicate: Respond,
  ) {
    const line = { send: (frame: Buffer) => this.#sent(frame), flush: () => undefined };
    this.#face = new QmiFunction(line, context);
  }

  /** A frame that makes no sense gets no answer, as on a port of its own. */
  request(frame: Buffer, respond: Respond): void {
    const key = keyOf(frame);
    if (key === undefined) return;
    this.#waiting.set(key, respond);
    this.#face.feed(frame);
  }

  close(): void {
    this.#waiting.clear();
    this.#face.close();
  }

  #sent(frame: Buffer): void {
    const key = keyOf(frame);
    const respond = key === undefined ? undefined : this.#waiting.get(key);
    if (key === undefined || respond === undefined) this.indicate(frame);
    else {
      this.#waiting.delete(key);
      respond(frame);
    }
  }
}

function keyOf(frame: Buffer): string | undefined {
  try {
    const { kind, service, client, transaction } = decodeFrame(frame);
    return kind === "indication" ? undefined : `${service}/${client}/${transaction}`;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
