/** An AT cable in memory: a test is the modem, byte by byte. */
import { ModemError } from "../../src/runtime/error.js";
import type { ByteLink, LinkListener } from "../../src/runtime/link.js";

export class AtCable {
  readonly link: ByteLink;
  /** What the host wrote, one entry for each write. */
  readonly written: string[] = [];
  /** Answers at once what the host writes, where a test does not want to do it by hand. */
  modem: (text: string) => string | undefined = () => undefined;
  #listener: LinkListener | undefined;
  #isGone = false;

  constructor(hasDtr = false) {
    this.link = {
      kind: "bytes",
      name: "/dev/ttyUSB2",
      listen: (listener) => {
        this.#listener = listener;
      },
      write: async (bytes) => {
        if (this.#isGone) throw new ModemError("unplugged", "the cable is cut");
        const text = bytes.toString("latin1");
        this.written.push(text);
        const answer = this.modem(text);
        if (answer !== undefined) queueMicrotask(() => this.say(answer));
      },
      close: () => this.#end(new ModemError("aborted", "closed by the host")),
      ...(hasDtr && {
        dropDtr: async () => {
          this.written.push("<DTR>");
        },
      }),
    };
  }

  say(text: string): void {
    if (!this.#isGone) this.#listener?.data(Buffer.from(text, "latin1"));
  }

  unplug(): void {
    this.#end(new ModemError("unplugged", "the cable is cut"));
  }

  get isClosed(): boolean {
    return this.#isGone;
  }

  #end(reason: Error): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#listener?.closed(reason);
  }
}
