/**
 * The network's own causes by the specification's names. Which table applies follows from the procedure: a data call has
 * session management, registration and attach have mobility management.
 * @see 3GPP TS 24.501 9.11.3.2 (5GMM); TS 24.301 9.9.3.9 (EMM), 9.9.4.4 (ESM); TS 24.008 10.5.5.14 (GMM), 10.5.6.6 (SM)
 */
import type { FailureCause } from "../runtime/error.js";

type Names = Readonly<Record<number, string>>;

const mobilityCauses: Names = {
  2: "ImsiUnknownInHss",
  3: "IllegalUe",
  4: "ImsiUnknownInVlr",
  5: "ImeiNotAccepted",
  6: "IllegalMe",
  7: "EpsServicesNotAllowed",
  8: "EpsAndNonEpsServicesNotAllowed",
  9: "UeIdentityCannotBeDerivedByTheNetwork",
  10: "ImplicitlyDetached",
  11: "PlmnNotAllowed",
  12: "TrackingAreaNotAllowed",
  13: "RoamingNotAllowedInThisTrackingArea",
  14: "EpsServicesNotAllowedInThisPlmn",
  15: "NoSuitableCellsInTrackingArea",
  16: "MscTemporarilyNotReachable",
  17: "NetworkFailure",
  18: "CsDomainNotAvailable",
  19: "EsmFailure",
  20: "MacFailure",
  21: "SynchFailure",
  22: "Congestion",
  23: "UeSecurityCapabilitiesMismatch",
  24: "SecurityModeRejected",
  25: "NotAuthorizedForThisCsg",
  26: "NonEpsAuthenticationUnacceptable",
  31: "RedirectionTo5gcnRequired",
  35: "RequestedServiceOptionNotAuthorizedInThisPlmn",
  39: "CsServiceTemporarilyNotAvailable",
  40: "NoEpsBearerContextActivated",
  42: "SevereNetworkFailure",
  78: "PlmnNotAllowedToOperateAtThePresentUeLocation",
  95: "SemanticallyIncorrectMessage",
  96: "InvalidMandatoryInformation",
  97: "MessageTypeNonExistent",
  98: "MessageTypeNotCompatible",
  99: "InformationElementNonExistent",
  100: "ConditionalIeError",
  101: "MessageNotCompatible",
  111: "ProtocolErrorUnspecified",
};

/** Where GSM and UMTS use a number otherwise than LTE. */
const gmmCauses: Names = {
  ...mobilityCauses,
  2: "ImsiUnknownInHlr",
  3: "IllegalMs",
  7: "GprsServicesNotAllowed",
  8: "GprsServicesAndNonGprsServicesNotAllowed",
  9: "MsIdentityCannotBeDerivedByTheNetwork",
  12: "LocationAreaNotAllowed",
  13: "RoamingNotAllowedInThisLocationArea",
  14: "GprsServicesNotAllowedInThisPlmn",
  15: "NoSuitableCellsInLocationArea",
  23: "GsmAuthenticationUnacceptable",
  40: "NoPdpContextActivated",
};

const fiveGmmCauses: Names = {
  3: "IllegalUe",
  5: "PeiNotAccepted",
  6: "IllegalMe",
  7: "5gsServicesNotAllowed",
  9: "UeIdentityCannotBeDerivedByTheNetwork",
  10: "ImplicitlyDeRegistered",
  11: "PlmnNotAllowed",
  12: "TrackingAreaNotAllowed",
  13: "RoamingNotAllowedInThisTrackingArea",
  15: "NoSuitableCellsInTrackingArea",
  20: "MacFailure",
  21: "SynchFailure",
  22: "Congestion",
  23: "UeSecurityCapabilitiesMismatch",
  24: "SecurityModeRejected",
  26: "Non5gAuthenticationUnacceptable",
  27: "N1ModeNotAllowed",
  28: "RestrictedServiceArea",
  31: "RedirectionToEpcRequired",
  43: "LadnNotAvailable",
  62: "NoNetworkSlicesAvailable",
  65: "MaximumNumberOfPduSessionsReached",
  67: "InsufficientResourcesForSpecificSliceAndDnn",
  69: "InsufficientResourcesForSpecificSlice",
  71: "NgKsiAlreadyInUse",
  72: "Non3gppAccessTo5gcnNotAllowed",
  73: "ServingNetworkNotAuthorized",
  74: "TemporarilyNotAuthorizedForThisSnpn",
  75: "PermanentlyNotAuthorizedForThisSnpn",
  76: "NotAuthorizedForThisCag",
  77: "WirelineAccessAreaNotAllowed",
  78: "PlmnNotAllowedToOperateAtThePresentUeLocation",
  90: "PayloadWasNotForwarded",
  91: "DnnNotSupportedOrNotSubscribedInTheSlice",
  92: "InsufficientUserPlaneResourcesForThePduSession",
  95: "SemanticallyIncorrectMessage",
  96: "InvalidMandatoryInformation",
  97: "MessageTypeNonExistent",
  98: "MessageTypeNotCompatible",
  99: "InformationElementNonExistent",
  100: "ConditionalIeError",
  101: "MessageNotCompatible",
  111: "ProtocolErrorUnspecified",
};

const sessionCauses: Names = {
  8: "OperatorDeterminedBarring",
  26: "InsufficientResources",
  27: "MissingOrUnknownApn",
  28: "UnknownPdnType",
  29: "UserAuthenticationFailed",
  30: "RequestRejectedByServingGw",
  31: "RequestRejectedUnspecified",
  32: "ServiceOptionNotSupported",
  33: "RequestedServiceOptionNotSubscribed",
  34: "ServiceOptionTemporarilyOutOfOrder",
  35: "PtiAlreadyInUse",
  36: "RegularDeactivation",
  37: "EpsQosNotAccepted",
  38: "NetworkFailure",
  39: "ReactivationRequested",
  41: "SemanticErrorInTheTft",
  42: "SyntacticalErrorInTheTft",
  43: "InvalidEpsBearerIdentity",
  44: "SemanticErrorsInPacketFilters",
  45: "SyntacticalErrorsInPacketFilters",
  47: "PtiMismatch",
  49: "LastPdnDisconnectionNotAllowed",
  50: "PdnTypeIpv4OnlyAllowed",
  51: "PdnTypeIpv6OnlyAllowed",
  52: "SingleAddressBearersOnlyAllowed",
  53: "EsmInformationNotReceived",
  54: "PdnConnectionDoesNotExist",
  55: "MultiplePdnConnectionsForAGivenApnNotAllowed",
  56: "CollisionWithNetworkInitiatedRequest",
  57: "PdnTypeIpv4v6OnlyAllowed",
  58: "PdnTypeNonIpOnlyAllowed",
  59: "UnsupportedQciValue",
  60: "BearerHandlingNotSupported",
  61: "PdnTypeEthernetOnlyAllowed",
  65: "MaximumNumberOfEpsBearersReached",
  66: "RequestedApnNotSupportedInCurrentRatAndPlmn",
  81: "InvalidPtiValue",
  95: "SemanticallyIncorrectMessage",
  96: "InvalidMandatoryInformation",
  97: "MessageTypeNonExistent",
  98: "MessageTypeNotCompatible",
  99: "InformationElementNonExistent",
  100: "ConditionalIeError",
  101: "MessageNotCompatible",
  111: "ProtocolErrorUnspecified",
  112: "ApnRestrictionValueIncompatibleWithActiveEpsBearer",
  113: "MultipleAccessesToAPdnConnectionNotAllowed",
};

const smCauses: Names = {
  ...sessionCauses,
  25: "LlcOrSndcpFailure",
  30: "ActivationRejectedByGgsn",
  31: "ActivationRejectedUnspecified",
  35: "NsapiAlreadyUsed",
  37: "QosNotAccepted",
  40: "FeatureNotSupported",
  43: "UnknownPdpContext",
  46: "PdpContextWithoutTftAlreadyActivated",
  48: "ActivationRejectedBcmViolation",
};

const tables = {
  emm: mobilityCauses,
  "5gmm": fiveGmmCauses,
  gmm: gmmCauses,
  esm: sessionCauses,
  sm: smCauses,
} as const;

/** The cause behind `nwError`, or undefined for 0: the network named none. */
export function networkCause(domain: keyof typeof tables, nwError: number): FailureCause | undefined {
  if (nwError === 0) return undefined;
  return { domain, code: nwError, name: tables[domain][nwError] ?? `Cause${nwError}` };
}

/** The cause with this name, letters and digits alone in lower case (`esmfailure`); undefined for none that is known. */
export function networkCauseNamed(domain: keyof typeof tables, name: string): FailureCause | undefined {
  const found = Object.entries<string>(tables[domain]).find(([, known]) => known.toLowerCase() === name);
  return found && networkCause(domain, Number(found[0]));
}
