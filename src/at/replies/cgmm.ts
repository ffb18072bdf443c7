import { identityText } from "./identity-text.js";

/** The model's name. @see 3GPP TS 27.007 5.2 */
export const model = identityText("+CGMM");
