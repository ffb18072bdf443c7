/** Uplinks that could never work, whatever the machine is like. */
import type { UplinkPolicy } from "../network/policy/types.js";
import { targetsOf } from "../network/policy/worst-case.js";
import { isVpnName } from "../network/vpn.js";
import type { Report } from "./resolve.js";

export function checkPossible(uplink: UplinkPolicy, report: Report): void {
  checkNoVpn(uplink, report);
  checkBindable(uplink, report);
}

function checkNoVpn({ name, match }: UplinkPolicy, report: Report): void {
  const vpn = match.by === "name" ? match.patterns.find(isVpnName) : undefined;
  if (vpn !== undefined)
    report(
      ["uplink", name, "match", "name"],
      "an interface of its own: a VPN's runs over an uplink and is none",
      `"${vpn}"`,
    );
}

/** A question leaves from an address of its own family: without one it is never asked, and the uplink never verified. */
function checkBindable({ name, address, check }: UplinkPolicy, report: Report): void {
  if (address.method !== "static" || check === undefined) return;
  const families = [...(address.ipv4 ? [4 as const] : []), ...(address.ipv6 ? [6 as const] : [])];
  if (families.length === 0 || families.some((family) => targetsOf(check, family).length > 0)) return;
  report(
    ["uplink", name, "check"],
    `a check with an IPv${families.join(" or IPv")} target, since the uplink has no other address`,
    `"${check.name}", which has none`,
  );
}
