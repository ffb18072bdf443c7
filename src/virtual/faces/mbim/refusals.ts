/** The model's refusals in MBIM's numbers. */
import { status } from "../../../mbim/status.js";
import { esm, type Refusal } from "../../model/words.js";

const byReason = {
  simAbsent: status.simNotInserted,
  pinRequired: status.pinRequired,
  cardBlocked: status.badSim,
  pinDisabled: status.pinDisabled,
  badPinFormat: status.invalidParameters,
  radioOff: status.radioPowerOff,
  notRegistered: status.notRegistered,
  detached: status.packetServiceDetached,
  noSuchOperator: status.providerNotVisible,
  noSuchSlot: status.invalidParameters,
  // Numbers of the UICC low level access service. @see MS UICC low level access, status codes
  noSuchApplication: status.msSelectFailed,
  noSuchChannel: status.msInvalidLogicalChannel,
  noFreeChannel: status.msNoLogicalChannels,
  noSuchBand: status.invalidParameters,
  fccLocked: status.operationNotAllowed,
  tooManySessions: status.maxActivatedContexts,
  // Firmware says so for a session id in use as well: there is no room for this context.
  alreadyActive: status.maxActivatedContexts,
  notActive: status.contextNotActivated,
  noDialogue: status.invalidParameters,
  busy: status.busy,
  noSuchMessage: status.invalidMemoryIndex,
  messageStoreFull: status.memoryFull,
  badMessage: status.invalidParameters,
  // MBIM has no word for what the network said.
  message: status.failure,
} as const satisfies Record<Exclude<Refusal["why"], "network" | "pinWrong">, number>;

/** A wrong PIN answers `pinRequired` while one is wanted, `failure` where it was only to be checked. */
export function statusOf(refusal: Refusal, pinWanted = false): number {
  if (refusal.why === "network") return status.failure;
  if (refusal.why === "pinWrong") return pinWanted ? status.pinRequired : status.failure;
  return byReason[refusal.why];
}

/** What CONNECT answers for the network's ESM cause; the cause itself travels in NwError. */
export function statusOfPdnCause(cause: number): number {
  if (cause === esm.unknownApn) return status.invalidAccessString;
  return cause === esm.userAuthenticationFailed ? status.invalidUserNamePwd : status.failure;
}

/** NwError of an attach or registration. */
export const nwErrorOf = (refusal: Refusal): number => (refusal.why === "network" ? refusal.cause : 0);
