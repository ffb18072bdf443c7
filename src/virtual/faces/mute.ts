/** The fault `mute`: a face that neither hears nor is heard, while everything else goes on. */
import type { Face, HostLine } from "./face.js";

/** What `open` makes, silenced in both directions while `isMute` says so. */
export function mutable(open: (line: HostLine) => Face, line: HostLine, isMute: () => boolean): Face {
  const face = open({
    send: (bytes) => {
      if (!isMute()) line.send(bytes);
    },
    flush: () => line.flush(),
    setCarrier: (up) => line.setCarrier?.(up),
  });
  return {
    feed: (bytes) => {
      if (!isMute()) face.feed(bytes);
    },
    hostLeft: () => face.hostLeft(),
    reset: () => face.reset?.(),
    setLines: (lines) => face.setLines?.(lines),
    close: () => face.close(),
  };
}
