/** Unstructured supplementary services. Their texts tell balances and take PINs. @see MBIM 1.0 10.7 */
import { opaqueBytes } from "../../codec/reference.js";
import { enumOf, u32 } from "../../codec/scalar.js";
import type { Command } from "../command.js";

export const ussdService = "e550a0c8-5e82-479e-82f7-10abf4c3351f";

const coded = {
  /** @see 3GPP TS 23.038 5 */
  codingScheme: u32,
  /** At most 160 octets. */
  payload: opaqueBytes,
} as const;

const ussdInfo = {
  response: enumOf({
    noActionRequired: 0,
    actionRequired: 1,
    terminatedByNetwork: 2,
    otherLocalClient: 3,
    operationNotSupported: 4,
    networkTimeOut: 5,
  }),
  sessionState: enumOf({ newSession: 0, existingSession: 1 }),
  ...coded,
} as const;

export const ussd = {
  service: ussdService,
  cid: 1,
  name: "USSD",
  set: { action: enumOf({ initiate: 0, continue: 1, cancel: 2 }), ...coded },
  response: ussdInfo,
  notify: ussdInfo,
  /** The network's word comes with the answer. */
  timeoutMs: { set: 100_000 },
} as const satisfies Command;
