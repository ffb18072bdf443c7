/** What the modem shows on USB, changed over the port that the driver has. */
import { sendRestarting } from "../../at/restarting.js";
import type { CompositionPort } from "../../modem/ports.js";
import type { Chat } from "./chat.js";

export const compositionPort = ({ port }: Pick<Chat, "port">): CompositionPort => ({
  change: (commands, signal) => sendRestarting(port, commands, signal),
});
