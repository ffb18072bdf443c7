/** The model's refusals in QMI's numbers. */
import { qmiErrors } from "../../../qmi/result.js";
import { esm, type Refusal } from "../../model/words.js";

const byReason = {
  simAbsent: qmiErrors.noSim,
  pinRequired: qmiErrors.uimUninitialized,
  cardBlocked: qmiErrors.pinAlwaysBlocked,
  pinWrong: qmiErrors.incorrectPin,
  pinDisabled: qmiErrors.noEffect,
  badPinFormat: qmiErrors.invalidArgument,
  radioOff: qmiErrors.noRadio,
  notRegistered: qmiErrors.networkNotReady,
  detached: qmiErrors.callFailed,
  noSuchOperator: qmiErrors.noNetworkFound,
  noSuchSlot: qmiErrors.invalidArgument,
  noSuchApplication: qmiErrors.simFileNotFound,
  noSuchChannel: qmiErrors.invalidArgument,
  noFreeChannel: qmiErrors.insufficientResources,
  noSuchBand: qmiErrors.invalidArgument,
  // What locked firmware answers; libqmi and ModemManager know it by this.
  fccLocked: qmiErrors.invalidTransition,
  tooManySessions: qmiErrors.insufficientResources,
  alreadyActive: qmiErrors.noEffect,
  notActive: qmiErrors.outOfCall,
  noDialogue: qmiErrors.incompatibleState,
  busy: qmiErrors.operationInProgress,
  noSuchMessage: qmiErrors.noEntry,
  messageStoreFull: qmiErrors.deviceStorageFull,
  badMessage: qmiErrors.wmsEncoding,
  message: qmiErrors.wmsCauseCode,
  network: qmiErrors.callFailed,
} as const satisfies Record<Refusal["why"], number>;

export const errorOfRefusal = ({ why }: Refusal): number => byReason[why];

/** WDS call end reasons of the GSM/WCDMA list, beside the cause itself; what has none is unspecified. */
const callEndReasons: Readonly<Record<number, number>> = {
  [esm.operatorDeterminedBarring]: 1012,
  [esm.insufficientResources]: 1005,
  [esm.unknownApn]: 1013,
  [esm.userAuthenticationFailed]: 10,
  [esm.notSubscribed]: 1018,
  [esm.regularDeactivation]: 1008,
};
const unspecified = 1;
const clientEnd = { callEndReason: 2, verboseReason: { type: "cm", code: 2000 } } as const;

/** Why a call ended. `cause` is the network's; undefined when the host ended it. */
export const callEndOf = (cause: number | undefined) =>
  cause === undefined
    ? clientEnd
    : ({
        callEndReason: callEndReasons[cause] ?? unspecified,
        verboseReason: { type: "3gpp", code: cause },
      } as const);
