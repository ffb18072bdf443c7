/** What the modem attaches with, as the configuration wants it. */
import { errorText } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import { deadlinesMs } from "./deadlines.js";
import type { Operations } from "./operations.js";
import type { InitialBearerPort } from "./ports.js";
import type { InitialBearer } from "./types.js";

export interface InitialBearerRoom {
  /** Absent: the modem does not tell what it attaches with. */
  readonly port: InitialBearerPort | undefined;
  readonly operations: Operations;
  readonly log: Log;
}

/**
 * To be called before the radio may go on. `network`: the network chooses; undefined: left alone. What the modem does not
 * take is no reason to go without packet data: it is logged.
 */
export async function setInitialBearer(
  wanted: InitialBearer | "network" | undefined,
  { port, operations, log }: InitialBearerRoom,
): Promise<void> {
  if (wanted === undefined) return;
  if (port === undefined) {
    log.notice("attach-apn has no effect: the modem does not tell what it attaches with");
    return;
  }
  const bearer = wanted === "network" ? undefined : wanted;
  try {
    const timeoutMs = deadlinesMs.read;
    const outcome = await operations.run("initialBearer.set", { timeoutMs }, (signal) => port.set(bearer, signal));
    if (outcome === "written") log.notice("the modem attaches with another APN from the next attach on");
  } catch (error) {
    if (operations.isClosed) throw error;
    log.warning("attach-apn not taken by the modem", { cause: errorText(error) });
  }
}
