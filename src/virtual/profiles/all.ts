/** Every profile by its name. A new one is a file of its own and a row here. */
import type { VirtualProfile } from "../model/profile.js";
import { arduinoUno } from "./arduino-uno.js";
import { atGeneric } from "./at-generic.js";
import { huaweiE3131 } from "./huawei-e3131.js";
import { huaweiMs2372h } from "./huawei-ms2372h.js";
import { huaweiNcm } from "./huawei-ncm.js";
import { mbimGeneric } from "./mbim-generic.js";
import { qmiGeneric } from "./qmi-generic.js";
import { quectelEc25 } from "./quectel-ec25.js";
import { sierraEm7565 } from "./sierra-em7565.js";
import { simcomA7670e } from "./simcom-a7670e.js";
import { simcomSim7600, simcomSim7600Rndis } from "./simcom-sim7600.js";

const profiles: readonly VirtualProfile[] = [
  ...[mbimGeneric, qmiGeneric, atGeneric],
  ...[sierraEm7565, quectelEc25, huaweiMs2372h, huaweiNcm, huaweiE3131],
  ...[simcomSim7600, simcomSim7600Rndis, simcomA7670e, arduinoUno],
];

export const profileList = (): readonly { readonly name: string; readonly summary: string }[] => profiles;

/** @throws Error that lists the names there are */
export function profileNamed(name: string): VirtualProfile {
  const profile = profiles.find((known) => known.name === name);
  if (profile !== undefined) return profile;
  throw new Error(`no profile "${name}"; there are: ${profiles.map((known) => known.name).join(", ")}`);
}
