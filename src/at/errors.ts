/**
 * What `+CME ERROR` and `+CMS ERROR` mean, by number and by text.
 * @see 3GPP TS 27.007 9.2 (mobile equipment), 3GPP TS 27.005 3.2.5 (messages)
 */
import { type FailureCause, ModemError, type ModemErrorCode } from "../runtime/error.js";

/** In the specification's words, as a modem says them with `+CMEE=2`. */
const cmeNames: Readonly<Record<number, string>> = {
  0: "phone failure",
  1: "no connection to phone",
  2: "phone-adaptor link reserved",
  3: "operation not allowed",
  4: "operation not supported",
  5: "PH-SIM PIN required",
  6: "PH-FSIM PIN required",
  7: "PH-FSIM PUK required",
  10: "SIM not inserted",
  11: "SIM PIN required",
  12: "SIM PUK required",
  13: "SIM failure",
  14: "SIM busy",
  15: "SIM wrong",
  16: "incorrect password",
  17: "SIM PIN2 required",
  18: "SIM PUK2 required",
  20: "memory full",
  21: "invalid index",
  22: "not found",
  23: "memory failure",
  24: "text string too long",
  25: "invalid characters in text string",
  26: "dial string too long",
  27: "invalid characters in dial string",
  30: "no network service",
  31: "network timeout",
  32: "network not allowed - emergency calls only",
  40: "network personalization PIN required",
  41: "network personalization PUK required",
  42: "network subset personalization PIN required",
  43: "network subset personalization PUK required",
  44: "service provider personalization PIN required",
  45: "service provider personalization PUK required",
  46: "corporate personalization PIN required",
  47: "corporate personalization PUK required",
  48: "hidden key required",
  50: "incorrect parameters",
  51: "command implemented but currently disabled",
  52: "command aborted by user",
  53: "not attached to network due to MT functionality restrictions",
  54: "modem not allowed - MT restricted to emergency calls only",
  55: "operation not allowed because of MT functionality restrictions",
  56: "fixed dial number only allowed - called number is not a fixed dial number",
  57: "temporarily out of service due to other MT usage",
  100: "unknown",
  103: "illegal MS",
  106: "illegal ME",
  107: "GPRS services not allowed",
  108: "GPRS services and non-GPRS services not allowed",
  111: "PLMN not allowed",
  112: "location area not allowed",
  113: "roaming not allowed in this location area",
  114: "GPRS services not allowed in this PLMN",
  115: "no suitable cells in location area",
  122: "congestion",
  126: "insufficient resources",
  127: "missing or unknown APN",
  128: "unknown PDP address or PDP type",
  129: "user authentication failed",
  130: "activation rejected by GGSN, Serving GW or PDN GW",
  131: "activation rejected, unspecified",
  132: "service option not supported",
  133: "requested service option not subscribed",
  134: "service option temporarily out of order",
  148: "unspecified GPRS error",
  149: "PDP authentication failure",
  150: "invalid mobile class",
};

const cmsNames: Readonly<Record<number, string>> = {
  300: "ME failure",
  301: "SMS service of ME reserved",
  302: "operation not allowed",
  303: "operation not supported",
  304: "invalid PDU mode parameter",
  305: "invalid text mode parameter",
  310: "SIM not inserted",
  311: "SIM PIN required",
  312: "PH-SIM PIN required",
  313: "SIM failure",
  314: "SIM busy",
  315: "SIM wrong",
  316: "SIM PUK required",
  317: "SIM PIN2 required",
  318: "SIM PUK2 required",
  320: "memory failure",
  321: "invalid memory index",
  322: "memory full",
  330: "SMSC address unknown",
  331: "no network service",
  332: "network timeout",
  340: "no +CNMA acknowledgement expected",
  500: "unknown error",
};

type Domain = Extract<FailureCause["domain"], "cme" | "cms">;

const tables = { cme: cmeNames, cms: cmsNames } as const;

/** Where a refusal means more than no. */
const codesOf: Readonly<Partial<Record<ModemErrorCode, readonly number[]>>> = {
  denied: [32, 54, 56, 103, 106, 107, 108, 111, 112, 113, 114, 115, 129, 133, 149],
  unsupported: [4, 303],
  notReady: [5, 6, 7, 10, 11, 12, 13, 15, 17, 18, 40, 41, 42, 43, 44, 45, 46, 47, 51, 53, 55, 310, 311, 312, 313, 316],
  busy: [14, 57, 314],
  badPin: [16],
  notRegistered: [30, 31, 331, 332],
  invalid: [21, 22, 24, 25, 26, 27, 50, 304, 305, 321],
};
const codeByNumber = new Map<number, ModemErrorCode>(
  (Object.keys(codesOf) as ModemErrorCode[]).flatMap((code) =>
    (codesOf[code] ?? []).map((number) => [number, code] as const),
  ),
);

/** Capitals, blanks and hyphens differ between firmware: `SIM PIN required`, `Sim Pin Required`. */
const normal = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, " ")
    .trim();

const numberByName: Readonly<Record<Domain, ReadonlyMap<string, number>>> = {
  cme: new Map(Object.entries(cmeNames).map(([number, name]) => [normal(name), Number(number)])),
  cms: new Map(Object.entries(cmsNames).map(([number, name]) => [normal(name), Number(number)])),
};

/** A number's name in its specification. */
export const errorName = (domain: Domain, number: number): string =>
  tables[domain][number] ?? `error ${number}, the vendor's own`;

/** For words that no table has: 27.007's `unknown`, 27.005's `unknown error`. */
const unknownNumber = { cme: 100, cms: 500 } as const;

function failureOf(domain: Domain, said: string): FailureCause {
  if (/^[0-9]{1,5}$/.test(said)) return { domain, code: Number(said), name: errorName(domain, Number(said)) };
  return { domain, code: numberByName[domain].get(normal(said)) ?? unknownNumber[domain], name: said };
}

/** A final result that means no, as the domain understands it. `what`: the command as it may be shown. */
export function refusal(what: string, result: string): ModemError {
  const coded = /^\+(CME|CMS) ERROR: *(.*)$/i.exec(result);
  if (coded === null) return new ModemError(plainCode(result), `${what}: ${result}`);
  const failure = failureOf(coded[1]?.toUpperCase() === "CMS" ? "cms" : "cme", coded[2] ?? "");
  return new ModemError(codeByNumber.get(failure.code) ?? "refused", `${what}: ${failure.name}`, { failure });
}

/** Results without a number. The two long ones are Huawei's own. */
function plainCode(result: string): ModemErrorCode {
  if (/^COMMAND NOT SUPPORT$/i.test(result)) return "unsupported";
  return /^TOO MANY PARAMETERS$/i.test(result) ? "invalid" : "refused";
}
