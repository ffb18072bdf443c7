/** The bytes of a multiplexed line, and what one end makes of them. */

import { encodeFrame } from "../../../src/cmux/frame.js";
import { FrameReader } from "../../../src/cmux/frame-reader.js";
import { muxStep } from "../../../src/cmux/machine.js";
import { decodeMessages } from "../../../src/cmux/message.js";
import { freshMux, type MuxSettings, type MuxState } from "../../../src/cmux/state.js";
import { ignoring } from "../ignoring.js";

const settings: MuxSettings = {
  role: "responder",
  maxInfoBytes: 127,
  frameMs: 100,
  messageMs: 300,
  mostTries: 3,
  mayBeOpened: (dlci) => dlci <= 3,
};

/** An end in which everything is open. */
const opened = [0, 1, 2].reduce<MuxState>((state, dlci) => {
  const frame = { dlci, kind: "SABM", cr: true, pf: true, info: Buffer.alloc(0) } as const;
  return muxStep(state, { type: "frame", frame }, settings)[0];
}, freshMux);

/** The first byte says where the line pauses. */
export function fuzz(data: Buffer): void {
  const [pause = 0] = data;
  const reader = new FrameReader();
  const bytes = data.subarray(1);
  const tokens = [...reader.feed(bytes.subarray(0, pause), 0), ...reader.feed(bytes.subarray(pause), 2_000)];
  let state = opened;
  for (const token of tokens) {
    if (token.is !== "frame") continue;
    const [again] = new FrameReader().feed(encodeFrame(token.frame), 0);
    if (again?.is !== "frame" || !again.frame.info.equals(token.frame.info)) throw new Error("not read as written");
    ignoring(RangeError, () => decodeMessages(token.frame.info));
    const [next, ...effects] = muxStep(state, { type: "frame", frame: token.frame }, settings);
    for (const effect of effects) if (effect.do === "send") encodeFrame(effect.frame);
    state = next;
  }
}
