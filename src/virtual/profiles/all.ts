/** Every profile by its name. A new one is a file of its own and a row here. */
import type { VirtualProfile } from "../model/profile.js";
import { mbimGeneric } from "./mbim-generic.js";

const profiles: readonly VirtualProfile[] = [mbimGeneric];

export const profileList = (): readonly { readonly name: string; readonly summary: string }[] => profiles;

/** @throws Error that lists the names there are */
export function profileNamed(name: string): VirtualProfile {
  const profile = profiles.find((known) => known.name === name);
  if (profile !== undefined) return profile;
  throw new Error(`no profile "${name}"; there are: ${profiles.map((known) => known.name).join(", ")}`);
}
