/**
 * What Basic Connect says more once both sides have agreed on MBIM extensions 2.0. The other CIDs differ only in what stands
 * behind their fields, which readers of the first edition leave alone.
 * @see learn.microsoft.com, "MBIM extensions 2.0"
 */
import { packedList } from "../../codec/reference.js";
import { u32 } from "../../codec/scalar.js";
import { structure } from "../../codec/struct.js";
import type { Command } from "../command.js";
import { signalState } from "./basic-connect.js";
import { dataClass } from "./basic-connect-types.js";

/** MBIM_RSRP_SNR_INFO. Thresholds: 0 the function's own, `unknownU32` not told. */
const rsrpSnr = {
  /** 0 is less than -156 dBm, in steps of 1 dB, up to 126; 127 unknown. */
  rsrp: u32,
  /** 0 is less than -23 dB, in steps of half a dB, up to 127; 128 unknown. */
  snr: u32,
  rsrpThreshold: u32,
  snrThreshold: u32,
  systemType: dataClass,
} as const;

const signalStateInfo = { ...signalState.response, rsrpSnr: packedList(structure(rsrpSnr)) } as const;

export const signalStateV2 = {
  ...signalState,
  response: signalStateInfo,
  notify: signalStateInfo,
} as const satisfies Command;
