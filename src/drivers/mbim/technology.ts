/** MBIM's data classes as technologies. */
import type { ResponseOf } from "../../mbim/command.js";
import type { deviceCaps } from "../../mbim/services/basic-connect.js";
import type { Technology } from "../../modem/types.js";

export type DataClasses = ResponseOf<typeof deviceCaps>["dataClass"];

/** Best last. CDMA and its kin have no word in oFono's API. */
const technologyOf: readonly (readonly [DataClasses[number], Technology])[] = [
  ["gprs", "gsm"],
  ["edge", "edge"],
  ["umts", "umts"],
  ["hsdpa", "hspa"],
  ["hsupa", "hspa"],
  ["lte", "lte"],
  ["nrNsa", "nr"],
  ["nrSa", "nr"],
];

/** Each technology once, the best last. */
export const technologies = (classes: DataClasses): readonly Technology[] => [
  ...new Set(technologyOf.flatMap(([name, technology]) => (classes.includes(name) ? [technology] : []))),
];

export const bestTechnology = (classes: DataClasses): Technology | undefined => technologies(classes).at(-1);

/** True where the cause numbers of EPS apply, false for those of GSM and UMTS. Unknown counts as LTE, the usual. */
export const isEps = (technology: Technology | undefined): boolean =>
  technology === undefined || technology === "lte" || technology === "nr";
