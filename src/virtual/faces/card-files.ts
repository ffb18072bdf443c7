/** Elementary files of the card, as far as hosts read them. @see 3GPP TS 31.102 4.2, ETSI TS 102 221 13 */
import type { VirtualProfile } from "../model/profile.js";

/** Digits two to a byte, the first in the low half; an odd one is filled with F. */
const swappedBcd = (digits: string): Buffer =>
  Buffer.from((digits.length % 2 === 0 ? digits : `${digits}f`).replace(/(.)(.)/g, "$2$1"), "hex");

const iccid = ({ sim }: VirtualProfile): Buffer => swappedBcd(sim.iccid.padEnd(20, "f"));

/** Length, then the digits behind a half byte that says whether they are odd in number. @see 3GPP TS 31.102 4.2.2 */
function imsi({ sim }: VirtualProfile): Buffer {
  const digits = swappedBcd(`${sim.imsi.length % 2 === 1 ? "9" : "1"}${sim.imsi}`);
  return Buffer.concat([Buffer.from([digits.length]), digits, Buffer.alloc(8 - digits.length, 0xff)]);
}

const homeOf = ({ operators }: VirtualProfile) => operators.find(({ standing }) => standing === "home");

/** The last byte says how many digits of the IMSI are MNC. @see 3GPP TS 31.102 4.2.18 */
const administrativeData = (profile: VirtualProfile): Buffer =>
  Buffer.from([0, 0, 0, homeOf(profile)?.mnc.length ?? 2]);

/** One byte of display conditions, then the name, filled up. @see 3GPP TS 31.102 4.2.12 */
const serviceProviderName = (profile: VirtualProfile): Buffer =>
  Buffer.concat([
    Buffer.from([0x01]),
    Buffer.from((homeOf(profile)?.name ?? "").slice(0, 16)),
    Buffer.alloc(16, 0xff),
  ]).subarray(0, 17);

/** Nobody is forbidden yet: four empty places. */
const forbiddenPlmns = (): Buffer => Buffer.alloc(12, 0xff);

const files: Readonly<Record<number, { readonly needsPin: boolean; read(profile: VirtualProfile): Buffer }>> = {
  12258: { needsPin: false, read: iccid },
  28423: { needsPin: true, read: imsi },
  28486: { needsPin: false, read: serviceProviderName },
  28539: { needsPin: true, read: forbiddenPlmns },
  28589: { needsPin: false, read: administrativeData },
};

/** Undefined: the card has no such file. */
export const fileNumbered = (id: number) => files[id];
