/** Which `[[modem]]` entry is about which modem. */
import type { ModemConfig } from "../config/types.js";

export interface ModemFacts {
  /** Undefined until it is read: an entry that asks for an IMEI does not fit before. */
  readonly imei: string | undefined;
  /** The USB port; undefined for a modem that is not on USB. */
  readonly usbPath: string | undefined;
  readonly ids: string;
}

/** The first entry that fits; one with `any` only where no other does. */
export function configOf(modems: readonly ModemConfig[], facts: ModemFacts): ModemConfig | undefined {
  const fits = ({ match }: ModemConfig): boolean =>
    match.url === undefined &&
    match.any === undefined &&
    (match.imei === undefined || match.imei === facts.imei) &&
    (match.usbPath === undefined || match.usbPath === facts.usbPath) &&
    (match.ids === undefined || match.ids === facts.ids);
  return modems.find(fits) ?? modems.find(({ match }) => match.any === true);
}
