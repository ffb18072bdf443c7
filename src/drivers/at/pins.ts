/** PINs as AT commands, and what refusals of them mean. Pure. */
import type { AtCommand } from "../../at/command.js";
import type { PinQuestion } from "../../at/replies/cpin.js";
import type { PinRetries } from "../../at/replies/pin-retries.js";
import type { PinType, SimState } from "../../modem/types.js";
import { causeText, ModemError } from "../../runtime/error.js";

const types: Readonly<Record<PinQuestion, PinType | "none">> = {
  none: "none",
  pin: "pin",
  puk: "puk",
  // PIN2 guards a few files of the card. It stands in nobody's way until one of them is written.
  pin2: "none",
  puk2: "none",
  phoneToSim: "phone",
  phoneToFirstSim: "firstphone",
  phoneToFirstSimPuk: "firstphonepuk",
  network: "network",
  networkPuk: "networkpuk",
  networkSubset: "netsub",
  networkSubsetPuk: "netsubpuk",
  serviceProvider: "service",
  serviceProviderPuk: "servicepuk",
  corporate: "corp",
  corporatePuk: "corppuk",
};

export const typeOf = (question: PinQuestion): PinType | "none" => types[question];

/** @see 3GPP TS 27.007 7.4, 7.5 `<fac>` */
const facilities: Readonly<Partial<Record<PinType, string>>> = {
  pin: "SC",
  phone: "PS",
  firstphone: "PF",
  pin2: "P2",
  network: "PN",
  netsub: "PU",
  service: "PP",
  corp: "PC",
};

/** Cards with slow applications take several seconds. */
const pinMs = 13_000;

export interface PinCommand extends AtCommand {
  readonly secret: true;
  /** When it succeeds, the card may be used where it could not before. */
  readonly opensCard: boolean;
}

/** The text stands in quotation marks: nothing may end it before its time. @throws ModemError `invalid` */
function quoted(secret: string): string {
  if (!/^[0-9A-Za-z*#]{1,16}$/.test(secret)) throw new ModemError("invalid", "a PIN has digits only");
  return `"${secret}"`;
}

function facilityOf(type: PinType): string {
  const facility = facilities[type];
  if (facility === undefined) throw new ModemError("invalid", `${type} is no lock`);
  return `"${facility}"`;
}

const command = (text: string, opensCard: boolean): PinCommand => ({
  text,
  secret: true,
  timeoutMs: pinMs,
  opensCard,
});

export const enter = (pin: string): PinCommand => command(`AT+CPIN=${quoted(pin)}`, true);
export const unblock = (puk: string, newPin: string): PinCommand =>
  command(`AT+CPIN=${quoted(puk)},${quoted(newPin)}`, true);
export const change = (type: PinType, oldPin: string, newPin: string): PinCommand =>
  command(`AT+CPWD=${facilityOf(type)},${quoted(oldPin)},${quoted(newPin)}`, false);
export const lock = (type: PinType, locked: boolean, pin: string): PinCommand =>
  command(`AT+CLCK=${facilityOf(type)},${locked ? 1 : 0},${quoted(pin)}`, false);

/** The PIN's own tries, by the answers' names; undefined: nobody counts them. */
export function counted(type: PinType): keyof PinRetries | undefined {
  return type === "pin" || type === "puk" || type === "pin2" || type === "puk2" ? type : undefined;
}

/** 12 and 18: it was the last try, and its PUK is wanted now. */
const wrongCodes: readonly number[] = [11, 12, 16, 17, 18];
/** Words for anything. */
const unclearCodes: readonly number[] = [0, 100];

/** Whether a refused command says that the secret was wrong. */
export function judge(error: unknown): "wrong" | "other" | "unclear" {
  if (!(error instanceof ModemError)) return "other";
  const { code, failure } = error;
  if (failure?.domain === "cme") {
    if (wrongCodes.includes(failure.code)) return "wrong";
    return unclearCodes.includes(failure.code) ? "unclear" : "other";
  }
  return code === "refused" ? "unclear" : "other";
}

export function wrongSecret(type: PinType, retries: number | undefined, cause: unknown): ModemError {
  const failure = cause instanceof ModemError ? cause.failure : undefined;
  const tries = retries === undefined ? "" : `, ${retries} tries left`;
  const words = failure === undefined ? "" : ` (${causeText(failure)})`;
  return new ModemError("badPin", `${type} was refused${tries}${words}`, { failure });
}

/** @see 3GPP TS 27.007 9.2 */
const states: Readonly<Record<number, SimState>> = {
  10: { is: "absent" },
  13: { is: "failed", reason: "the card does not work" },
  14: { is: "initialising" },
  15: { is: "failed", reason: "the card is not usable" },
};

/** What a refused question says of the card. @throws the error when it says nothing */
export function stateOfRefusal(error: unknown): SimState {
  if (error instanceof ModemError && error.failure?.domain === "cme") {
    const known = states[error.failure.code];
    if (known !== undefined) return known;
  }
  // Firmware without numbers says so while the card starts.
  if (error instanceof ModemError && error.code === "refused") return { is: "initialising" };
  throw error;
}
