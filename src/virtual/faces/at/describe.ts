/** The model's values as 27.007 has them. Pure: state in, text out. */
import { plmnOf } from "../../model/carrier.js";
import { heardCells } from "../../model/cells.js";
import type { OperatorProfile } from "../../model/profile.js";
import { type ModemState, signalOf } from "../../model/state.js";
import type { Technology } from "../../model/words.js";
import type { RegistrationName } from "./port-settings.js";

/** `<AcT>`. @see 3GPP TS 27.007 7.3 */
const accessTechnology = { gsm: 0, edge: 3, umts: 2, hspa: 6, lte: 7 } as const satisfies Record<Technology, number>;

const hexadecimal = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, "0");

const states = { off: 0, deregistered: 0, searching: 2, denied: 3 } as const;

/** The circuit-switched domain follows the registration, the other two the technology. */
function stateOf(name: RegistrationName, { registration, packet }: ModemState): number {
  if (registration.is !== "registered") return states[registration.is];
  const here = registration.operator.standing === "home" ? 1 : 5;
  if (name === "+CEREG") return registration.operator.technology === "lte" ? here : 0;
  return name === "+CREG" || packet.is === "attached" ? here : 0;
}

/** `<cause_type>,<reject_cause>` of mode 3; GPRS has its routing area in front. */
function refusal(
  name: RegistrationName,
  mode: number,
  { registration: now }: ModemState,
): readonly (string | number)[] {
  if (mode !== 3 || now.is !== "denied") return [];
  return ["", "", "", ...(name === "+CGREG" ? [""] : []), 0, now.cause];
}

/** The values behind `<n>`. */
export function registration(name: RegistrationName, mode: number, state: ModemState): readonly (string | number)[] {
  const stat = stateOf(name, state);
  const { registration: now } = state;
  const [cell] = heardCells(state);
  if (mode < 2 || (stat !== 1 && stat !== 5) || now.is !== "registered" || cell === undefined)
    return [stat, ...refusal(name, mode, state)];
  const [area, id] = [hexadecimal(cell.area, 4), hexadecimal(cell.id, 6)];
  return [stat, `"${area}"`, `"${id}"`, accessTechnology[now.operator.technology]];
}

const named = (operator: OperatorProfile, format: number): string => {
  if (format === 2) return plmnOf(operator);
  return format === 1 ? operator.name.slice(0, 8) : operator.name;
};

export function operator({ registration: now, selection }: ModemState, format: number): string {
  const mode = selection.mode === "auto" ? 0 : 1;
  if (now.is !== "registered") return `+COPS: ${mode}`;
  return `+COPS: ${mode},${format},"${named(now.operator, format)}",${accessTechnology[now.operator.technology]}`;
}

/** Every operator in parentheses, then which modes and formats there are. */
export function scan(operators: readonly OperatorProfile[], { registration: now }: ModemState): string {
  const list = operators.map((found) => {
    const serves = now.is === "registered" && now.operator === found;
    const status = serves ? 2 : found.standing === "forbidden" ? 3 : 1;
    const names = [0, 1, 2].map((format) => `"${named(found, format)}"`).join(",");
    return `(${status},${names},${accessTechnology[found.technology]})`;
  });
  return `+COPS: ${[...list, "", "(0,1,3,4)", "(0-2)"].join(",")}`;
}

/** 0 is -113 dBm or less, 31 is -51 or more, 99 unknown. @see 3GPP TS 27.007 8.5 */
export function rssi(state: ModemState): number {
  const dbm = signalOf(state);
  return dbm === undefined ? 99 : Math.min(31, Math.max(0, Math.round((dbm + 113) / 2)));
}

/** Behind a receiver that hears `rssiDbm` over a 10 MHz carrier: one subcarrier's share. */
export const rsrpOf = (rssiDbm: number): number => rssiDbm - 28;

/** `<rxlev>,<ber>,<rscp>,<ecno>,<rsrq>,<rsrp>`. @see 3GPP TS 27.007 8.69 */
export function extendedSignal(state: ModemState): readonly number[] {
  const dbm = signalOf(state);
  if (dbm === undefined || state.registration.is !== "registered") return [99, 99, 255, 255, 255, 255];
  switch (state.registration.operator.technology) {
    case "lte":
      return [99, 99, 255, 255, 19, Math.min(97, Math.max(0, rsrpOf(dbm) + 141))];
    case "umts":
    case "hspa":
      return [99, 99, Math.min(96, Math.max(0, dbm + 121)), 37, 255, 255];
    default:
      return [Math.min(63, Math.max(0, dbm + 111)), 99, 255, 255, 255, 255];
  }
}
