/** Faults of one control port: everything else of the modem goes on. */
import { randomBytes } from "node:crypto";
import type { Clock } from "../../runtime/clock.js";
import type { PortFault } from "../model/profile.js";
import { distorted } from "./distorted.js";
import type { Face, HostLine } from "./face.js";

/** Longer than a host waits for a port that may be none. */
const hangMs = 20_000;
const garbageBytes = 24;

export interface Faulty {
  readonly clock: Clock;
  /** `silent` as well while all control ports are mute. */
  fault(): PortFault | undefined;
}

/** What `open` makes, as broken as `fault` says at each moment. */
export function faulty(open: (line: HostLine) => Face, line: HostLine, { clock, fault }: Faulty): Face {
  const late = new Set<() => void>();
  const sendLate = (bytes: Buffer) => {
    const cancel = clock.after(hangMs, () => {
      late.delete(cancel);
      line.send(bytes);
    });
    late.add(cancel);
  };
  const forget = () => {
    for (const cancel of late) cancel();
    late.clear();
  };
  let hasHalted = false;
  const send = (bytes: Buffer) => {
    const now = fault();
    if (now !== "halts") hasHalted = false;
    switch (now) {
      case undefined:
        return line.send(bytes);
      case "hang":
        return sendLate(bytes);
      case "halts":
        if (!hasHalted) line.send(distorted(bytes, "truncated"));
        hasHalted = true;
        return;
      case "silent":
      case "garbage":
        return;
      default:
        line.send(distorted(bytes, now));
    }
  };
  const face = open({
    send,
    flush: () => line.flush(),
    setCarrier: (up) => line.setCarrier?.(up),
  });
  return {
    feed: (bytes) => {
      const now = fault();
      if (now === "garbage") line.send(randomBytes(garbageBytes));
      else if (now !== "silent") face.feed(bytes);
    },
    hostLeft: () => {
      forget();
      face.hostLeft();
    },
    reset: () => {
      forget();
      face.reset?.();
    },
    setLines: (lines) => face.setLines?.(lines),
    close: () => {
      forget();
      face.close();
    },
  };
}
