/** Radio, registration, signal. @see 3GPP TS 27.007 7.2, 7.3, 8.2, 8.5, 8.69, 10.1.20, 10.1.22 */
import { plmnOf, type Selection, visibleOperators } from "../../model/carrier.js";
import type { ModemState } from "../../model/state.js";
import { type Answer, type Handler, no, ok, type Reply, type Row, type Serving, small } from "./answer.js";
import * as describe from "./describe.js";
import { type RegistrationName, registrationNames } from "./port-settings.js";
import { cme, cmeOf } from "./refusals.js";

/** 1 full; 0 and 4 off, and what Huawei has for offline. */
function setFunctions(serving: Serving, [wanted, reset]: readonly string[]): Reply {
  const { machine, context } = serving;
  if (wanted === "1" && reset === "1") {
    context.restart();
    return ok();
  }
  if (wanted === undefined || !["0", "1", "4", "5", "7"].includes(wanted)) return no(cme.incorrectParameters);
  machine.send({ type: "setRadio", on: wanted === "1" });
  return ok();
}

/** `most`: 3 where the firmware tells causes as well. */
export const registrationRow = (name: RegistrationName, most: 2 | 3): Row => ({
  name,
  test: `(0-${most})`,
  read: ({ machine, settings }) => {
    const mode = settings.news[name];
    return ok(`${name}: ${[mode, ...describe.registration(name, mode, machine.state)].join(",")}`);
  },
  set: ({ settings }, [value]) => {
    const mode = small(value, most);
    if (mode === undefined) return no(cme.incorrectParameters);
    settings.news[name] = mode;
    return ok();
  },
});

function selectOperator(serving: Serving, [mode, format, name]: readonly string[]): Reply {
  if (mode === "3") {
    const wanted = small(format, 2);
    if (wanted === undefined) return no(cme.incorrectParameters);
    serving.settings.operatorFormat = wanted;
    return ok();
  }
  if (mode === "0") return register(serving, { mode: "auto" });
  const plmn = format === "2" && name !== undefined && /^[0-9]{5,6}$/.test(name) ? name : plmnNamed(serving, name);
  if ((mode !== "1" && mode !== "4") || plmn === undefined) return no(cme.incorrectParameters);
  return register(serving, { mode: "manual", plmn });
}

function plmnNamed({ machine }: Serving, name: string | undefined): string | undefined {
  const operator = machine.profile.operators.find((known) => known.name === name);
  return operator && plmnOf(operator);
}

/** Answered when the search has ended; a search without end ends with the host's patience. */
function register({ machine }: Serving, selection: Selection): Reply {
  const { refusal, state } = machine.send({ type: "register", selection });
  if (refusal !== undefined) return no(cmeOf(refusal, state));
  return { later: searchEnded };
}

function searchEnded({ registration }: ModemState): Answer | undefined {
  if (registration.is === "searching") return undefined;
  if (registration.is === "registered") return ok();
  return no(registration.is === "denied" ? cme.emergencyOnly : cme.noService);
}

const scan: Handler = ({ machine }) => {
  const { softwareOn, hardwareOn } = machine.state;
  if (!softwareOn || !hardwareOn) return no(cme.notAllowed);
  return {
    afterMs: machine.profile.timing.scanMs,
    answer: () => ok(describe.scan(visibleOperators(machine.profile, machine.state), machine.state)),
  };
};

export const networkRows: readonly Row[] = [
  {
    name: "+CFUN",
    test: "(0,1,4),(0,1)",
    read: ({ machine: { state } }) => ok(`+CFUN: ${state.softwareOn && state.hardwareOn ? 1 : 4}`),
    set: setFunctions,
  },
  ...registrationNames.map((name) => registrationRow(name, 3)),
  {
    name: "+COPS",
    read: ({ machine, settings }) => ok(describe.operator(machine.state, settings.operatorFormat)),
    set: selectOperator,
  },
  {
    name: "+CSQ",
    execute: ({ machine }) => ok(`+CSQ: ${describe.rssi(machine.state)},99`),
    test: "(0-31,99),(0-7,99)",
  },
  {
    name: "+CESQ",
    execute: ({ machine }) => ok(`+CESQ: ${describe.extendedSignal(machine.state).join(",")}`),
    test: "(0-63,99),(0-7,99),(0-96,255),(0-49,255),(0-34,255),(0-97,255)",
  },
];

/** `AT+COPS=?` is answered by the network, not by a table. */
export const operatorScan = { name: "+COPS", handler: scan } as const;
