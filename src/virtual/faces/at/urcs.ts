/** What a port tells unasked. @see 3GPP TS 27.007 7.2, 10.1.20, 10.1.22 */
import type { Happening } from "../../machine.js";
import { type Change, changesBetween, type ModemState } from "../../model/state.js";
import * as describe from "./describe.js";
import { messageLines } from "./messages.js";
import { type PortSettings, type RegistrationName, registrationNames } from "./port-settings.js";
import { type UssdStyle, ussdLines } from "./ussd.js";

/** A vendor's own news of a change. */
export type VendorNews = (change: Change, state: ModemState, settings: PortSettings) => readonly string[];

/** What +CGEREP has asked to be told. @see 3GPP TS 27.007 10.1.19 */
function packetNews(before: ModemState, after: ModemState, { kept }: PortSettings): readonly string[] {
  const isWanted = !(kept.get("+CGEREP") ?? "0").startsWith("0");
  const hasLeft = before.packet.is === "attached" && after.packet.is === "detached";
  return isWanted && hasLeft ? [`+CGEV: ${after.attachWanted ? "ME" : "NW"} DETACH`] : [];
}

const line = (name: RegistrationName, mode: number, state: ModemState): string =>
  `${name}: ${describe.registration(name, mode, state).join(",")}`;

/** A vendor's own news of a call over its network interface: told on every port. */
export type CallNews = (happening: Happening) => readonly string[];

/** What a family of modems tells in its own words. */
export interface FamilyNews {
  readonly changes: VendorNews;
  readonly calls: CallNews;
  readonly ussd: UssdStyle;
}

export function newsOf(happening: Happening, settings: PortSettings, vendor: FamilyNews): readonly string[] {
  const { before } = happening;
  const { state } = happening.outcome;
  const news = registrationNames.flatMap((name) => {
    const mode = settings.news[name];
    const now = line(name, mode, state);
    return mode === 0 || now === line(name, mode, before) ? [] : [now];
  });
  const told = [
    ...news,
    ...packetNews(before, state, settings),
    ...messageLines(before, state, settings),
    ...ussdLines(before, state, settings, vendor.ussd),
    ...vendor.calls(happening),
  ];
  if (!settings.vendorNews) return told;
  return [...told, ...changesBetween(before, state).flatMap((change) => vendor.changes(change, state, settings))];
}
