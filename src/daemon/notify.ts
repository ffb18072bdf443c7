/** What systemd is told: READY, STOPPING, and that the event loop is alive. @see sd_notify(3), sd_watchdog_enabled(3) */
import { sendUnixDatagram } from "../native/index.js";
import { errorText } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";

export interface Supervisor {
  ready(): void;
  stopping(): void;
  close(): void;
}

const nobody: Supervisor = { ready: () => undefined, stopping: () => undefined, close: () => undefined };

/** Talks to the socket that systemd names in the environment; without one there is nobody to tell. */
export function notifier(log: Log, environment: NodeJS.ProcessEnv = process.env): Supervisor {
  const socket = environment.NOTIFY_SOCKET;
  if (socket === undefined || socket === "") return nobody;
  const tell = (state: string) => {
    try {
      sendUnixDatagram(socket, Buffer.from(state));
    } catch (error) {
      log.warning(`systemd could not be told ${state}: ${errorText(error)}`);
    }
  };
  const watchdog = watchdogMs(environment);
  const timer = watchdog === undefined ? undefined : setInterval(() => tell("WATCHDOG=1"), watchdog / 2);
  return {
    ready: () => tell("READY=1"),
    stopping: () => tell("STOPPING=1"),
    close: () => clearInterval(timer),
  };
}

/** The longest silence that systemd accepts from this very process. */
function watchdogMs({ WATCHDOG_USEC: usec, WATCHDOG_PID: pid }: NodeJS.ProcessEnv): number | undefined {
  const ms = Number(usec) / 1000;
  if (!(ms > 0) || (pid !== undefined && Number(pid) !== process.pid)) return undefined;
  return ms;
}
