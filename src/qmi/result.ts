/** The result that every response carries, and its error codes. */
import { u16 } from "../codec/scalar.js";
import { nested } from "../codec/struct.js";
import { decodeTlvs, encodeTlvs, must } from "../codec/tlv.js";
import { ModemError } from "../runtime/error.js";

const resultTlv = { result: must(0x02, nested({ status: u16, error: u16 })) } as const;

/** QMI protocol errors by the field's names: those that data, card and radio services answer. */
export const qmiErrors = {
  none: 0,
  malformedMessage: 1,
  noMemory: 2,
  internal: 3,
  aborted: 4,
  clientIdsExhausted: 5,
  unabortableTransaction: 6,
  invalidClientId: 7,
  noThresholdsProvided: 8,
  invalidHandle: 9,
  invalidProfile: 10,
  invalidPinId: 11,
  incorrectPin: 12,
  noNetworkFound: 13,
  callFailed: 14,
  outOfCall: 15,
  notProvisioned: 16,
  missingArgument: 17,
  argumentTooLong: 19,
  invalidTransactionId: 22,
  deviceInUse: 23,
  networkUnsupported: 24,
  deviceUnsupported: 25,
  noEffect: 26,
  noFreeProfile: 27,
  invalidPdpType: 28,
  invalidTechnologyPreference: 29,
  invalidProfileType: 30,
  invalidServiceType: 31,
  invalidRegisterAction: 32,
  invalidPsAttachAction: 33,
  authenticationFailed: 34,
  pinBlocked: 35,
  pinAlwaysBlocked: 36,
  uimUninitialized: 37,
  interfaceNotFound: 43,
  invalidDataFormat: 45,
  generalError: 46,
  unknownError: 47,
  invalidArgument: 48,
  invalidIndex: 49,
  noEntry: 50,
  deviceStorageFull: 51,
  deviceNotReady: 52,
  networkNotReady: 53,
  wmsCauseCode: 54,
  wmsMessageNotSent: 55,
  wmsMessageDeliveryFailure: 56,
  wmsInvalidMessageId: 57,
  wmsEncoding: 58,
  authenticationLock: 59,
  invalidTransition: 60,
  invalidIpFamilyPreference: 64,
  sessionInactive: 65,
  sessionInvalid: 66,
  sessionOwnership: 67,
  insufficientResources: 68,
  disabled: 69,
  invalidOperation: 70,
  invalidQmiCommand: 71,
  informationUnavailable: 74,
  operationPartialFailure: 78,
  policyMismatch: 79,
  simFileNotFound: 80,
  extendedInternal: 81,
  accessDenied: 82,
  hardwareRestricted: 83,
  incompatibleState: 90,
  fdnRestrict: 91,
  supsFailureCase: 92,
  noRadio: 93,
  notSupported: 94,
  noSubscription: 95,
  networkAborted: 97,
  noSim: 102,
  pinRestriction: 104,
  pukRestriction: 106,
  tooSoon: 116,
  operationInProgress: 118,
} as const;
export type QmiErrorName = keyof typeof qmiErrors;

const names = new Map<number, string>(Object.entries(qmiErrors).map(([name, code]) => [code, name]));

export const qmiErrorName = (code: number): string => names.get(code) ?? `error ${code}`;

/** 0 for success, else the error's number. @throws RangeError for a response without a readable result */
export function errorOf(tlvs: Buffer): number {
  const { status, error } = decodeTlvs(resultTlv, tlvs).result;
  return status === 0 ? 0 : error || qmiErrors.internal;
}

/** The TLV that begins every response. */
export const encodeResult = (error: number): Buffer =>
  encodeTlvs(resultTlv, { result: { status: error === 0 ? 0 : 1, error } });

/** A refusal as the domain understands it. `what`: `WDS START_NETWORK`. */
export function qmiError(what: string, error: number): ModemError {
  const name = qmiErrorName(error);
  const code = codeOf[error] ?? "refused";
  return new ModemError(code, `${what}: ${name}`, { failure: { domain: "qmi", code: error, name } });
}

/** Where a refusal means more than no. */
const codeOf: Readonly<Record<number, ModemError["code"]>> = {
  [qmiErrors.incorrectPin]: "badPin",
  [qmiErrors.deviceInUse]: "busy",
  [qmiErrors.operationInProgress]: "busy",
  [qmiErrors.invalidArgument]: "invalid",
  [qmiErrors.malformedMessage]: "invalid",
  [qmiErrors.argumentTooLong]: "invalid",
  [qmiErrors.authenticationFailed]: "denied",
  [qmiErrors.accessDenied]: "denied",
  [qmiErrors.hardwareRestricted]: "denied",
  [qmiErrors.deviceNotReady]: "notReady",
  [qmiErrors.networkNotReady]: "notReady",
  [qmiErrors.uimUninitialized]: "notReady",
  [qmiErrors.noSim]: "notReady",
  [qmiErrors.noRadio]: "notReady",
  [qmiErrors.invalidQmiCommand]: "unsupported",
  [qmiErrors.notSupported]: "unsupported",
  [qmiErrors.deviceUnsupported]: "unsupported",
  [qmiErrors.noNetworkFound]: "notRegistered",
};
