/** A port behind which nobody lives: it remembers what it was told. For the proof that nobody writes to strangers. */
import type { Face } from "../../faces/face.js";

const maxKeptBytes = 1 << 16;

export interface Recorder extends Face {
  /** Everything since the device was plugged in, up to 64 KiB. */
  readonly received: Buffer;
}

export function openRecorder(): Recorder {
  const kept: Buffer[] = [];
  let bytes = 0;
  return {
    get received() {
      return Buffer.concat(kept);
    },
    feed: (part) => {
      if (bytes >= maxKeptBytes) return;
      kept.push(part);
      bytes += part.length;
    },
    hostLeft: () => undefined,
    close: () => undefined,
  };
}
