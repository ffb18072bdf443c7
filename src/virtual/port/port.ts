/** The control port as a thing that can be plugged in: hosts come and go on it while it is there. */
import type { PortPlace } from "../types.js";
import { openPtyPort } from "./pty.js";
import { clearStaleSocket } from "./stale.js";
import { openStreamPort } from "./stream.js";

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

/** What answers there answers whoever asks: for programs of this machine only. */
const loopback = "127.0.0.1";

/** @throws when the place is taken */
export async function openPort(place: PortPlace, listener: PortListener): Promise<Port> {
  switch (place.kind) {
    case "pty":
      return openPtyPort(place.link, listener);
    case "unix":
      await clearStaleSocket(place.path);
      return openStreamPort(placeText(place), { path: place.path }, listener);
    case "tcp":
      return openStreamPort(placeText(place), { host: loopback, port: place.tcpPort }, listener);
  }
}

/** `unix:/run/modem`, `tcp:127.0.0.1:12345`: for logs. */
export function placeText(place: PortPlace): string {
  if (place.kind === "tcp") return `tcp:${loopback}:${place.tcpPort}`;
  return place.kind === "unix" ? `unix:${place.path}` : `pty:${place.link}`;
}
