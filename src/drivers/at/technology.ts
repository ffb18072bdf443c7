/** 27.007's access technologies as the domain's. */
import type { Generation, Technology } from "../../modem/types.js";

/** By `<AcT>`. @see 3GPP TS 27.007 7.3 */
const technologies: readonly Technology[] = [
  ...(["gsm", "gsm", "umts", "edge", "hspa", "hspa", "hspa", "lte", "gsm", "lte", "lte", "nr", "nr", "nr"] as const),
];

export const technologyOf = (act: number | undefined): Technology | undefined =>
  act === undefined ? undefined : technologies[act];

/** What a modem of these radios can, the best last. */
export const technologiesOf = (radios: readonly Generation[]): readonly Technology[] =>
  radios.flatMap((radio): readonly Technology[] => {
    if (radio === "gsm") return ["gsm", "edge"];
    return radio === "umts" ? ["umts", "hspa"] : [radio];
  });

/** True where the cause numbers of EPS apply, false for those of GSM and UMTS. Unknown counts as LTE, the usual. */
export const isEps = (technology: Technology | undefined): boolean =>
  technology === undefined || technology === "lte" || technology === "nr";
