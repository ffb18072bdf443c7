/** Ends a multiplexer whose state nobody knows: that of a program that died. */
import { encodeFrame } from "./frame.js";
import { encodeMessage } from "./message.js";
import { rowOfFlags } from "./waking.js";

const nothing = Buffer.alloc(0);

/** Flags end whatever frame has begun; CLD, and DISC of the control channel for firmware that does not know it. */
export const closeDownBytes: Buffer = Buffer.concat([
  rowOfFlags,
  encodeFrame({ dlci: 0, kind: "UIH", cr: true, pf: false, info: encodeMessage("CLD", true, nothing) }),
  encodeFrame({ dlci: 0, kind: "DISC", cr: true, pf: true, info: nothing }),
]);
