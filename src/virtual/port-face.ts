/** `INTERFACE=FACE` as people write it: firmware whose serial ports are not what the profile says. */
import type { VirtualProfile } from "./model/profile.js";
import type { FaceName } from "./model/words.js";
import type { Composition } from "./usb/description/composition.js";

const serialFaces: ReadonlySet<string> = new Set<FaceName>(["at", "diag", "nmea", "silent"]);
const isSerialFace = (text: string): text is FaceName => serialFaces.has(text);

/** The profile with this serial port speaking that, in each composition that has it. @throws Error: what was expected */
export function withPortFace(profile: VirtualProfile, text: string): VirtualProfile {
  const [, number = "", face = ""] = /^([0-9]{1,3})=([a-z]+)$/.exec(text) ?? [];
  if (!isSerialFace(face))
    throw new Error(`expected INTERFACE=FACE with ${[...serialFaces].join(", ")}, found "${text}"`);
  const { usb } = profile;
  const changed = Object.entries(usb?.compositions ?? {}).map(
    ([name, composition]) => [name, speaking(composition, Number(number), face)] as const,
  );
  if (usb === undefined || changed.every(([name, composition]) => composition === usb.compositions[name]))
    throw new Error(`${profile.name} has no serial port on interface ${number}`);
  return { ...profile, usb: { ...usb, compositions: Object.fromEntries(changed) } };
}

/** The same value where no such port is. */
function speaking(composition: Composition, number: number, face: FaceName): Composition {
  const isIt = (one: Composition["functions"][number]) => one.kind === "serial" && one.interface === number;
  if (!composition.functions.some(isIt)) return composition;
  const functions = composition.functions.map((one) => (one.kind === "serial" && isIt(one) ? { ...one, face } : one));
  return { ...composition, functions };
}
