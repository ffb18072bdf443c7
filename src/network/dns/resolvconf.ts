/** Debian's resolvconf and openresolv: a record of ours, beside those of other programs. @see resolvconf(8) */
import { readFile } from "node:fs/promises";
import { errnoOf } from "../../runtime/error.js";
import type { DnsPlan } from "../plan/types.js";
import { runProgram } from "../program.js";
import type { ResolvconfFlavour } from "./choose.js";
import { serverLines, serversIn } from "./resolv-conf.js";
import type { ListedServers } from "./types.js";

export interface ResolvconfOptions {
  readonly flavour: ResolvconfFlavour;
  /** What it generates: usually /etc/resolv.conf. */
  readonly file: string;
}

/** One record for whatever carries the traffic, so that one of a killed run needs no search. Of `lo`: it is read first. */
const record = "lo.wwand";

/** openresolv leaves out every other record while an exclusive one is there, Debian's puts them behind. */
const commands = {
  openresolv: { add: ["-x", "-a", record], remove: ["-f", "-d", record] },
  debian: { add: ["-a", record], remove: ["-d", record] },
} as const;

export class ResolvconfDns implements ListedServers {
  /** Undefined: not known, a killed run may have left something. Empty: no record of ours. */
  #told: string | undefined;

  constructor(private readonly options: ResolvconfOptions) {}

  async apply({ links }: DnsPlan, signal: AbortSignal, stub?: string): Promise<void> {
    const servers = links.flatMap((link) => link.servers);
    const listed = stub === undefined || servers.length === 0 ? servers : [stub, ...servers];
    const wanted = serverLines(listed)
      .map((line) => `${line}\n`)
      .join("");
    if (wanted === this.#told) return;
    this.#told = undefined;
    const { add, remove } = commands[this.options.flavour];
    if (wanted === "") await runProgram(["resolvconf", ...remove], signal);
    else await runProgram(["resolvconf", ...add], signal, wanted);
    this.#told = wanted;
  }

  readonly forget = (): void => undefined;

  restore(signal: AbortSignal): Promise<void> {
    return this.apply({ links: [], idle: [] }, signal);
  }

  /** Of the generated file: right while there is no record of ours. */
  async found(): Promise<readonly string[]> {
    try {
      return serversIn(await readFile(this.options.file, "utf8"));
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return [];
      throw error;
    }
  }
}

/** Undefined: there is no such command, or it is another program's (systemd's resolvectl answers to the name too). */
export async function resolvconfFlavour(signal: AbortSignal): Promise<ResolvconfFlavour | undefined> {
  try {
    const told = await runProgram(["resolvconf", "--version"], signal);
    if (/^openresolv\b/.test(told)) return "openresolv";
    return /^Debian resolvconf\b/.test(told) ? "debian" : undefined;
  } catch {
    return undefined;
  }
}
