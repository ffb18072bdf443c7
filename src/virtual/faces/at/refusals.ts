/** The model's refusals as numbers of +CME ERROR. @see 3GPP TS 27.007 9.2 */
import type { ModemState } from "../../model/state.js";
import type { Refusal } from "../../model/words.js";

/** @see 3GPP TS 27.007 9.2.1 */
export const cme = {
  notAllowed: 3,
  notSupported: 4,
  simAbsent: 10,
  pinRequired: 11,
  pukRequired: 12,
  simFailure: 13,
  incorrectPassword: 16,
  memoryFull: 20,
  notFound: 22,
  noService: 30,
  emergencyOnly: 32,
  incorrectParameters: 50,
  unknown: 100,
} as const;

const numbers = {
  simAbsent: cme.simAbsent,
  pinRequired: cme.pinRequired,
  cardBlocked: cme.simFailure,
  pinWrong: cme.incorrectPassword,
  pinDisabled: cme.notAllowed,
  badPinFormat: cme.incorrectPassword,
  radioOff: cme.notAllowed,
  notRegistered: cme.noService,
  detached: cme.noService,
  noSuchOperator: cme.noService,
  noSuchSlot: cme.incorrectParameters,
  noSuchApplication: cme.notFound,
  noSuchChannel: cme.incorrectParameters,
  noFreeChannel: cme.notAllowed,
  noSuchBand: cme.incorrectParameters,
  fccLocked: cme.notAllowed,
  tooManySessions: cme.notAllowed,
  alreadyActive: cme.notAllowed,
  notActive: cme.notAllowed,
  noDialogue: cme.notAllowed,
  busy: cme.notAllowed,
  noSuchMessage: cme.notFound,
  messageStoreFull: cme.memoryFull,
  badMessage: cme.incorrectParameters,
  message: cme.unknown,
} as const satisfies Record<Exclude<Refusal["why"], "network">, number>;

/** Causes of the session and mobility management have numbers from 100 on. */
const networkNumbers: Readonly<Record<number, number>> = {
  7: 107,
  8: 108,
  11: 111,
  12: 112,
  13: 113,
  14: 114,
  15: 115,
};

/** @see 3GPP TS 27.005 3.2.5 */
export const cms = {
  notSupported: 303,
  invalidPdu: 304,
  simAbsent: 310,
  pinRequired: 311,
  simFailure: 313,
  pukRequired: 316,
  invalidIndex: 321,
  memoryFull: 322,
  noService: 331,
  noAcknowledgementExpected: 340,
  unknown: 500,
} as const;

const messageNumbers: Readonly<Partial<Record<Refusal["why"], number>>> = {
  simAbsent: cms.simAbsent,
  pinRequired: cms.pinRequired,
  cardBlocked: cms.simFailure,
  radioOff: cms.noService,
  notRegistered: cms.noService,
  noSuchMessage: cms.invalidIndex,
  messageStoreFull: cms.memoryFull,
  badMessage: cms.invalidPdu,
};

/** The same of commands about messages; the network's own causes are numbers of their own. */
export function cmsOf(refusal: Refusal, { sim }: ModemState): number {
  if (refusal.why === "message") return refusal.cause;
  if (refusal.why === "pinRequired" && sim.slot === "pukLocked") return cms.pukRequired;
  return messageNumbers[refusal.why] ?? cms.unknown;
}

export function cmeOf(refusal: Refusal, { sim }: ModemState): number {
  if (refusal.why === "network") return networkNumbers[refusal.cause] ?? cme.noService;
  if (refusal.why === "pinRequired" && sim.slot === "pukLocked") return cme.pukRequired;
  // The try that used up the last one is answered by what is wanted from now on.
  if (refusal.why === "pinWrong" && sim.slot === "pukLocked") return cme.pukRequired;
  return numbers[refusal.why];
}
