/** The modems that command line and configuration name by URL. */
import { realpathSync } from "node:fs";
import type { DaemonConfig, ModemConfig } from "../config/types.js";
import { errnoOf } from "../runtime/error.js";
import { type ModemUrl, parseModemUrl } from "../transport/modem-url.js";

export interface Wanted {
  /** As written. */
  readonly text: string;
  readonly url: ModemUrl;
  /** The entry that names it, or else the one that is about every other modem. */
  readonly modem: ModemConfig | undefined;
}

/** Every modem that is named by URL, each once. @throws ModemError `invalid` for what is no URL of a modem */
export function wantedModems(config: DaemonConfig, urls: readonly string[]): readonly Wanted[] {
  const configured = new Map(
    config.modems.flatMap((modem) => (modem.match.url === undefined ? [] : [[modem.match.url, modem] as const])),
  );
  const any = config.modems.find(({ match }) => match.any === true);
  return [...new Set([...urls, ...configured.keys()])].map((text) => {
    const url = parseModemUrl(text);
    return { text, url, modem: configured.get(text) ?? any };
  });
}

/** Also where one of them is a symlink of udev's. */
export function sameNode(one: string, other: string): boolean {
  if (one === other) return true;
  try {
    return realpathSync(one) === realpathSync(other);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}
