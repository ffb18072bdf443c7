/** Waits for the model: its timers are short in these tests, but they are timers. */
import type { VirtualModem, VirtualModemState } from "../../../src/virtual/types.js";

async function until(modem: VirtualModem, holds: (model: VirtualModemState["model"]) => boolean): Promise<void> {
  while (!holds(modem.state().model)) await new Promise((resolve) => setImmediate(resolve));
}

export const attached = (modem: VirtualModem): Promise<void> => until(modem, ({ packet }) => packet.is === "attached");

/** Session 0 is up. */
export const connected = (modem: VirtualModem): Promise<void> =>
  until(modem, ({ sessions }) => sessions.some(({ id, is }) => id === 0 && is === "active"));
