/** What one firmware can do, learned once: the second plug-in asks less. Nothing secret is in it, and nothing of a card. */
import { isDeepStrictEqual } from "node:util";
import * as v from "valibot";
import type { Bands, Identity } from "../../modem/types.js";
import { errorText } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";

/** Where it is kept, by name; plain JSON data. */
export interface FactFiles {
  /** Undefined: nothing was kept. */
  read(name: string): Promise<unknown>;
  write(name: string, value: unknown): Promise<void>;
}

const bandList = v.exactOptional(v.pipe(v.array(v.number()), v.maxLength(512)));

const shape = v.object({
  /** Of this shape: facts of another one are learned anew. */
  version: v.literal(1),
  /** Commands that it refused as such. */
  lacks: v.pipe(v.array(v.string()), v.maxLength(64)),
  technologies: v.exactOptional(v.array(v.picklist(["gsm", "edge", "umts", "hspa", "lte", "nr"]))),
  /** Bands that it was ever seen to use. */
  bands: v.exactOptional(v.object({ gsm: bandList, umts: bandList, lte: bandList, nr: bandList })),
});

type Facts = v.InferOutput<typeof shape>;

const none: Facts = { version: 1, lacks: [] };

/** A name of letters, digits and dots for a maker's model and its firmware; undefined where it does not say all of them. */
export function firmwareName({ manufacturer, model, firmware }: Identity): string | undefined {
  if (manufacturer === undefined || model === undefined || firmware === undefined) return undefined;
  const plain = [manufacturer, model, firmware].map((part) => part.replace(/[^A-Za-z0-9.]+/g, "-")).join("_");
  return `${plain.replace(/^[.-]+/, "").slice(0, 120)}.json`;
}

export class FirmwareFacts {
  #facts: Facts = none;
  #isChanged = false;

  private constructor(
    private readonly name: string | undefined,
    private readonly files: FactFiles | undefined,
    private readonly log: Log,
  ) {}

  /** A modem that does not say which firmware it has begins afresh each time. */
  static async open(identity: Identity, files: FactFiles | undefined, log: Log): Promise<FirmwareFacts> {
    const facts = new FirmwareFacts(firmwareName(identity), files, log);
    await facts.#read();
    return facts;
  }

  get technologies(): Identity["technologies"] | undefined {
    return this.#facts.technologies;
  }

  learnTechnologies(technologies: Identity["technologies"]): void {
    this.#learn({ ...this.#facts, technologies: [...technologies] });
  }

  get bands(): Bands | undefined {
    return this.#facts.bands;
  }

  learnBands(bands: Bands): void {
    if (isDeepStrictEqual(bands, this.#facts.bands)) return;
    const lists = Object.entries(bands).map(([generation, list]) => [generation, [...list]]);
    this.#learn({ ...this.#facts, bands: Object.fromEntries(lists) });
  }

  lacks(command: string): boolean {
    return this.#facts.lacks.includes(command);
  }

  learnLack(command: string): void {
    this.#learn({ ...this.#facts, lacks: [...this.#facts.lacks, command] });
  }

  /** What was learned since the last time is kept. Never fails: the next run learns it again. */
  async keep(): Promise<void> {
    if (!this.#isChanged || this.name === undefined || this.files === undefined) return;
    this.#isChanged = false;
    await this.files
      .write(this.name, this.#facts)
      .catch((error: unknown) =>
        this.log.warning("the firmware's abilities are not kept", { cause: errorText(error) }),
      );
  }

  #learn(facts: Facts): void {
    this.#facts = facts;
    this.#isChanged = true;
  }

  async #read(): Promise<void> {
    if (this.name === undefined || this.files === undefined) return;
    const kept = await this.files.read(this.name).catch((error: unknown) => {
      this.log.warning("the firmware's abilities cannot be read", { cause: errorText(error) });
      return undefined;
    });
    const parsed = v.safeParse(shape, kept);
    if (parsed.success) this.#facts = parsed.output;
  }
}
