/** Checks whose verdict would be about something else than the uplink. */
import type { CheckPolicy, ProbeTarget, UplinkPolicy } from "../../network/policy/types.js";
import { familiesOf, targetsOf } from "../../network/policy/worst-case.js";
import type { IpFamily } from "../../network/types.js";
import type { Finding, Lint } from "./finding.js";
import { operatorOf } from "./operators.js";

/** Each check once, though several uplinks have it. */
function checksOf(uplinks: readonly UplinkPolicy[]): readonly CheckPolicy[] {
  const checks = uplinks.flatMap(({ check }) => check ?? []);
  return checks.filter(({ name }, index) => checks.findIndex((one) => one.name === name) === index);
}

/** Where the question goes; the uplink's own servers and programs stand for themselves. */
function addressOf(target: ProbeTarget): string {
  if ("host" in target) return target.host;
  return target.kind === "dns" && target.server !== "link" ? target.server : target.text;
}

const downText = (family: IpFamily): string => `IPv${family} of the uplink is taken to be down`;

export const oneOperator: Lint = ({ policy }) =>
  checksOf(policy.uplinks).flatMap((check) =>
    familiesOf(check).flatMap((family): readonly Finding[] => {
      const targets = targetsOf(check, family);
      const operators = new Set(targets.map((target) => operatorOf(addressOf(target))));
      const path = ["check", check.name, "targets"];
      if (targets.length === 1)
        return [{ path, text: `one IPv${family} target only: when it fails, ${downText(family)}` }];
      if (operators.size > 1) return [];
      const text = `all IPv${family} targets are in the hands of ${[...operators][0]}: when it fails, ${downText(family)}`;
      return [{ path, text }];
    }),
  );

export const allMustAnswer: Lint = ({ policy }) =>
  checksOf(policy.uplinks).flatMap((check) =>
    familiesOf(check).flatMap((family): readonly Finding[] => {
      const count = targetsOf(check, family).length;
      if (count < 2 || check.pass < count) return [];
      const text = `all ${count} IPv${family} targets must answer: when one fails, ${downText(family)}`;
      return [{ path: ["check", check.name, "pass"], text }];
    }),
  );

/** Its own address answers always, and its router does while everything behind that is dead. */
export const nearTargets: Lint = ({ policy }) =>
  policy.uplinks.flatMap(({ name, address, check }) => {
    if (address.method !== "static" || check === undefined) return [];
    return [address.ipv4, address.ipv6].flatMap((family, index): readonly Finding[] => {
      if (family === undefined) return [];
      const asked = targetsOf(check, index === 0 ? 4 : 6).map(addressOf);
      const path = ["check", check.name, "targets"];
      if (asked.includes(family.address)) return [{ path, text: `${family.address} is ${name}'s own address` }];
      const isRouterOnly = asked.length > 0 && asked.every((target) => target === family.gateway);
      if (!isRouterOnly) return [];
      return [{ path, text: `only ${name}'s router is asked: what fails behind it is not noticed` }];
    });
  });
