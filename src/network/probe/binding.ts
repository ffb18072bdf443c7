/** What ties a socket to an uplink before its first packet, so that no default route redirects it. */
import type { SocketBinding } from "../../native/index.js";
import type { IpFamily } from "../types.js";
import type { Via } from "./ask.js";

export const familyNames = { 4: "inet", 6: "inet6" } as const;

export const familyOfAddress = (address: string): IpFamily => (address.includes(":") ? 6 : 4);

/** A source address of the other family is left out: a name may be asked of a server of either. */
export function bindingOf({ interfaceName, sourceAddress }: Via, family: IpFamily): SocketBinding {
  const fits = sourceAddress !== undefined && familyOfAddress(sourceAddress) === family;
  return { device: interfaceName, ...(fits && { sourceAddress }) };
}
