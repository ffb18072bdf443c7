/**
 * What Basic Connect says more once both sides have agreed on MBIM extensions 2.0. Readers of the first edition leave alone
 * what stands behind their fields.
 * @see learn.microsoft.com, "MBIM extensions 2.0"
 */
import { packedList } from "../../codec/reference.js";
import { flagsOf, u32 } from "../../codec/scalar.js";
import { structure } from "../../codec/struct.js";
import type { Command } from "../command.js";
import { packetService, registerState, signalState } from "./basic-connect.js";
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

const registrationInfo = { ...registerState.response, preferredDataClasses: dataClass } as const;

export const registerStateV2 = {
  ...registerState,
  response: registrationInfo,
  notify: registrationInfo,
} as const satisfies Command;

/** Of NR. @see 3GPP TS 38.101 */
const packetServiceInfo = { ...packetService.response, frequencyRange: flagsOf({ fr1: 1, fr2: 2 }) } as const;

export const packetServiceV2 = {
  ...packetService,
  response: packetServiceInfo,
  notify: packetServiceInfo,
} as const satisfies Command;
