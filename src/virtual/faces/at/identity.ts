/** Who the device is. @see ITU-T V.250 6.1, 3GPP TS 27.007 5 */
import type { VirtualProfile } from "../../model/profile.js";
import { type Handler, ok, type Row } from "./answer.js";

type DeviceText = "manufacturer" | "model" | "firmware" | "imei";

const text =
  (key: DeviceText, named = ""): Handler =>
  ({ machine }) =>
    ok(`${named}${machine.profile.device[key]}`);

const row = (name: string, key: DeviceText, named = ""): Row => ({ name, execute: text(key, named), test: "" });

/** What differs between vendors. */
export interface IdentityHabits {
  /** What `+GCAP` tells, also at the end of ATI. */
  readonly capabilities: string;
  /** Before the text of +CGMR. */
  readonly revisionLabel: string;
  /** ATI as lines with labels, or Quectel's three lines. */
  readonly information: "labelled" | "short";
}

function information({ device }: VirtualProfile, { capabilities, information: style }: IdentityHabits) {
  if (style === "short") return [device.manufacturer, device.model, `Revision: ${device.firmware}`];
  return [
    `Manufacturer: ${device.manufacturer}`,
    `Model: ${device.model}`,
    `Revision: ${device.firmware}`,
    `IMEI: ${device.imei}`,
    `+GCAP: ${capabilities}`,
  ];
}

export const identityRows = (habits: IdentityHabits): readonly Row[] => [
  { name: "I", execute: ({ machine }) => ok(...information(machine.profile, habits)) },
  row("+CGMI", "manufacturer"),
  row("+GMI", "manufacturer"),
  row("+CGMM", "model"),
  row("+GMM", "model"),
  row("+CGMR", "firmware", habits.revisionLabel),
  row("+GMR", "firmware", habits.revisionLabel),
  row("+CGSN", "imei"),
  row("+GSN", "imei"),
  { name: "+GCAP", execute: () => ok(`+GCAP: ${habits.capabilities}`), test: "" },
];
