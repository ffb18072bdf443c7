/** Where the modem is, for who decides what may go through it. Pure. */
import type { ServingNetwork } from "../network/types.js";
import type { Registration } from "./types.js";

/** Undefined while no network serves it. */
export function servingNetwork({ status, mcc, mnc }: Registration): ServingNetwork | undefined {
  if (status !== "registered" && status !== "roaming") return undefined;
  const isHome = status === "registered";
  return mcc === undefined || mnc === undefined ? { isHome } : { plmn: mcc + mnc, isHome };
}
