/** Which face plays which protocol of a trace. */
import type { Clock } from "../../runtime/clock.js";
import type { Log } from "../../runtime/log.js";
import type { Protocol } from "../../trace/entry.js";
import type { Face, HostLine } from "../faces/face.js";
import { LineReplay } from "./at.js";
import { MbimDialect } from "./mbim.js";
import { MessageReplay } from "./messages.js";
import { QmiDialect } from "./qmi.js";
import type { RecordedPort } from "./recorded.js";

export interface ReplayOptions {
  readonly recorded: RecordedPort;
  /** 1: as fast as the modem was; 10: ten times as fast. */
  readonly speed: number;
  readonly clock: Clock;
  readonly log: Log;
}

const faces: Readonly<Record<Protocol, (line: HostLine, options: ReplayOptions) => Face>> = {
  qmi: (line, options) => new MessageReplay(line, options, () => new QmiDialect()),
  mbim: (line, options) => new MessageReplay(line, options, () => new MbimDialect()),
  at: (line, options) => new LineReplay(line, options),
};

export const openReplay = (line: HostLine, options: ReplayOptions): Face =>
  faces[options.recorded.protocol](line, options);
