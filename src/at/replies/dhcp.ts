/** ^DHCP?: the addresses of a Huawei modem's call, each as the bytes of a 32-bit number of the modem's, lowest first. */
import { type AtQuery, lines as answerLines } from "../command.js";
import { onlyLine, parameters } from "../parameters.js";

export interface HuaweiAddresses {
  /** Dotted, as are the others. */
  readonly address: string;
  readonly prefixLength: number;
  readonly gateway: string;
  readonly dns: readonly string[];
}

/** `a3ec5c64` is 100.92.236.163; leading zeros are left out. */
function octets(text: string | undefined): readonly number[] {
  const [, digits] = /^(?:0x)?([0-9A-F]{1,8})$/i.exec(text ?? "") ?? [];
  if (digits === undefined) throw new RangeError("no address where one is expected");
  return [...Buffer.from(digits.padStart(8, "0"), "hex")].reverse();
}

/** @throws RangeError when ones follow zeros */
function lengthOf(mask: readonly number[]): number {
  const bits = mask.map((octet) => octet.toString(2).padStart(8, "0")).join("");
  if (!/^1*0*$/.test(bits)) throw new RangeError("no netmask where one is expected");
  return bits.lastIndexOf("1") + 1;
}

export const huaweiAddresses: AtQuery<HuaweiAddresses> = {
  text: "AT^DHCP?",
  answer: answerLines("^DHCP:"),
  read: (lines) => {
    const [address, mask, gateway, , ...servers] = parameters(onlyLine(lines)).map((text, index) =>
      index < 6 ? octets(text) : [],
    );
    if (address === undefined || mask === undefined || gateway === undefined) throw new RangeError("a short answer");
    const known = servers.filter((server) => server.some((octet) => octet !== 0)).map((server) => server.join("."));
    return {
      address: address.join("."),
      prefixLength: lengthOf(mask),
      gateway: gateway.join("."),
      dns: [...new Set(known)],
    };
  },
};
