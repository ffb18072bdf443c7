/** MBIM status codes. @see MBIM 1.0 table 9-11; 24, 38 and 0x8743.... are Microsoft's extensions */
import { type FailureCause, ModemError, type ModemErrorCode } from "../runtime/error.js";

interface StatusRow {
  readonly name: string;
  /** What a program decides on; `refused` where nothing more exact is true. */
  readonly means: ModemErrorCode;
}

const refused = (name: string): StatusRow => ({ name, means: "refused" });

const rows: Readonly<Record<number, StatusRow>> = {
  1: { name: "Busy", means: "busy" },
  2: refused("Failure"),
  3: { name: "SimNotInserted", means: "notReady" },
  4: { name: "BadSim", means: "denied" },
  5: { name: "PinRequired", means: "notReady" },
  6: refused("PinDisabled"),
  7: { name: "NotRegistered", means: "notRegistered" },
  8: refused("ProvidersNotFound"),
  9: { name: "NoDeviceSupport", means: "unsupported" },
  10: refused("ProviderNotVisible"),
  11: refused("DataClassNotAvailable"),
  12: { name: "PacketServiceDetached", means: "notRegistered" },
  13: { name: "MaxActivatedContexts", means: "busy" },
  14: { name: "NotInitialized", means: "notReady" },
  15: { name: "VoiceCallInProgress", means: "busy" },
  16: refused("ContextNotActivated"),
  17: { name: "ServiceNotActivated", means: "denied" },
  18: { name: "InvalidAccessString", means: "invalid" },
  19: { name: "InvalidUserNamePwd", means: "denied" },
  20: { name: "RadioPowerOff", means: "notReady" },
  21: { name: "InvalidParameters", means: "invalid" },
  22: refused("ReadFailure"),
  23: refused("WriteFailure"),
  24: { name: "DeniedByPolicy", means: "denied" },
  25: refused("NoPhonebook"),
  26: { name: "ParameterTooLong", means: "invalid" },
  27: { name: "StkBusy", means: "busy" },
  28: { name: "OperationNotAllowed", means: "denied" },
  29: refused("MemoryFailure"),
  30: { name: "InvalidMemoryIndex", means: "invalid" },
  31: refused("MemoryFull"),
  32: { name: "FilterNotSupported", means: "unsupported" },
  33: refused("DssInstanceLimit"),
  34: refused("InvalidDeviceServiceOperation"),
  35: { name: "AuthIncorrectAutn", means: "denied" },
  36: { name: "AuthSyncFailure", means: "denied" },
  37: { name: "AuthAmfNotSet", means: "denied" },
  38: { name: "ContextNotSupported", means: "unsupported" },
  100: refused("SmsUnknownSmscAddress"),
  101: refused("SmsNetworkTimeout"),
  102: { name: "SmsLangNotSupported", means: "unsupported" },
  103: { name: "SmsEncodingNotSupported", means: "unsupported" },
  104: { name: "SmsFormatNotSupported", means: "unsupported" },
  2269315073: refused("MsNoLogicalChannels"),
  2269315074: refused("MsSelectFailed"),
  2269315075: { name: "MsInvalidLogicalChannel", means: "invalid" },
};

/** Codes by name, for both ends of the cable. */
export const status = {
  success: 0,
  busy: 1,
  failure: 2,
  simNotInserted: 3,
  badSim: 4,
  pinRequired: 5,
  pinDisabled: 6,
  notRegistered: 7,
  providersNotFound: 8,
  noDeviceSupport: 9,
  providerNotVisible: 10,
  dataClassNotAvailable: 11,
  packetServiceDetached: 12,
  maxActivatedContexts: 13,
  notInitialized: 14,
  voiceCallInProgress: 15,
  contextNotActivated: 16,
  serviceNotActivated: 17,
  invalidAccessString: 18,
  invalidUserNamePwd: 19,
  radioPowerOff: 20,
  invalidParameters: 21,
  readFailure: 22,
  writeFailure: 23,
  parameterTooLong: 26,
  operationNotAllowed: 28,
  invalidMemoryIndex: 30,
  memoryFull: 31,
  invalidDeviceServiceOperation: 34,
  contextNotSupported: 38,
  smsFormatNotSupported: 104,
  msNoLogicalChannels: 0x8743_0001,
  msSelectFailed: 0x8743_0002,
  msInvalidLogicalChannel: 0x8743_0003,
} as const;

/** The specification's name; `Status<code>` for a vendor's own. */
export const statusName = (code: number): string =>
  code === 0 ? "Success" : (rows[code]?.name ?? `Status0x${code.toString(16)}`);

/** The error for a command that the function refused. `cause` (e.g. the network's) takes the status' place. */
export function statusError(what: string, code: number, cause?: FailureCause): ModemError {
  const failure = cause ?? { domain: "mbim", code, name: statusName(code) };
  const detail = cause === undefined ? "" : `, ${statusName(code)}`;
  return new ModemError(rows[code]?.means ?? "refused", `${what} refused${detail}`, { failure });
}
