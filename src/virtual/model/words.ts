/** The words that model and faces share. No protocol's numbers. */

/** The radio under a technology. */
export type Generation = "gsm" | "umts" | "lte";
export type Technology = "gsm" | "edge" | "umts" | "hspa" | "lte";
export type AuthMethod = "none" | "pap" | "chap" | "mschapv2";
/** PDN types. @see 3GPP TS 24.301 9.9.4.10 */
export type Pdn = "ipv4" | "ipv6" | "ipv4v6";

/** Why the modem or the network said no. Each face has its own number for it. */
export type Refusal =
  | { readonly why: "simAbsent" }
  | { readonly why: "pinRequired" }
  /** PIN and PUK are used up. */
  | { readonly why: "cardBlocked" }
  | { readonly why: "pinWrong" }
  | { readonly why: "pinDisabled" }
  | { readonly why: "badPinFormat" }
  | { readonly why: "radioOff" }
  | { readonly why: "notRegistered" }
  | { readonly why: "detached" }
  | { readonly why: "noSuchOperator" }
  | { readonly why: "noSuchSlot" }
  /** The card has none of this name. */
  | { readonly why: "noSuchApplication" }
  | { readonly why: "noSuchChannel" }
  | { readonly why: "noFreeChannel" }
  /** The hardware has no such mode or band, or none would be left. */
  | { readonly why: "noSuchBand" }
  /** A regulator's lock keeps the radio off until the host unlocks it. */
  | { readonly why: "fccLocked" }
  | { readonly why: "tooManySessions" }
  | { readonly why: "alreadyActive" }
  | { readonly why: "notActive" }
  /** There is no dialogue by USSD that could go on or be ended. */
  | { readonly why: "noDialogue" }
  | { readonly why: "busy" }
  | { readonly why: "noSuchMessage" }
  | { readonly why: "messageStoreFull" }
  /** Bytes that are no message. */
  | { readonly why: "badMessage" }
  /** The network took no message: the RP cause. @see 3GPP TS 24.011 annex E-2 */
  | { readonly why: "message"; readonly cause: number }
  /** The network's own cause: ESM for a session, EMM for registration and attach. */
  | { readonly why: "network"; readonly cause: number };

/** ESM causes that this network speaks. @see 3GPP TS 24.301 annex B */
export const esm = {
  operatorDeterminedBarring: 8,
  insufficientResources: 26,
  unknownApn: 27,
  userAuthenticationFailed: 29,
  notSubscribed: 33,
  regularDeactivation: 36,
  ipv4Only: 50,
  ipv6Only: 51,
  oneConnectionOnly: 55,
} as const;

/** EMM causes that this network speaks. @see 3GPP TS 24.301 annex A */
export const emm = { plmnNotAllowed: 11, noSuitableCells: 15 } as const;

/** What may be spoken on a control channel or serial port; `../faces/all.ts` has them. */
export type FaceName = "mbim" | "qmi" | "at" | "diag" | "nmea" | "silent";
