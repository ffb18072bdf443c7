import { identityText } from "./identity-text.js";

/** The manufacturer's name. @see 3GPP TS 27.007 5.1 */
export const manufacturer = identityText("+CGMI");
