/** The control port as a thing that can be plugged in: hosts come and go on it while it is there. */
import type { PortPlace } from "../types.js";
import { openPtyPort } from "./pty.js";
import { openUnixPort } from "./unix.js";

export interface PortListener {
  data(bytes: Buffer): void;
  /** The program at the other end went away; another may come. */
  hostLeft(): void;
}

export interface Port {
  /** What the host can open, for logs. */
  readonly name: string;
  /** Takes bytes for the host; without one, or with one that never reads, they are lost. */
  send(bytes: Buffer): void;
  /** Discards what was sent and not read. */
  flush(): void;
  /** The port is gone, as if the cable was pulled. Idempotent. */
  close(): Promise<void>;
}

/** @throws when the place is taken */
export const openPort = (place: PortPlace, listener: PortListener): Promise<Port> =>
  place.kind === "unix" ? openUnixPort(place.path, listener) : openPtyPort(place.link, listener);
