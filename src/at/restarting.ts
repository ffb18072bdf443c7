/** Commands that end in the device's leaving the bus, such as those that change what a modem shows on USB. */
import { ModemError } from "../runtime/error.js";
import type { AtPort } from "./port.js";

/** Some firmware writes its flash before it answers. */
const answerMs = 15_000;

/**
 * Sends them in order. The device may leave before it has answered the last one, or instead of that.
 * @throws ModemError as `AtPort.send`: then it has not begun to leave
 */
export async function sendRestarting(
  port: Pick<AtPort, "send">,
  commands: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (const [index, text] of commands.entries()) {
    const isLast = index === commands.length - 1;
    await port.send({ text, timeoutMs: answerMs }, signal).catch((error: unknown) => {
      const isSilence = error instanceof ModemError && (error.code === "unplugged" || error.code === "timeout");
      if (!isLast || !isSilence || signal.aborted) throw error;
    });
  }
}
