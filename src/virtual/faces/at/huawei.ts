/** Huawei's commands. @see Huawei ME909u-521 LTE LGA Module AT Command Interface Specification */
import type { Change, ModemState } from "../../model/state.js";
import { signalOf } from "../../model/state.js";
import type { Technology } from "../../model/words.js";
import { no, ok, type Row, small } from "./answer.js";
import { iccidRow } from "./card.js";
import * as describe from "./describe.js";
import { huaweiCallRows } from "./huawei-calls.js";
import { registrationRow } from "./network.js";
import { registrationNames } from "./port-settings.js";
import { cme } from "./refusals.js";

/** `<sysmode>,"name",<submode>,"name"` of ^SYSINFOEX; `<sysmode>` of the older ^SYSINFO. */
const systems = {
  gsm: { extended: '1,"GSM",1,"GSM"', mode: 3, submode: 1, hcsq: "GSM" },
  edge: { extended: '1,"GSM",3,"EDGE"', mode: 3, submode: 3, hcsq: "GSM" },
  umts: { extended: '3,"WCDMA",41,"WCDMA"', mode: 5, submode: 4, hcsq: "WCDMA" },
  hspa: { extended: '3,"WCDMA",46,"HSPA"', mode: 5, submode: 7, hcsq: "WCDMA" },
  lte: { extended: '6,"LTE",101,"LTE"', mode: 9, submode: 0, hcsq: "LTE" },
} as const satisfies Record<Technology, object>;

const operatorOf = ({ registration }: ModemState) =>
  registration.is === "registered" ? registration.operator : undefined;

/** `<service>,<domain>,<roaming>,<card>`: 2,3 is service in both domains; a card is 1, none 255. */
function service(state: ModemState): string {
  const operator = operatorOf(state);
  const card = state.sim.slot === "ready" ? 1 : state.sim.slot === "empty" ? 255 : 0;
  if (operator === undefined) return `0,0,0,${card}`;
  return `2,${state.packet.is === "attached" ? 3 : 1},${operator.standing === "home" ? 0 : 1},${card}`;
}

function systemInfo(state: ModemState, style: "extended" | "plain"): string {
  const operator = operatorOf(state);
  const system = operator && systems[operator.technology];
  if (style === "plain") {
    const [status, domain, roaming, card] = service(state).split(",");
    return `^SYSINFO:${[status, domain, roaming, system?.mode ?? 0, card, "", system?.submode ?? 0].join(",")}`;
  }
  return `^SYSINFOEX:${service(state)},,${system?.extended ?? '0,"NO SERVICE",0,"NO SERVICE"'}`;
}

/** 1 is from -120 dBm up; LTE adds RSRP, SINR and RSRQ. */
function signal(state: ModemState): string {
  const dbm = signalOf(state);
  const operator = operatorOf(state);
  if (dbm === undefined || operator === undefined) return '^HCSQ:"NOSERVICE"';
  const name = systems[operator.technology].hcsq;
  const from = (base: number, value: number) => Math.min(96, Math.max(0, value - base));
  const level = from(-121, dbm);
  if (name === "LTE") return `^HCSQ:"LTE",${level},${from(-141, describe.rsrpOf(dbm))},160,21`;
  return name === "WCDMA" ? `^HCSQ:"WCDMA",${level},${level - 3},53` : `^HCSQ:"GSM",${level}`;
}

const switches = ({ softwareOn, hardwareOn }: ModemState): string => `${softwareOn ? 1 : 0},${hardwareOn ? 1 : 0}`;

/** Of both domains, on LTE, while registering. @see MT5700M-CN AT manual 13.14 */
const reject = ({ registration: now }: ModemState): readonly string[] =>
  now.is === "denied" ? [`^REJINFO:00101,2,${now.cause},6,1,${now.cause},"0102","FF","1A2B3C"`] : [];

/** What is told while `^CURC` is on, as it is when power comes. */
export function huaweiNews(change: Change, state: ModemState): readonly string[] {
  switch (change) {
    case "signal":
      return [`^RSSI:${describe.rssi(state)}`, signal(state)];
    case "registration": {
      const operator = operatorOf(state);
      return [
        ...reject(state),
        `^SRVST:${operator === undefined ? 0 : 2}`,
        `^MODE:${operator === undefined ? "0,0" : `${systems[operator.technology].mode},${systems[operator.technology].submode}`}`,
      ];
    }
    case "radio":
      return [`^RFSWITCH:${switches(state)}`];
    case "sim":
      return [`^SIMST:${state.sim.slot === "empty" ? 255 : 1}`];
    default:
      return [];
  }
}

/** Where the kinds of port are: name to interface number. */
export type HuaweiPortMap = Readonly<Record<string, number>>;

const portRows = (ports: HuaweiPortMap): readonly Row[] => [
  {
    name: "^GETPORTMODE",
    execute: () =>
      ok(
        `^GETPORTMODE:TYPE:WCDMA:huawei,${Object.entries(ports)
          .map(([name, number]) => `${name}:${number}`)
          .join(",")}`,
      ),
    test: "",
  },
];

/** Firmware of the Balong chips has ^SETPORT, Qualcomm's does not. */
export const setPortRow = (codes: string): Row => ({ name: "^SETPORT", read: () => ok(`^SETPORT:FF;${codes}`) });

export const huaweiRows = (ports: HuaweiPortMap): readonly Row[] => [
  ...registrationNames.map((name) => registrationRow(name, 2)),
  ...portRows(ports),
  ...huaweiCallRows,
  iccidRow("^ICCID", "read", "^ICCID: "),
  { name: "^SYSINFO", execute: ({ machine }) => ok(systemInfo(machine.state, "plain")) },
  { name: "^SYSINFOEX", execute: ({ machine }) => ok(systemInfo(machine.state, "extended")) },
  { name: "^HCSQ", read: ({ machine }) => ok(signal(machine.state)) },
  {
    name: "^CURC",
    test: "(0,1)",
    read: ({ settings }) => ok(`^CURC: ${settings.vendorNews ? 1 : 0}`),
    set: ({ settings }, [value]) => {
      const wanted = small(value, 1);
      if (wanted === undefined) return no(cme.incorrectParameters);
      settings.vendorNews = wanted === 1;
      return ok();
    },
  },
  {
    name: "^CPIN",
    read: ({ machine: { state } }) => {
      const { slot, pinTriesLeft, pukTriesLeft } = state.sim;
      if (slot === "empty") return no(cme.simAbsent);
      if (slot === "blocked") return no(cme.simFailure);
      // What is asked for with its tries, then the tries of PUK, PIN, PUK2 and PIN2.
      const asked = { ready: "READY,", pinLocked: `SIM PIN,${pinTriesLeft}`, pukLocked: `SIM PUK,${pukTriesLeft}` }[
        slot
      ];
      return ok(`^CPIN: ${asked},${pukTriesLeft},${pinTriesLeft},10,3`);
    },
  },
  {
    name: "^RFSWITCH",
    read: ({ machine: { state } }) => ok(`^RFSWITCH:${switches(state)}`),
  },
];
