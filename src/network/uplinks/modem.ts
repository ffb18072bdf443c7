import type { UplinkPolicy } from "../policy/types.js";

/** What a modem is told by; absent: not known, or not yet. */
export interface ModemFacts {
  readonly imei?: string;
  readonly iccid?: string;
}

/** Which uplink of the policy a modem is; undefined: none. An exact match comes before `modem = "any"`. */
export function uplinkOfModem(
  policy: { readonly uplinks: readonly Pick<UplinkPolicy, "name" | "match">[] },
  modem: ModemFacts,
): string | undefined {
  const fits = (by: "imei" | "iccid" | "modem") =>
    policy.uplinks.find(
      ({ match }) =>
        match.by === by &&
        (match.by === "modem" ||
          (match.by === "imei" && match.imei === modem.imei) ||
          (match.by === "iccid" && match.iccid === modem.iccid)),
    );
  return (fits("imei") ?? fits("iccid") ?? fits("modem"))?.name;
}
