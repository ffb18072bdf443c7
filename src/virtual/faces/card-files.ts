/** Elementary files of the card, as far as hosts read them. @see 3GPP TS 31.102 4.2, ETSI TS 102 221 13 */
import type { ModemEvent } from "../model/modem.js";
import type { VirtualProfile } from "../model/profile.js";
import { forbiddenPlaces, type SimState } from "../model/sim.js";

/** Digits two to a byte, the first in the low half; an odd one is filled with F. */
export const swappedBcd = (digits: string): Buffer =>
  Buffer.from((digits.length % 2 === 0 ? digits : `${digits}f`).replace(/(.)(.)/g, "$2$1"), "hex");

const iccid = ({ subscriber }: SimState): Buffer => swappedBcd(subscriber.iccid.padEnd(20, "f"));

/** Length, then the digits behind a half byte that says whether they are odd in number. @see 3GPP TS 31.102 4.2.2 */
function imsiFile({ subscriber: { imsi } }: SimState): Buffer {
  const digits = swappedBcd(`${imsi.length % 2 === 1 ? "9" : "1"}${imsi}`);
  return Buffer.concat([Buffer.from([digits.length]), digits, Buffer.alloc(8 - digits.length, 0xff)]);
}

const homeOf = ({ operators }: VirtualProfile) => operators.find(({ standing }) => standing === "home");

/** The last byte says how many digits of the IMSI are MNC. @see 3GPP TS 31.102 4.2.18 */
const administrativeData = (_sim: SimState, profile: VirtualProfile): Buffer =>
  Buffer.from([0, 0, 0, homeOf(profile)?.mnc.length ?? 2]);

/** One byte of display conditions, then the name, filled up. @see 3GPP TS 31.102 4.2.12 */
const serviceProviderName = (_sim: SimState, profile: VirtualProfile): Buffer =>
  Buffer.concat([
    Buffer.from([0x01]),
    Buffer.from((homeOf(profile)?.name ?? "").slice(0, 16)),
    Buffer.alloc(16, 0xff),
  ]).subarray(0, 17);

/** MCC digit 2 and 1, MNC digit 3 and MCC digit 3, MNC digit 2 and 1. @see 3GPP TS 24.008 10.5.1.13 */
export function plmnBytes(plmn: string): Buffer {
  const [a, b, c, d, e, f = "f"] = plmn;
  return Buffer.from(`${b}${a}${f}${c}${e}${d}`, "hex");
}

/** LTE alone. @see 3GPP TS 31.102 4.2.5 */
const lteOnly = Buffer.from([0x40, 0x00]);

/** A place is a PLMN with its technologies; one more than is used. */
const preferredPlmns = (_sim: SimState, { preferredNetworks }: VirtualProfile): Buffer =>
  Buffer.concat([...preferredNetworks.flatMap((plmn) => [plmnBytes(plmn), lteOnly]), Buffer.from("ffffff0000", "hex")]);

const forbiddenPlmns = ({ forbidden }: SimState): Buffer =>
  Buffer.concat([...forbidden.map(plmnBytes), Buffer.alloc(3 * forbiddenPlaces, 0xff)]).subarray(
    0,
    3 * forbiddenPlaces,
  );

function writeForbidden(content: Buffer): ModemEvent {
  const entries = content.toString("hex").match(/.{6}/g) ?? [];
  const plmns = entries
    .filter((entry) => entry !== "ffffff")
    .map((entry) => entry.replace(/(.)(.)(.)(.)(.)(.)/, "$2$1$4$6$5$3").replace("f", ""));
  return { type: "writeForbidden", plmns };
}

interface CardFile {
  readonly needsPin: boolean;
  read(sim: SimState, profile: VirtualProfile): Buffer;
  /** All of the new content; absent: hosts may not. */
  write?(content: Buffer): ModemEvent;
}

const files: Readonly<Record<number, CardFile>> = {
  12258: { needsPin: false, read: iccid },
  28423: { needsPin: true, read: imsiFile },
  28486: { needsPin: false, read: serviceProviderName },
  28512: { needsPin: true, read: preferredPlmns },
  28539: { needsPin: true, read: forbiddenPlmns, write: writeForbidden },
  28589: { needsPin: false, read: administrativeData },
};

/** Undefined: the card has no such file. */
export const fileNumbered = (id: number) => files[id];
