import { connectUnixSocket, type Fd } from "../native/index.js";
import { sleep, systemClock } from "../runtime/clock.js";
import { errnoOf } from "../runtime/error.js";
import type { ByteLink } from "../runtime/link.js";
import { byteLinkOver } from "./channel-link.js";
import { linkError } from "./failure.js";

/** A server binds its path just before it listens on it, and a queue of connections may be full: tried again shortly. */
const attempts = 10;
const betweenAttemptsMs = 20;

/**
 * Connects to a unix stream socket; `@name` is the abstract namespace.
 * @throws ModemError `unplugged` when there is no socket or nobody serves it, `denied`, `busy`; the signal's reason
 */
export async function connectUnix(path: string, signal?: AbortSignal): Promise<ByteLink> {
  const name = `unix:${path}`;
  const never = new AbortController().signal;
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    const fd = tryConnect(path, attempt === attempts);
    if (fd !== undefined) return byteLinkOver(fd, name);
    await sleep(systemClock, betweenAttemptsMs, signal ?? never);
  }
}

/** Undefined: not now, but perhaps in a moment. */
function tryConnect(path: string, isLast: boolean): Fd | undefined {
  try {
    return connectUnixSocket(path);
  } catch (error) {
    const passing = errnoOf(error) === "ECONNREFUSED" || errnoOf(error) === "EAGAIN";
    if (passing && !isLast) return undefined;
    throw linkError(`cannot connect to unix:${path}`, error);
  }
}
