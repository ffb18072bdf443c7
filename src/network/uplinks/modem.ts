import type { Policy } from "../policy/types.js";

/** Which uplink of the policy a modem is; undefined: none. An exact match comes before `modem = "any"`. */
export function uplinkOfModem(
  policy: Policy,
  modem: { readonly imei?: string; readonly iccid?: string },
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
