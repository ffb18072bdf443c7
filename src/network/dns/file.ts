/** /etc/resolv.conf as a file of our own while an uplink of ours carries the traffic; the original lies aside meanwhile. */
import { lstat, readFile, rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { exchangeFiles } from "../../native/index.js";
import { errnoOf } from "../../runtime/error.js";
import type { DnsPlan } from "../plan/types.js";
import { writeAtomically } from "./atomic.js";
import { resolvConfMarker } from "./choose.js";
import { isLoopback, serverLines, serversIn, settingsIn } from "./resolv-conf.js";
import type { ListedServers } from "./types.js";

export interface ResolvFileOptions {
  /** Usually /etc/resolv.conf. */
  readonly file: string;
  /** Where the original is kept; must outlive a restart of the machine, as `file` does. */
  readonly original: string;
  /** Default: a fifth of a second. */
  readonly pause?: (signal: AbortSignal) => Promise<unknown>;
}

/** From the truncation of a file that is written in place to its last byte, on a busy machine. */
const writingMs = 200;
/** Nobody writes as often as that. */
const mostTries = 3;
const pauseForWriter = (signal: AbortSignal): Promise<unknown> => sleep(writingMs, undefined, { signal });

export class ResolvFile implements ListedServers {
  constructor(private readonly options: ResolvFileOptions) {}

  /** The real servers stay behind the stub: whoever asks while nobody listens there is refused at once and goes on. */
  async apply({ links, foreign }: DnsPlan, signal: AbortSignal, stub?: string): Promise<void> {
    const ofLinks = links.flatMap(({ servers }) => servers);
    const uplink = links[0]?.uplink ?? foreign;
    // A resolver of this machine serves programs old and new by itself.
    const asFound = stub === undefined || uplink === undefined ? [] : (await this.found()).filter(isRemote);
    const servers = ofLinks.length > 0 ? ofLinks : asFound;
    if (uplink === undefined || servers.length === 0) return this.restore(signal);
    await this.#put(stub === undefined ? servers : [stub, ...servers], uplink, signal);
  }

  /** A file is read before it is written: there is nothing to forget. */
  readonly forget = (): void => undefined;

  async found(): Promise<readonly string[]> {
    const found = await this.#read();
    if (found === "symlink") return [];
    return serversIn((await this.#originalOf(found)) ?? "");
  }

  /** A file that somebody else has written meanwhile is theirs. */
  async restore(_signal: AbortSignal): Promise<void> {
    const found = await this.#read();
    if (found !== "symlink" && isOurs(found)) {
      const original = await readOrAbsent(this.options.original);
      if (original === undefined) await rm(this.options.file, { force: true });
      else await this.#giveBack(original);
    }
    await rm(this.options.original, { force: true });
  }

  async #giveBack(original: string): Promise<void> {
    const { file } = this.options;
    await writeAtomically(file, original, async (displaced) => {
      let [put, text] = [original, await readOrAbsent(displaced)];
      if (isOurs(text)) return;
      // Written since it was read: that goes back to where it was, unless there is something newer by then.
      for (let expected: string | undefined; text !== expected; text = await readOrAbsent(displaced)) {
        exchangeFiles(displaced, file);
        [expected, put] = [put, text ?? ""];
      }
    });
  }

  async #put(servers: readonly string[], uplink: string, signal: AbortSignal): Promise<void> {
    let found = await this.#written(signal);
    if (found === "symlink") throw new Error(`${this.options.file} has become a symlink: left alone`);
    for (let tries = 0; tries < mostTries; tries++) {
      const wanted = textOf(servers, await this.#originalOf(found), uplink);
      if (found === wanted) return;
      // Before the file is touched: after a crash in between there is nothing to give back.
      if (!isOurs(found)) await this.#keep(found);
      const displaced = await this.#replace(wanted, found, signal);
      if (displaced === found || isOurs(displaced)) return;
      // Another program wrote since it was read: its words are the original, as if they had been there before.
      await this.#keep(displaced);
      found = displaced;
    }
  }

  /** What the new text took the place of. */
  async #replace(text: string, found: string | undefined, signal: AbortSignal): Promise<string | undefined> {
    let displaced = found;
    await writeAtomically(this.options.file, text, async (old) => {
      displaced = await readOrAbsent(old);
      if (displaced === found) return;
      // Who truncated it goes on writing into the file that it is. What was read is kept also where nobody waits any more.
      await (this.options.pause ?? pauseForWriter)(signal).catch(() => undefined);
      displaced = await readOrAbsent(old);
    });
    return displaced;
  }

  /** An empty file is one that another program is about to write in place: what it says would be lost with the file. */
  async #written(signal: AbortSignal): Promise<string | undefined | "symlink"> {
    const found = await this.#read();
    if (found !== "") return found;
    await (this.options.pause ?? pauseForWriter)(signal);
    return this.#read();
  }

  async #originalOf(found: string | undefined): Promise<string | undefined> {
    return isOurs(found) ? readOrAbsent(this.options.original) : found;
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
const isRemote = (server: string): boolean => !isLoopback(server);

async function readOrAbsent(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function textOf(servers: readonly string[], original: string | undefined, uplink: string): string {
  const lines = [
    `${resolvConfMarker} for the uplink ${uplink}: changes are lost, the file before it comes back`,
    ...serverLines(servers),
    ...settingsIn(original ?? ""),
  ];
  return `${lines.join("\n")}\n`;
}
