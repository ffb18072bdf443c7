/**
 * Why a message was not sent, by the numbers that `+CMS ERROR` has as well: below 128 the network's RP cause, from 128 on the
 * service centre's TP failure cause. @see 3GPP TS 24.011 annex E-2, TS 23.040 9.2.3.22, TS 27.005 3.2.5
 */
import type { FailureCause } from "../runtime/error.js";

interface Row {
  readonly name: string;
  /** The same message may be taken a little later. */
  readonly passes?: true;
}

const rows: Readonly<Record<number, Row>> = {
  1: { name: "UnassignedNumber" },
  8: { name: "OperatorDeterminedBarring" },
  10: { name: "CallBarred" },
  21: { name: "ShortMessageTransferRejected" },
  22: { name: "MemoryCapacityExceeded" },
  27: { name: "DestinationOutOfOrder" },
  28: { name: "UnidentifiedSubscriber" },
  29: { name: "FacilityRejected" },
  30: { name: "UnknownSubscriber" },
  38: { name: "NetworkOutOfOrder", passes: true },
  41: { name: "TemporaryFailure", passes: true },
  42: { name: "Congestion", passes: true },
  47: { name: "ResourcesUnavailable", passes: true },
  50: { name: "RequestedFacilityNotSubscribed" },
  69: { name: "RequestedFacilityNotImplemented" },
  81: { name: "InvalidShortMessageReference" },
  95: { name: "InvalidMessage" },
  96: { name: "InvalidMandatoryInformation" },
  97: { name: "MessageTypeNonExistent" },
  98: { name: "MessageNotCompatible" },
  99: { name: "InformationElementNonExistent" },
  111: { name: "ProtocolError" },
  127: { name: "Interworking" },
  128: { name: "TelematicInterworkingNotSupported" },
  129: { name: "ShortMessageType0NotSupported" },
  130: { name: "CannotReplaceShortMessage" },
  143: { name: "UnspecifiedProtocolIdentifierError" },
  144: { name: "AlphabetNotSupported" },
  145: { name: "MessageClassNotSupported" },
  159: { name: "UnspecifiedDataCodingError" },
  176: { name: "TpduNotSupported" },
  192: { name: "ServiceCentreBusy", passes: true },
  193: { name: "NoServiceCentreSubscription" },
  194: { name: "ServiceCentreSystemFailure", passes: true },
  195: { name: "InvalidServiceCentreAddress" },
  196: { name: "DestinationBarred" },
  197: { name: "DuplicateRejected" },
  208: { name: "SimStorageFull" },
  211: { name: "MemoryCapacityExceeded" },
  255: { name: "UnspecifiedError" },
};

export const smsCause = (code: number): FailureCause => ({
  domain: "cms",
  code,
  name: rows[code]?.name ?? `Cause${code}`,
});

/** Whether the same message may be taken a little later. */
export const passesByItself = ({ domain, code }: FailureCause): boolean =>
  domain === "cms" && rows[code]?.passes === true;
