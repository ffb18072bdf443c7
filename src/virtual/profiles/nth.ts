/** Several modems at once must not be the same one. */
import type { VirtualProfile } from "../model/profile.js";

/** How many differ at most: their addresses come from neighbouring networks. */
export const maxAtOnce = 16;

/** The check digit of an IMEI. @see 3GPP TS 23.003 annex B */
function checkDigit(digits: string): string {
  const sum = [...digits].reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return String((10 - (sum % 10)) % 10);
}

/** `digits` counted on by `by`, in the same width. */
const counted = (digits: string, by: number): string =>
  String((BigInt(digits) + BigInt(by)) % 10n ** BigInt(digits.length)).padStart(digits.length, "0");

function nextImei(imei: string, by: number): string {
  const serial = counted(imei.slice(0, 14), by);
  return serial + checkDigit(serial);
}

/**
 * Modem number `index` of those that one process runs, counted from 0: another IMEI, another card, other addresses of the
 * carrier's (10.64.0.0, 10.65.0.0, ...), so that all may live in one namespace.
 */
export function nthModem(profile: VirtualProfile, index: number): VirtualProfile {
  if (index === 0) return profile;
  const { device, sim } = profile;
  const [ipv4, ipv6] = [`10.${64 + index}.0`, `2001:db8:${(0x64 + index).toString(16)}::`];
  return {
    ...profile,
    device: { ...device, imei: nextImei(device.imei, index) },
    sim: { ...sim, imsi: counted(sim.imsi, index), iccid: counted(sim.iccid, index) },
    pool: {
      ...profile.pool,
      ipv4Network: `${ipv4}.0`,
      ipv4Router: `${ipv4}.1`,
      ipv6Prefix: ipv6,
      ipv6Router: `${ipv6}1`,
    },
  };
}
