import type { Face } from "./face.js";

/** Takes all that the host writes and never says a word. */
export const openSilence = (): Face => ({
  feed: () => undefined,
  hostLeft: () => undefined,
  close: () => undefined,
});
