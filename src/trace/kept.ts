/** Traces of failures on the disk: few, small, readable for the owner only. The oldest goes first. */
import type { StateFolder } from "../runtime/atomic-file.js";
import { errorText, ModemError } from "../runtime/error.js";
import { type Bundle, readBundle, writeBundle } from "./bundle.js";

export interface KeptTrace {
  readonly name: string;
  /** ISO 8601. */
  readonly keptAt: string;
  readonly modem: string;
  readonly reason: string;
  readonly bytes: number;
}

export interface KeptLimits {
  readonly files: number;
  /** Of all files together. */
  readonly bytes: number;
}

const usualLimits: KeptLimits = { files: 20, bytes: 8 << 20 };

/** `20261125T224046.123Z-mbim_0`, `...-02` for the second of one moment: sorted by name they are sorted by time. */
function nameFor({ header }: Bundle, taken: readonly string[]): string {
  const time = header.madeAt.replace(/[^0-9TZ.]/g, "");
  const base = [time, header.modem.replace(/[^A-Za-z0-9_]/g, "_")].filter((part) => part !== "").join("-");
  const numbers = taken.flatMap((name) => {
    const more = name.startsWith(base) ? /^(?:-(\d+))?$/.exec(name.slice(base.length)) : null;
    return more === null ? [] : Number(more[1] ?? 1);
  });
  // Above all that are there: a number that is free again would be older than they are.
  return numbers.length === 0 ? base : `${base}-${String(Math.max(...numbers) + 1).padStart(2, "0")}`;
}

export class KeptTraces {
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly folder: StateFolder,
    private readonly limits: KeptLimits = usualLimits,
  ) {}

  /** Resolves with its name. @throws errno errors: the disk failed */
  keep(bundle: Bundle): Promise<string> {
    const kept = this.#turn.then(() => this.#keep(bundle));
    this.#turn = kept.catch(() => undefined);
    return kept;
  }

  /** Oldest first. One that cannot be read is listed with the reason. */
  async list(): Promise<readonly KeptTrace[]> {
    const found: KeptTrace[] = [];
    for (const name of await this.folder.names()) {
      const bytes = await this.folder.readBytes(name);
      if (bytes !== undefined) found.push(await described(name, bytes));
    }
    return found;
  }

  /** @throws ModemError `invalid` when there is none of that name, or it is damaged */
  async read(name: string): Promise<Bundle> {
    const known = (await this.folder.names()).includes(name);
    const bytes = known ? await this.folder.readBytes(name) : undefined;
    if (bytes === undefined) throw new ModemError("invalid", `there is no trace "${name}"`);
    return readBundle(bytes);
  }

  async #keep(bundle: Bundle): Promise<string> {
    const name = nameFor(bundle, await this.folder.names());
    await this.folder.writeBytes(name, await writeBundle(bundle));
    await this.#makeRoom();
    return name;
  }

  async #makeRoom(): Promise<void> {
    const { files, bytes } = this.limits;
    let [count, total] = [0, 0];
    for (const name of [...(await this.folder.names())].reverse()) {
      count += 1;
      total += (await this.folder.readBytes(name))?.length ?? 0;
      if (count > 1 && (count > files || total > bytes)) await this.folder.remove(name);
    }
  }
}

async function described(name: string, bytes: Buffer): Promise<KeptTrace> {
  try {
    const { header } = await readBundle(bytes);
    const { madeAt, modem, reason } = header;
    return { name, keptAt: madeAt, modem, reason, bytes: bytes.length };
  } catch (error) {
    return { name, keptAt: "", modem: "", reason: errorText(error), bytes: bytes.length };
  }
}
