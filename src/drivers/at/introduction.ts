/** The first words on a port of a modem: whatever a program before us has left it in. @see ITU-T V.250 6.2.4 to 6.2.6 */
import type { AtCommand } from "../../at/command.js";
import type { AtPort } from "../../at/port.js";
import { ModemError } from "../../runtime/error.js";
import { isRefusal } from "./chat.js";

/** Results, as words, and no echo. Numbers count until then. */
export const introduction = { text: "ATQ0V1E0", numbers: true, timeoutMs: 3_000 } as const;

/**
 * It may be in data mode or at a prompt: then it is brought back first, and told `broughtBack`, which it may refuse.
 * @throws ModemError as `AtPort.send`
 */
export async function introduce(port: AtPort, signal: AbortSignal, broughtBack?: AtCommand): Promise<void> {
  try {
    await port.send(introduction, signal);
  } catch (error) {
    if (!(error instanceof ModemError) || error.code !== "timeout") throw error;
    await port.escape();
    if (broughtBack !== undefined)
      await port.send(broughtBack, signal).catch((refusal: unknown) => {
        if (!isRefusal(refusal)) throw refusal;
      });
    await port.send(introduction, signal);
  }
}
