import { identityText } from "./identity-text.js";

/** The firmware's revision. @see 3GPP TS 27.007 5.3 */
export const revision = identityText("+CGMR");
