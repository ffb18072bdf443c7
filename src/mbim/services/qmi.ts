/** QMI in MBIM, as Qualcomm's modems have it: one QMUX frame as the InformationBuffer. @see libmbim, service QMI */
import { restOpaque } from "../../codec/reference.js";
import type { Command } from "../command.js";

export const qmiService = "d1a30bc2-f97a-6e43-bf65-c7e24fb0f0d3";

const frame = { frame: restOpaque } as const;

export const qmiMessage = {
  service: qmiService,
  cid: 1,
  name: "QMI_MSG",
  set: frame,
  response: frame,
  notify: frame,
  timeoutMs: { set: 60_000 },
} as const satisfies Command;
