/** SIMCom's commands. @see SIM7500_SIM7600 Series AT Command Manual V2.00, A76XX Series AT Command Manual */
import { networkCause } from "../../../codec/network-cause.js";
import { type Cell, heardCells } from "../../model/cells.js";
import type { OperatorProfile } from "../../model/profile.js";
import { type Change, type ModemState, signalOf } from "../../model/state.js";
import type { Technology } from "../../model/words.js";
import { type Answer, no, ok, type Row, type Serving, small, tell } from "./answer.js";
import { iccidRow } from "./card.js";
import { asrCellRow } from "./cells.js";
import * as describe from "./describe.js";
import { registrationRow } from "./network.js";
import { type PortSettings, registrationNames } from "./port-settings.js";
import { cme } from "./refusals.js";
import { kept } from "./settings.js";
import { simcomSelectionRows } from "./simcom-selection.js";

/** The id alone or with two flags that the manual calls reserved; the modem leaves the bus at once. */
function switchComposition({ context }: Serving, args: readonly string[]): Answer {
  const [id = "", ...flags] = args;
  const { compositions } = context;
  const isCommand = flags.every((flag) => flag === "0" || flag === "1") && flags.length <= 2;
  if (!isCommand || !compositions.known.includes(id.toLowerCase())) return no("ERROR");
  if (compositions.current !== id.toLowerCase()) context.switchComposition(id.toLowerCase());
  return ok();
}

function triesLeft({ machine: { state } }: Serving): Answer {
  const { slot, pinTriesLeft, pukTriesLeft } = state.sim;
  return slot === "empty" ? no(cme.simAbsent) : ok(`+SPIC: ${pinTriesLeft},${pukTriesLeft},3,10`);
}

/** The password stands before the name. @see A76XX Series AT Command Manual 5.2.16 */
function authenticate(serving: Serving, [number, type = "0", password = "", username = ""]: readonly string[]): Answer {
  const context = serving.machine.state.contexts.find(({ cid }) => String(cid) === number);
  const auth = (["none", "pap", "chap"] as const)[Number(type)];
  if (context === undefined || auth === undefined) return no(cme.incorrectParameters);
  return tell(serving, { ...context, type: "defineContext", auth, username, password });
}

const compositionRow = (known: readonly string[]): Row => ({
  name: "+CUSBPIDSWITCH",
  test: `(${known.join(",").toUpperCase()}),(0-1),(0-1)`,
  read: ({ context: { compositions } }) => ok(`+CUSBPIDSWITCH: ${(compositions.current ?? "").toUpperCase()}`),
  set: switchComposition,
});

const systemNames = { gsm: "GSM", edge: "GSM", umts: "WCDMA", hspa: "WCDMA", lte: "LTE" } as const satisfies Record<
  Technology,
  string
>;

/** Tenths of a dB from RSRQ on. */
function serving({ mcc, mnc, technology }: OperatorProfile, cell: Cell, dbm: number): string {
  const system = systemNames[technology];
  const { id, area, physicalId, channel, band } = cell;
  const common = `${system},Online,${mcc}-${mnc},0x${area.toString(16).padStart(4, "0").toUpperCase()},${id}`;
  if (system !== "LTE") return `${common},120,${system === "GSM" ? "EGSM 900" : "WCDMA IMT 2000"},${dbm}`;
  return `${common},${physicalId},EUTRAN-BAND${band},${channel},5,5,-100,${describe.rsrpOf(dbm) * 10},${dbm * 10},12`;
}

const systemInformation = ({ machine: { state } }: Serving): Answer => {
  const dbm = signalOf(state);
  const [cell] = heardCells(state);
  if (state.registration.is === "registered" && dbm !== undefined && cell !== undefined)
    return ok(`+CPSI: ${serving(state.registration.operator, cell, dbm)}`);
  return ok(`+CPSI: NO SERVICE,${state.softwareOn && state.hardwareOn ? "Online" : "Low Power Mode"}`);
};

const systemModes = { gsm: 1, edge: 3, umts: 4, hspa: 7, lte: 8 } as const satisfies Record<Technology, number>;

/** Both families. `known`: compositions by product id. */
export const simcomRows = (known: readonly string[]): readonly Row[] => [
  ...registrationNames.map((name) => registrationRow(name, 2)),
  // Not in its manuals.
  { name: "+WS46" },
  compositionRow(known),
  { name: "+CGAUTH", set: authenticate, test: "(1-16),(0-2)" },
  { name: "+SPIC", execute: triesLeft, test: "" },
  { name: "+CPSI", read: systemInformation, test: "" },
  iccidRow("+CICCID", "execute", "+ICCID: "),
  ...simcomSelectionRows,
];

const systemMode = ({ registration }: ModemState): number =>
  registration.is === "registered" ? systemModes[registration.operator.technology] : 0;

/** `+CPIN` unasked. */
const cardWords = {
  empty: "SIM REMOVED",
  pinLocked: "SIM PIN",
  pukLocked: "SIM PUK",
  blocked: "SIM PUK BLOCKED",
  ready: "READY",
} as const;

/** The name of the cause, as Qualcomm's firmware has it. */
function lastError({ machine: { state } }: Serving): Answer {
  const { registration } = state;
  if (registration.is !== "denied") return ok("+CEER: No cause information available");
  const name = networkCause("emm", registration.cause)?.name ?? "";
  return ok(`+CEER: EMM_CAUSE_${name.replace(/(?!^)([A-Z])/g, "_$1").toUpperCase()}`);
}

/** What +CNSMOD and +AUTOCSQ have asked to be told. */
export function sim7600News(change: Change, state: ModemState, { kept: wishes }: PortSettings): readonly string[] {
  if (change === "registration" && wishes.get("+CNSMOD") === "1") return [`+CNSMOD: ${systemMode(state)}`];
  if (change === "sim") return [`+CPIN: ${cardWords[state.sim.slot]}`];
  const wantsSignal = wishes.get("+AUTOCSQ")?.startsWith("1") === true;
  return change === "signal" && wantsSignal ? [`+CSQ: ${describe.rssi(state)},99`] : [];
}

/** Modules with Qualcomm's chip. */
export const sim7600Rows: readonly Row[] = [
  { name: "+CEER", execute: lastError, test: "" },
  {
    name: "+CNSMOD",
    test: "(0-1)",
    read: ({ machine: { state }, settings }) =>
      ok(`+CNSMOD: ${settings.kept.get("+CNSMOD") ?? 0},${systemMode(state)}`),
    set: ({ settings }, [value]) => {
      const wanted = small(value, 1);
      if (wanted === undefined) return no(cme.incorrectParameters);
      settings.kept.set("+CNSMOD", String(wanted));
      return ok();
    },
  },
  kept("+AUTOCSQ", "0,0", "(0-1),(0-1)"),
  kept("+CNAOP", "0", "(0-8)"),
  { name: "*CNTI", test: "(0-2)", set: (serving, [kind]) => currentTechnology(serving, kind) },
];

const contention = { gsm: "GSM", edge: "EDGE", umts: "UMTS", hspa: "HSDPA/HSUPA", lte: "LTE" } as const;

/** 0: what is in use; 2: all that the device can. */
function currentTechnology({ machine: { profile, state } }: Serving, kind: string | undefined): Answer {
  const { registration } = state;
  if (kind === "2") return ok(`*CNTI: 2,${profile.device.technologies.map((one) => contention[one]).join(",")}`);
  if (kind !== "0") return no(cme.incorrectParameters);
  return ok(`*CNTI: 0,${registration.is === "registered" ? contention[registration.operator.technology] : "NONE"}`);
}

/** Modules with ASR's chip. */
export const a76xxRows: readonly Row[] = [iccidRow("+CCID", "execute", "+CCID: "), asrCellRow];
