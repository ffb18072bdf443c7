/** How an IMSI divides into MCC, MNC and subscriber number when card and network do not tell. */

interface LongMnc {
  readonly mccs: readonly string[];
  /** Only these MNCs have three digits; absent: all. */
  readonly only?: RegExp;
  readonly because: string;
}

/** @see ITU-T E.212 and the national numbering plans; two digits everywhere else */
const threeDigits: readonly LongMnc[] = [
  { mccs: ["302"], because: "Canada" },
  { mccs: ["310", "311", "312", "313", "314", "315", "316"], because: "United States" },
  { mccs: ["330"], because: "Puerto Rico" },
  { mccs: ["334"], because: "Mexico" },
  {
    mccs: ["338", "342", "344", "346", "348", "352", "354", "356", "358", "360", "365", "366", "376"],
    because: "Caribbean islands of the North American numbering plan",
  },
  {
    mccs: ["405"],
    only: /^(02[5-9]|03[0-9]|04[0-7]|75[0-6]|799|8[0-9]{2}|9[0-2][0-9]|93[0-2])/,
    because: "India: the circles of 2008 and later got three digits, the others kept two",
  },
  { mccs: ["502"], only: /^15[0-9]/, because: "Malaysia: virtual operators below 502-15" },
  { mccs: ["708"], because: "Honduras" },
  { mccs: ["722"], because: "Argentina" },
  { mccs: ["732"], because: "Colombia" },
  { mccs: ["738"], only: /^00[0-9]/, because: "Guyana: the newer codes" },
  { mccs: ["750"], because: "Falkland Islands" },
];

export interface HomeNetwork {
  readonly mcc: string;
  /** Two or three digits. */
  readonly mnc: string;
}

/**
 * MCC and MNC of the card. `registered` is the network that the modem is at home in (status registered): where it fits
 * the IMSI it settles how long the MNC is.
 */
export function homeNetwork(imsi: string, registered?: Partial<HomeNetwork>): HomeNetwork | undefined {
  if (!/^[0-9]{6,15}$/.test(imsi)) return undefined;
  const mcc = imsi.slice(0, 3);
  if (registered?.mcc === mcc && registered.mnc && imsi.startsWith(mcc + registered.mnc))
    return { mcc, mnc: registered.mnc };
  const rest = imsi.slice(3);
  const long = threeDigits.some(({ mccs, only }) => mccs.includes(mcc) && (only?.test(rest) ?? true));
  return { mcc, mnc: rest.slice(0, long ? 3 : 2) };
}
