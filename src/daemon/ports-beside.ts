/** Serial ports of a modem that speaks AT, beside the one for its commands. */
import type { AtDriverOptions } from "../drivers/at.js";
import { PppConnection } from "../ppp/connection.js";
import { systemClock } from "../runtime/clock.js";
import type { ByteLink, FrameLink } from "../runtime/link.js";
import type { Log } from "../runtime/log.js";
import { openTty } from "../transport/device.js";

export interface PathsBeside {
  /** The port that PPP may have. */
  readonly dataPath: string | undefined;
  /** The port that short questions may go to. */
  readonly secondPath: string | undefined;
}

export interface PortsBesideSetup {
  readonly log: Log;
  /** For the trace. */
  record(path: string, link: ByteLink): ByteLink | FrameLink;
}

/** USB ports have no speed, but termios needs one. */
const baudRate = 115_200;

type Ports = Pick<AtDriverOptions, "dataPort" | "startPpp" | "secondPort">;

export const portsBeside = ({ dataPath, secondPath }: PathsBeside, { log, record }: PortsBesideSetup): Ports => ({
  ...(dataPath === undefined
    ? {}
    : { dataPort: { path: dataPath, baudRate, open: () => openTty(dataPath, baudRate) } }),
  // Also without a port of its own: a line that is multiplexed has one.
  startPpp: (request, signal) => PppConnection.start(request, { clock: systemClock, log }, signal),
  ...(secondPath === undefined
    ? {}
    : { secondPort: { path: secondPath, open: async () => record(secondPath, await openTty(secondPath, baudRate)) } }),
});
