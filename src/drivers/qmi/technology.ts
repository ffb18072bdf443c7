/** QMI's radio interfaces and data capabilities as technologies. */

import type { Technology } from "../../modem/types.js";
import type { ResponseOf } from "../../qmi/message.js";
import type * as dms from "../../qmi/services/dms.js";
import type * as nas from "../../qmi/services/nas.js";

type ServingSystem = ResponseOf<typeof nas.getServingSystem>;
type RadioInterface = ServingSystem["servingSystem"]["radioInterfaces"][number];
type HardwareRadio = ResponseOf<typeof dms.getCapabilities>["info"]["radioInterfaces"][number];

const ofRadio: Partial<Record<RadioInterface, Technology>> = { gsm: "gsm", umts: "umts", lte: "lte", nr: "nr" };

/** What the network offers here says more than the generation. Best last. */
const ofCapability: readonly (readonly [string, Technology])[] = [
  ["gprs", "gsm"],
  ["edge", "edge"],
  ["wcdma", "umts"],
  ["hsdpa", "hspa"],
  ["hsupa", "hspa"],
  ["hsdpaPlus", "hspa"],
  ["dcHsdpaPlus", "hspa"],
  ["lte", "lte"],
];

const radios = (system: ServingSystem): readonly Technology[] =>
  system.servingSystem.radioInterfaces.flatMap((radio) => ofRadio[radio] ?? []);

/** The technology in use; undefined without service. */
export function technologyOf(system: ServingSystem): Technology | undefined {
  const radio = radios(system).at(-1);
  if (radio === undefined || radio === "nr" || radio === "lte") return radio;
  const capabilities: readonly string[] = system.dataCapabilities ?? [];
  const best = ofCapability.filter(([name]) => capabilities.includes(name)).at(-1)?.[1];
  return best ?? radio;
}

const ofHardware: Partial<Record<HardwareRadio, readonly Technology[]>> = {
  gsm: ["gsm", "edge"],
  umts: ["umts", "hspa"],
  lte: ["lte"],
  nr: ["nr"],
};

export const technologiesOf = (hardware: readonly HardwareRadio[]): readonly Technology[] =>
  hardware.flatMap((radio) => ofHardware[radio] ?? []);

/** True where the cause numbers of EPS apply, false for those of GSM and UMTS. Unknown counts as LTE, the usual. */
export const isEps = (technology: Technology | undefined): boolean =>
  technology === undefined || technology === "lte" || technology === "nr";
