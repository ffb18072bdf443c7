/** oFono's storage folder: read only, never changed. A file that cannot be used is told and skipped. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ContextSettings } from "../modem/api.js";
import type { ImportedState } from "../modem/store.js";
import { errnoOf, errorText } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import { readGprs, readMode, readProvisioning } from "./ofono-storage.js";
import type { Plmn } from "./provider-database.js";

/** oFono's own are a few kilobytes. */
const mostBytes = 1024 * 1024;

export class OfonoFiles {
  constructor(
    private readonly folder: () => string,
    private readonly log: Log,
  ) {}

  /** What oFono knows of the subscriber; undefined: nothing. */
  async subscriber(imsi: string, signal: AbortSignal): Promise<ImportedState | undefined> {
    if (!/^[0-9]{5,15}$/.test(imsi)) return undefined;
    const [read, mode] = await Promise.all([
      this.#parsed(join(imsi, "gprs"), readGprs, signal),
      this.#parsed(join(imsi, "netreg"), readMode, signal),
    ]);
    if (mode === "manual")
      this.log.notice("oFono had an operator chosen by hand, but does not store which: it is chosen automatically");
    for (const what of read?.leftOut ?? []) this.log.warning("not taken over from oFono", { what });
    return read?.state;
  }

  /** What the hand-made provisioning file has for the network. */
  async provisioning(plmn: Plmn, signal: AbortSignal): Promise<readonly ContextSettings[]> {
    return (await this.#parsed("provisioning", (text) => readProvisioning(text, plmn), signal)) ?? [];
  }

  async #parsed<T>(name: string, parse: (text: string) => T, signal: AbortSignal): Promise<T | undefined> {
    const file = join(this.folder(), name);
    try {
      const text = await readFile(file, { encoding: "utf8", signal });
      if (text.length > mostBytes) throw new Error("too large");
      return parse(text);
    } catch (error) {
      if (signal.aborted) throw error;
      if (errnoOf(error) !== "ENOENT") this.log.warning("skipped", { file, reason: errorText(error) });
      return undefined;
    }
  }
}
