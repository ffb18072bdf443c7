/**
 * Small state files that are whole or noticed: written beside, synced, renamed, the folder synced; read back only when
 * length and checksum fit. A file that does not fit is reported and set aside as `<name>.broken-<n>` for a person.
 *
 * One line of header, one line of JSON:
 *     {"wwand":1,"bytes":17,"sha256":"..."}
 *     {"any":"content"}
 */
import { createHash, randomBytes } from "node:crypto";
import { link, mkdir, open, readdir, readFile, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf } from "./error.js";
import type { Log } from "./log.js";

/** Version of this envelope; what is inside has its own. */
const version = 1;

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** The bytes of a file that holds `value`, which must be plain JSON data. */
export function printStateFile(value: unknown): Buffer {
  const body = Buffer.from(`${JSON.stringify(value)}\n`);
  const header = JSON.stringify({ wwand: version, bytes: body.length, sha256: sha256(body) });
  return Buffer.concat([Buffer.from(`${header}\n`), body]);
}

/** @throws Error that says what is wrong; a file cut at any byte, grown or altered is. */
export function parseStateFile(bytes: Buffer): unknown {
  const end = bytes.indexOf(0x0a);
  if (end < 0) throw new Error(bytes.length === 0 ? "the file is empty" : "the header is cut off");
  const header: unknown = JSON.parse(bytes.subarray(0, end).toString());
  const body = bytes.subarray(end + 1);
  if (typeof header !== "object" || header === null || !("wwand" in header)) throw new Error("no header of wwand's");
  if (header.wwand !== version) throw new Error(`version ${String(header.wwand)}, this wwand reads ${version}`);
  if (!("bytes" in header) || header.bytes !== body.length) throw new Error("the length does not fit the header's");
  if (!("sha256" in header) || header.sha256 !== sha256(body)) throw new Error("the checksum does not fit");
  return JSON.parse(body.toString());
}

/** State files of one folder. Writes to one name happen one after the other; the last one wins. */
export class StateFolder {
  readonly #turns = new Map<string, Promise<void>>();
  #prepared: Promise<void> | undefined;

  /** The folder is made when something is written, readable for the owner only: state may hold secrets. */
  constructor(
    private readonly folder: string,
    private readonly log: Log,
  ) {}

  /**
   * The value, or undefined when there is no such file or it was broken and is now set aside.
   * @throws errno errors other than ENOENT: the disk failed, which is not the same as having no state.
   */
  async read(name: string): Promise<unknown> {
    const bytes = await this.readBytes(name);
    if (bytes === undefined) return undefined;
    try {
      return parseStateFile(bytes);
    } catch (error) {
      await this.setAside(name, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  /** What `writeBytes` wrote; undefined when there is no such file. @throws as `read` */
  async readBytes(name: string): Promise<Buffer | undefined> {
    await this.#turns.get(name);
    return readFile(this.#path(name)).catch((error) => {
      if (errnoOf(error) === "ENOENT") return undefined;
      throw error;
    });
  }

  async remove(name: string): Promise<void> {
    await unlink(this.#path(name)).catch((error) => {
      if (errnoOf(error) !== "ENOENT") throw error;
    });
    await this.#syncFolder();
  }

  /** Resolves when the value survives a power cut. A failing write leaves the old file as it was. */
  write(name: string, value: unknown): Promise<void> {
    return this.writeBytes(name, printStateFile(value));
  }

  /** The same for a file whose format tells by itself whether it is whole. */
  writeBytes(name: string, bytes: Buffer): Promise<void> {
    const before = this.#turns.get(name) ?? Promise.resolve();
    const done = before.then(() => this.#replace(name, bytes));
    const turn = done.catch(() => undefined);
    this.#turns.set(name, turn);
    return done.finally(() => this.#turns.get(name) === turn && this.#turns.delete(name));
  }

  /** Keeps what cannot be used under the next free `.broken-<n>`, and says so. */
  async setAside(name: string, reason: string): Promise<void> {
    for (let n = await this.#nextAside(name); ; n++) {
      const aside = `${name}.broken-${n}`;
      try {
        // link fails where rename would overwrite what was set aside before.
        await link(this.#path(name), this.#path(aside));
        await unlink(this.#path(name));
        await this.#syncFolder();
        this.log.error("state file set aside", { file: this.#path(name), aside, reason });
        return;
      } catch (error) {
        if (errnoOf(error) === "ENOENT") return;
        if (errnoOf(error) !== "EEXIST") throw error;
      }
    }
  }

  async #nextAside(name: string): Promise<number> {
    const prefix = `${name}.broken-`;
    const entries = (await readdir(this.folder)).filter((entry) => entry.startsWith(prefix));
    return 1 + Math.max(0, ...entries.map((entry) => Number.parseInt(entry.slice(prefix.length), 10) || 0));
  }

  /** Names that `read` may find something under. */
  async names(): Promise<readonly string[]> {
    const entries = await readdir(this.folder).catch((error) => {
      if (errnoOf(error) === "ENOENT") return [];
      throw error;
    });
    return entries.filter((entry) => !/\.(broken-\d+|temp-[0-9a-f]+)$/.test(entry)).sort();
  }

  async #replace(name: string, bytes: Buffer): Promise<void> {
    this.#prepared ??= this.#prepare();
    await this.#prepared;
    const temporary = this.#path(`${name}.temp-${randomBytes(4).toString("hex")}`);
    try {
      await writeSynced(temporary, bytes);
      await rename(temporary, this.#path(name));
    } catch (error) {
      await unlink(temporary).catch((left) => {
        if (errnoOf(left) !== "ENOENT") this.log.warning("temporary file left", { file: temporary });
      });
      throw error;
    }
    await this.#syncFolder();
  }

  /** Makes the folder, and takes away what a killed process left half-written: nobody has ever read it. */
  async #prepare(): Promise<void> {
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      const left = (await readdir(this.folder)).filter((entry) => /\.temp-[0-9a-f]{8}$/.test(entry));
      for (const entry of left) await unlink(join(this.folder, entry));
    } catch (error) {
      this.#prepared = undefined;
      throw error;
    }
  }

  /** The name is on the disk only when the folder is. */
  async #syncFolder(): Promise<void> {
    const folder = await open(this.folder, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  #path(name: string): string {
    if (name === "" || name.includes("/") || name.startsWith("."))
      throw new Error(`"${name}" is no name of a state file`);
    return join(this.folder, name);
  }
}

async function writeSynced(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
