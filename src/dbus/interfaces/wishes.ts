import type { Wisher } from "../../modem/api.js";
import type { Caller } from "../types.js";

/** The caller as the domain knows it. */
export const client = ({ sender }: Caller): Wisher => ({ is: "client", name: sender });

/**
 * Tells the domain that a client wishes what is the case already, so that it stays so when another one's wish ends. The
 * client is answered at once with success, as oFono does, whatever the domain thinks of it: nothing was to be changed.
 */
export function reaffirm(isHeld: boolean, wish: () => Promise<void>): void {
  if (isHeld) void wish().catch(() => undefined);
}
