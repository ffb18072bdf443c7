/** +COPS's operators as the domain's. Pure. */
import type { CurrentOperator, HeardOperator } from "../../at/replies/cops.js";
import type { Operator } from "../../modem/types.js";
import type { ServingOperator } from "./registration-state.js";
import { technologyOf } from "./technology.js";

const isPlmn = (text: string | undefined): text is string => text !== undefined && /^[0-9]{5,6}$/.test(text);

/** By its answers in both formats; some firmware keeps to one whatever it is told. */
export function operatorTold(code: CurrentOperator | undefined, named: CurrentOperator | undefined): ServingOperator {
  const texts = [code?.name, named?.name];
  const plmn = texts.find(isPlmn);
  const name = texts.find((text) => text !== undefined && !isPlmn(text));
  const technology = technologyOf(code?.act ?? named?.act);
  return {
    ...(plmn === undefined ? {} : { plmn }),
    ...(name === undefined ? {} : { name }),
    ...(technology === undefined ? {} : { technology }),
  };
}

const statuses = ["unknown", "available", "current", "forbidden"] as const;

/** One entry for each network: a scan has one for each technology. */
export function operatorsOf(heard: readonly HeardOperator[]): readonly Operator[] {
  const byPlmn = new Map<string, Operator>();
  for (const { stat, name, plmn, act } of heard) {
    const before = byPlmn.get(plmn);
    const technology = technologyOf(act);
    const isCurrent = before?.status === "current";
    byPlmn.set(plmn, {
      mcc: plmn.slice(0, 3),
      mnc: plmn.slice(3),
      name: before?.name || name,
      status: isCurrent ? "current" : (statuses[stat] ?? "unknown"),
      technologies: [...new Set([...(before?.technologies ?? []), ...(technology === undefined ? [] : [technology])])],
    });
  }
  return [...byPlmn.values()];
}
