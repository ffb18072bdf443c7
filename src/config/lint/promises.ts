/** Uplinks that are left late or never, and checks that cost more than anyone expects. */
import { bytesText } from "../../network/policy/bytes-text.js";
import { probeCost } from "../../network/policy/worst-case.js";
import { type Finding, type Lint, tiersOf } from "./finding.js";

export const neverLeft: Lint = ({ policy }) => {
  const leaving = new Set(tiersOf(policy).flatMap(({ tiers }) => tiers.slice(0, -1).flat()));
  return policy.uplinks
    .filter(({ name, check }) => leaving.has(name) && check === undefined)
    .map(({ name }) => ({
      path: ["uplink", name],
      text: "it has no check: later tiers are reached only when it loses its carrier or address",
    }));
};

const monthDays = 30;
/** What checks may cost on a metered uplink before it is worth a word: 1 MB a day. */
const dearBytesPerDay = 1_000_000;

export const dearCheck: Lint = ({ policy }) =>
  policy.uplinks.flatMap((uplink): readonly Finding[] => {
    const { bytesPerDay } = probeCost(uplink);
    if (!uplink.metered || uplink.check === undefined || bytesPerDay <= dearBytesPerDay) return [];
    const text = `on the metered ${uplink.name} it costs ${bytesText(bytesPerDay * monthDays)} a month`;
    return [{ path: ["check", uplink.check.name], text }];
  });
