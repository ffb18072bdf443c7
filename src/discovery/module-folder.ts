/** /lib/modules and /sys/module as the running kernel has them. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf } from "../runtime/error.js";
import { AliasIndex, moduleOfFile, parseAliases, parseBuiltinInfo } from "./module-aliases.js";
import type { KernelSnapshot, ModuleSnapshot, ModuleState } from "./snapshot.js";

export interface ModuleRoots {
  /** `/sys` */
  readonly sys: string;
  /** `/lib/modules` */
  readonly modules: string;
  /** As `uname -r` says it. */
  readonly release: string;
}

/** What was read, and of when: modules may be installed while the daemon runs. */
interface Lists {
  readonly modifiedMs: number;
  readonly index: AliasIndex;
  readonly builtin: ReadonlySet<string>;
}

const textOrNothing = (path: string): Promise<string | undefined> =>
  readFile(path, "utf8").catch((error: unknown) => {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  });

export class ModuleFolder {
  #lists: Lists | undefined;

  constructor(private readonly roots: ModuleRoots) {}

  async kernel(): Promise<KernelSnapshot> {
    const { modules, release } = this.roots;
    const releases: readonly string[] = await readdir(modules).catch(() => []);
    const otherReleases = releases.filter((name) => name !== release).sort();
    if (!releases.includes(release)) return { release, modules: "missing", otherReleases };
    await this.#read();
    return { release, modules: this.#lists === undefined ? "unlisted" : "listed", otherReleases };
  }

  /** Modules that know a device with this modalias, by the lists as `kernel` has found them. */
  byAlias(modalias: string): Promise<readonly ModuleSnapshot[]> {
    return Promise.all((this.#lists?.index.modules(modalias) ?? []).map((name) => this.#module(name)));
  }

  /** The module of this name, if the running kernel has it: for kernels whose folder has no list of aliases. */
  async byName(name: string): Promise<readonly ModuleSnapshot[]> {
    const loaded = await this.#state(name);
    if (loaded !== undefined) return [{ name, state: loaded }];
    const files: readonly string[] = await readdir(this.#file("")).catch(() => []);
    return files.some((file) => moduleOfFile(file) === name) ? [{ name, state: "loadable" }] : [];
  }

  async #module(name: string): Promise<ModuleSnapshot> {
    const builtin = this.#lists?.builtin.has(name) ?? false;
    return { name, state: (await this.#state(name)) ?? (builtin ? "live" : "loadable") };
  }

  /** Undefined: not loaded. @see MODULE_STATE_COMING in linux/module.h: a driver probes within the initialisation */
  async #state(name: string): Promise<ModuleState | undefined> {
    const folder = join(this.roots.sys, "module", name);
    const state = await textOrNothing(join(folder, "initstate"));
    if (state !== undefined) return state.trim() === "coming" ? "coming" : "live";
    // What is built in has a folder only if it has parameters, and never this file.
    return stat(folder).then(
      () => "live",
      () => undefined,
    );
  }

  async #read(): Promise<void> {
    const found = await stat(this.#file("modules.alias")).catch(() => undefined);
    if (found === undefined) this.#lists = undefined;
    if (found === undefined || this.#lists?.modifiedMs === found.mtimeMs) return;
    const [aliases = "", info = "", builtin = ""] = await Promise.all(
      ["modules.alias", "modules.builtin.modinfo", "modules.builtin"].map((name) => textOrNothing(this.#file(name))),
    );
    this.#lists = {
      modifiedMs: found.mtimeMs,
      index: new AliasIndex([...parseAliases(aliases), ...parseBuiltinInfo(info)]),
      builtin: new Set(builtin.split("\n").flatMap((line) => moduleOfFile(line) ?? [])),
    };
  }

  #file(name: string): string {
    return join(this.roots.modules, this.roots.release, name);
  }
}
