/** The first words on a port of a modem: whatever a program before us has left it in. @see ITU-T V.250 6.2.4 to 6.2.6 */
import type { AtPort } from "../../at/port.js";
import { ModemError } from "../../runtime/error.js";

/** Results, as words, and no echo. Numbers count until then. */
export const introduction = { text: "ATQ0V1E0", numbers: true, timeoutMs: 3_000 } as const;

/** It may be in data mode or at a prompt: then it is brought back first. @throws ModemError as `AtPort.send` */
export async function introduce(port: AtPort, signal: AbortSignal): Promise<void> {
  try {
    await port.send(introduction, signal);
  } catch (error) {
    if (!(error instanceof ModemError) || error.code !== "timeout") throw error;
    await port.escape();
    await port.send(introduction, signal);
  }
}
