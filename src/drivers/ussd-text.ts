/** A text for a dialogue by USSD, refused where no message could carry it. */

import { ModemError } from "../runtime/error.js";
import { type CodedText, encodeUssd } from "../sms/ussd-text.js";

/** @throws ModemError `invalid` for a text that is too long */
export function codedUssd(text: string): CodedText {
  try {
    return encodeUssd(text);
  } catch (cause) {
    throw new ModemError("invalid", "the text is too long for USSD", { cause });
  }
}
