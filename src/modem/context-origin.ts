/** Where a context's APN comes from: a client, a file, what oFono stored, or a guess. */
import { causeText } from "../runtime/error.js";
import type { ApnOrigin, ContextSettings } from "./api.js";
import type { ApnChooser } from "./apn-chooser.js";
import type { ApnRefusal } from "./apn-ladder.js";
import type { StoredContext } from "./store.js";

export type Written = Pick<StoredContext, "provisioned" | "source">;

/** `written` is undefined of what a client has set. */
export function opened(stored: StoredContext): {
  readonly settings: ContextSettings;
  readonly written: Written | undefined;
} {
  const { number: _number, provisioned = false, source, ...settings } = stored;
  const written = provisioned ? { provisioned, ...(source === undefined ? {} : { source }) } : undefined;
  return { settings, written };
}

/** @param chooser Where the APN is a guess. */
export function originOf(
  written: Pick<StoredContext, "source"> | undefined,
  chooser: ApnChooser | undefined,
): ApnOrigin {
  if (chooser === undefined) return fixedOrigins[written === undefined ? "client" : (written.source ?? "config")];
  const { current, passedOver } = chooser;
  const { source, from } = current;
  return { source, from, passedOver: passedOver.map(refusalText) };
}

const fixedOrigins = {
  config: { source: "config", from: "[[sim]] of wwand.toml", passedOver: [] },
  client: { source: "client", from: "set by a client", passedOver: [] },
  import: { source: "import", from: "oFono's storage", passedOver: [] },
} as const satisfies Readonly<Record<"config" | "client" | "import", ApnOrigin>>;

const refusalText = ({ candidate: { source, from, apn }, failure }: ApnRefusal): string =>
  `${apn === "" ? "the network's choice" : apn} (${source}: ${from}): ${causeText(failure)}`;
