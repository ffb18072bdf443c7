/** /etc/resolv.conf as a file of our own while an uplink of ours carries the traffic; the original lies aside meanwhile. */
import { lstat, readFile, rm } from "node:fs/promises";
import { errnoOf } from "../../runtime/error.js";
import type { DnsPlan } from "../plan/types.js";
import { writeAtomically } from "./atomic.js";
import { resolvConfMarker } from "./choose.js";
import type { DnsBackend } from "./types.js";

export interface ResolvFileOptions {
  /** Usually /etc/resolv.conf. */
  readonly file: string;
  /** Where the original is kept; must outlive a restart of the machine, as `file` does. */
  readonly original: string;
}

/** glibc reads three servers. @see resolv.conf(5) MAXNS */
const mostServers = 3;

export class ResolvFile implements DnsBackend {
  constructor(private readonly options: ResolvFileOptions) {}

  async apply({ links }: DnsPlan): Promise<void> {
    if (links.length === 0) return this.restore();
    const found = await this.#read();
    if (found === "symlink") throw new Error(`${this.options.file} has become a symlink: left alone`);
    const original = isOurs(found) ? await readOrAbsent(this.options.original) : found;
    const servers = [...new Set(links.flatMap((link) => link.servers))].slice(0, mostServers);
    const wanted = textOf(servers, original, links[0]?.uplink ?? "");
    if (found === wanted) return;
    // Before the file is touched: after a crash in between there is nothing to give back.
    if (!isOurs(found)) await this.#keep(found);
    await writeAtomically(this.options.file, wanted);
  }

  /** A file is read before it is written: there is nothing to forget. */
  readonly forget = (): void => undefined;

  /** A file that somebody else has written meanwhile is theirs. */
  async restore(): Promise<void> {
    const found = await this.#read();
    if (found !== "symlink" && isOurs(found)) {
      const original = await readOrAbsent(this.options.original);
      if (original === undefined) await rm(this.options.file, { force: true });
      else await writeAtomically(this.options.file, original);
    }
    await rm(this.options.original, { force: true });
  }

  async #keep(original: string | undefined): Promise<void> {
    if (original === undefined) await rm(this.options.original, { force: true });
    else await writeAtomically(this.options.original, original);
  }

  async #read(): Promise<string | undefined | "symlink"> {
    try {
      if ((await lstat(this.options.file)).isSymbolicLink()) return "symlink";
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw error;
    }
    return readOrAbsent(this.options.file);
  }
}

const isOurs = (text: string | undefined): boolean => text?.startsWith(resolvConfMarker) ?? false;

async function readOrAbsent(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Search lists and options are the machine's, whatever uplink carries it. */
function textOf(servers: readonly string[], original: string | undefined, uplink: string): string {
  const kept = (original ?? "").split("\n").filter((line) => /^\s*(search|domain|options|sortlist)\s/.test(line));
  const lines = [
    `${resolvConfMarker} for the uplink ${uplink}: changes are lost, the file before it comes back`,
    ...servers.map((server) => `nameserver ${server}`),
    ...kept,
  ];
  return `${lines.join("\n")}\n`;
}
