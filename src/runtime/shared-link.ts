/** One serial line that one after the other uses: closing what was lent gives the line back. */
import { ModemError } from "./error.js";
import type { ByteLink, LinkListener } from "./link.js";

export class SharedLink {
  #borrower: Borrowed | undefined;
  #ended: Error | undefined;
  #diverted: ((bytes: Buffer) => void) | undefined;

  /** Takes the link over. */
  constructor(private readonly link: ByteLink) {
    link.listen({
      // Between two borrowers nobody is meant.
      data: (bytes) => (this.#diverted ?? this.#hear)(bytes),
      closed: (reason) => {
        this.#ended = reason;
        this.#borrower?.end(reason);
      },
    });
  }

  readonly #hear = (bytes: Buffer) => this.#borrower?.hear(bytes);

  get name(): string {
    return this.link.name;
  }

  /** Whoever had the line before has it no more. */
  lend(): ByteLink {
    const { link } = this;
    this.#borrower?.end(new ModemError("aborted", `${link.name} is in other hands`));
    const borrowed = new Borrowed(link, () => {
      if (this.#borrower === borrowed) this.#borrower = undefined;
    });
    this.#borrower = borrowed;
    if (this.#ended !== undefined) borrowed.end(this.#ended);
    return borrowed;
  }

  /** What comes is for this one; whoever has the line hears nothing until the returned function ends that. */
  divert(hear: (bytes: Buffer) => void): () => void {
    this.#diverted = hear;
    return () => {
      if (this.#diverted === hear) this.#diverted = undefined;
    };
  }

  /** Beside whoever has the line. @throws ModemError `unplugged` */
  write(bytes: Buffer): Promise<void> {
    return this.link.write(bytes);
  }

  close(): void {
    this.link.close();
  }
}

class Borrowed implements ByteLink {
  readonly kind = "bytes";
  readonly name: string;
  readonly dropDtr?: () => Promise<void>;
  #listener: LinkListener | undefined;
  #ended: Error | undefined;

  constructor(
    private readonly link: ByteLink,
    private readonly givenBack: () => void,
  ) {
    this.name = link.name;
    if (link.dropDtr !== undefined) this.dropDtr = () => link.dropDtr?.() ?? Promise.resolve();
  }

  listen(listener: LinkListener): void {
    this.#listener = listener;
    if (this.#ended !== undefined) listener.closed(this.#ended);
  }

  async write(bytes: Buffer): Promise<void> {
    if (this.#ended !== undefined)
      throw new ModemError("unplugged", `${this.name}: not written, the line was given back`, { cause: this.#ended });
    await this.link.write(bytes);
  }

  close(): void {
    if (this.#ended !== undefined) return;
    this.givenBack();
    this.end(new ModemError("aborted", `${this.name} was closed`));
  }

  hear(bytes: Buffer): void {
    if (this.#ended === undefined) this.#listener?.data(bytes);
  }

  end(reason: Error): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    this.#listener?.closed(reason);
  }
}
