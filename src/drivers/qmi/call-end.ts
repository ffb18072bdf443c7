/** Why a call ended or did not begin, as WDS tells it: the network's own causes, and those of the modem. */
import { networkCause } from "../../codec/network-cause.js";
import type { FailureCause } from "../../runtime/error.js";
import type { Family } from "./family-call.js";

/** A reason as it stands in the message; `code` means something within its `type` only. */
export interface CallEnd {
  readonly type: string;
  readonly code: number;
}

/** Of type `internal`: what the modem itself objects to. */
const internalReasons: Readonly<Record<number, string>> = {
  201: "Error",
  202: "CallEnded",
  205: "CloseInProgress",
  206: "NetworkInitiatedTermination",
  207: "AppPreempted",
  208: "PdnIpv4CallDisallowed",
  209: "PdnIpv4CallThrottled",
  210: "PdnIpv6CallDisallowed",
  211: "PdnIpv6CallThrottled",
  212: "ModemRestart",
  213: "PdpPppNotSupported",
  214: "UnpreferredRat",
  215: "PhysicalLinkCloseInProgress",
  217: "ProfileBearerIncompatible",
  218: "CardEvent",
  219: "LowPowerModeOrPowerDown",
  220: "ApnDisabled",
  222: "Ipv6AddressTransferFailed",
  227: "PdnInactivityTimerExpired",
  228: "MaxIpv4Connections",
  229: "MaxIpv6Connections",
  230: "ApnMismatch",
  231: "IpVersionMismatch",
  233: "InvalidProfile",
  235: "InvalidProfileId",
  236: "CallAlreadyPresent",
  237: "InterfaceInUse",
  238: "IpPdpMismatch",
  239: "ApnDisallowedOnRoaming",
  241: "InterfaceInUseConfigMatch",
  242: "NullApnDisallowed",
  243: "ThermalMitigation",
  245: "DataSettingsDisabled",
  246: "DataRoamingSettingsDisabled",
  247: "ApnFormatInvalid",
  249: "ValidationFailure",
  251: "ProfilesNotCompatible",
  253: "InvalidApnName",
  255: "CallDisallowedInRoaming",
};

/** Of type `cm`: call management. */
const managementReasons: Readonly<Record<number, string>> = {
  515: "NoService",
  518: "CardNotPresent",
  520: "AccessBlock",
  523: "ThermalEmergency",
  524: "CallOriginationThrottled",
  1009: "ImplicitlyDetached",
  1010: "PlmnNotAllowed",
  1015: "Congestion",
  1016: "NoPdpContextActivated",
  1018: "PdpActivationGivenUp",
  1028: "EmmDetached",
  1029: "EmmAttachFailed",
  1033: "EsmLowerLayerFailure",
  2000: "ClientEnd",
  2001: "NoService",
};

const names: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  internal: internalReasons,
  cm: managementReasons,
};

/** The network's cause where it gave one, else the modem's. `isEps`: LTE or later, which decides how causes read. */
export function callCause(reason: CallEnd | undefined, isEps: boolean): FailureCause | undefined {
  if (reason === undefined) return undefined;
  const { type, code } = reason;
  if (type === "3gpp") return networkCause(isEps ? "esm" : "sm", code);
  return { domain: "qmi", code, name: names[type]?.[code] ?? `callEnd.${type}` };
}

interface FamilyRow {
  readonly type: string;
  readonly code: number;
  readonly refused: Family;
  readonly because: string;
}

const onlyOther: readonly FamilyRow[] = [
  { type: "3gpp", code: 50, refused: "ipv6", because: "PDN type IPv4 only allowed, 3GPP TS 24.301 9.9.4.4" },
  { type: "3gpp", code: 51, refused: "ipv4", because: "PDN type IPv6 only allowed" },
  { type: "internal", code: 208, refused: "ipv4", because: "the modem remembers what the network said before" },
  { type: "internal", code: 210, refused: "ipv6", because: "as 208" },
];

/** Whether the reason says that the network serves the other family only. */
export const isOtherFamilyOnly = (reason: CallEnd | undefined, refused: Family): boolean =>
  onlyOther.some((row) => row.type === reason?.type && row.code === reason.code && row.refused === refused);

/** Whether both families could be had by one connection only. @see 3GPP TS 24.301 9.9.4.4, cause 55 */
export const wantsOneConnection = (reason: CallEnd | undefined): boolean =>
  reason?.type === "3gpp" && reason.code === 55;
