/** What a port tells unasked. @see 3GPP TS 27.007 7.2, 10.1.20, 10.1.22 */
import type { Happening } from "../../machine.js";
import { type Change, changesBetween, type ModemState } from "../../model/state.js";
import * as describe from "./describe.js";
import { type PortSettings, type RegistrationName, registrationNames } from "./port-settings.js";

/** A vendor's own news of a change. */
export type VendorNews = (change: Change, state: ModemState, settings: PortSettings) => readonly string[];

const line = (name: RegistrationName, mode: number, state: ModemState): string =>
  `${name}: ${describe.registration(name, mode, state).join(",")}`;

export function newsOf(happening: Happening, settings: PortSettings, vendorNews: VendorNews): readonly string[] {
  const { before } = happening;
  const { state } = happening.outcome;
  const news = registrationNames.flatMap((name) => {
    const mode = settings.news[name];
    const now = line(name, mode, state);
    return mode === 0 || now === line(name, mode, before) ? [] : [now];
  });
  if (!settings.vendorNews) return news;
  return [...news, ...changesBetween(before, state).flatMap((change) => vendorNews(change, state, settings))];
}
