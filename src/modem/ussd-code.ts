/** What a string that a person dials is to the network. @see 3GPP TS 22.030 6.5.2, 6.5.3, annex B */
import { DomainRefusal } from "./api.js";

/**
 * Codes of supplementary services: forwarding, waiting, barring and its password, presentation and restriction of numbers,
 * the card's PINs. They are other operations of the network or the card; as USSD they would be refused, or show a PIN to it.
 */
const serviceCodes: ReadonlySet<string> = new Set([
  ...["21", "61", "62", "67", "002", "004", "43"],
  ...["33", "331", "332", "35", "351", "330", "333", "353", "03"],
  ...["30", "31", "76", "77", "300", "66"],
  ...["04", "042", "05", "052", "06"],
]);

const control = /^(?:\*|#|\*#|\*\*|##)(\d{2,3})(?:\*[^#]*)?#$/;

export const isServiceControl = (text: string): boolean => serviceCodes.has(control.exec(text)?.[1] ?? "");

/** Whatever ends in `#`; and one or two characters, but for two digits that begin with 1: those are dialled. */
export const isUssdCode = (text: string): boolean =>
  text.endsWith("#") || text.length === 1 || (text.length === 2 && !text.startsWith("1"));

/** @throws DomainRefusal for a string that is not sent to the network as USSD */
export function checkUssdCode(text: string): void {
  if (text === "") throw new DomainRefusal("invalidFormat", "an empty code");
  if (isServiceControl(text))
    throw new DomainRefusal("notImplemented", "codes that control supplementary services or PINs are not carried out");
  if (!isUssdCode(text)) throw new DomainRefusal("notRecognized", "no USSD code looks like this");
}
