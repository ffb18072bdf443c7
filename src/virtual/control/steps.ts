/** What may happen to a virtual modem: one row per step. */
import { errorText } from "../../runtime/error.js";
import { type LineFault, lineFaults } from "../faces/face.js";
import type { ModemEvent } from "../model/modem.js";
import type { Refusal } from "../model/words.js";
import { emm, esm } from "../model/words.js";
import { withPortFault } from "../port-fault.js";
import { withPppManner } from "../ppp-manner.js";
import type { Faults, VirtualModemState } from "../types.js";
import { BadMessage, partsFor, pdusFor } from "./message-steps.js";

/** `usage`: no such step or argument. `refused`: it means nothing in the present state. Nothing has changed in either. */
export class StepError extends Error {
  override readonly name = "StepError";
  constructor(
    readonly kind: "usage" | "refused",
    message: string,
  ) {
    super(message);
  }
}

/** What steps work on. */
export interface Stage {
  state(): VirtualModemState;
  send(event: ModemEvent): { readonly refusal?: Refusal };
  setFaults(change: Partial<Faults>): void;
  /** Happens to the line where it is multiplexed. */
  lineFault(fault: LineFault): void;
  sendGarbage(bytes: number): void;
  unplug(): Promise<void>;
  replug(): Promise<void>;
  /** Power goes and comes back; on USB the device leaves the bus meanwhile. */
  restart(): Promise<void>;
  switchComposition(name: string): Promise<void>;
  /** What recording serial ports have heard, by interface number. */
  received(): Readonly<Record<number, Buffer>>;
}

interface Step {
  readonly usage: string;
  readonly help: string;
  /** Arguments without end. */
  readonly takesMany?: true;
  readonly run: (stage: Stage, args: readonly string[]) => string | Promise<string>;
}

const refusals = {
  simAbsent: "there is no card",
  pinRequired: "the card is locked",
  cardBlocked: "the card is blocked",
  pinWrong: "wrong PIN",
  pinDisabled: "the PIN is not enabled",
  badPinFormat: "no PIN looks like this",
  radioOff: "the radio is off",
  notRegistered: "the modem is not registered",
  detached: "there is no packet service",
  noSuchOperator: "there is no such operator",
  noSuchSlot: "there is no such slot",
  noSuchApplication: "the card has no such application",
  noSuchChannel: "there is no such channel",
  noFreeChannel: "all logical channels are in use",
  noSuchBand: "the hardware has no such mode or band",
  fccLocked: "the radio is locked until the host unlocks it",
  tooManySessions: "all sessions are in use",
  alreadyActive: "the session is active already",
  notActive: "there is no bearer",
  noDialogue: "no USSD dialogue goes on",
  busy: "the modem is busy",
  noSuchMessage: "there is no such message",
  messageStoreFull: "there is no room for a message",
  badMessage: "these bytes are no message",
} as const satisfies Record<Exclude<Refusal["why"], "network" | "message">, string>;

const refusalText = (refusal: Refusal): string =>
  refusal.why === "network" || refusal.why === "message"
    ? `the network refuses with cause ${refusal.cause}`
    : refusals[refusal.why];

function number(
  args: readonly string[],
  at: number,
  what: string,
  min: number,
  max: number,
  fallback?: number,
): number {
  const text = args[at];
  if (text === undefined && fallback !== undefined) return fallback;
  const value = text === undefined || text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new StepError("usage", `${what}: expected a number from ${min} to ${max}, found ${text ?? "nothing"}`);
}

function onOff(args: readonly string[]): boolean {
  const [word] = args;
  if (word === "on" || word === "off") return word === "on";
  throw new StepError("usage", `expected on or off, found ${word ?? "nothing"}`);
}

/** A step that is an event of the model. */
const event = (usage: string, help: string, of: (args: readonly string[]) => ModemEvent): Step => ({
  usage,
  help,
  run: (stage, args) => {
    const { refusal } = stage.send(of(args));
    if (refusal !== undefined) throw new StepError("refused", refusalText(refusal));
    return "ok";
  },
});

/** Messages for this subscriber. */
const arriving = (
  usage: string,
  help: string,
  of: (args: readonly string[], stage: Stage) => readonly Buffer[],
): Step => ({
  usage,
  help,
  takesMany: true,
  run: (stage, args) => {
    try {
      stage.send({ type: "messagesArrive", pdus: of(args, stage) });
      return "ok";
    } catch (error) {
      if (error instanceof BadMessage) throw new StepError("usage", error.message);
      throw error;
    }
  },
});

function dhcpManner([manner = ""]: readonly string[]): Faults["dhcp"] {
  if (manner === "answers" || manner === "silent" || manner === "refuses") return manner;
  throw new StepError("usage", `expected answers, silent or refuses, found ${manner || "nothing"}`);
}

const fault = (usage: string, help: string, of: (args: readonly string[]) => Partial<Faults>): Step => ({
  usage,
  help,
  run: (stage, args) => {
    stage.setFaults(of(args));
    return "ok";
  },
});

function lineFault([word = ""]: readonly string[]): LineFault {
  const found = lineFaults.find((one) => one === word);
  if (found !== undefined) return found;
  throw new StepError("usage", `expected ${lineFaults.join(", ")}, found ${word || "nothing"}`);
}

/** A fault that is written `KEY=VALUE`, added to those that there are. */
function withWritten<Found>(
  before: Found,
  args: readonly string[],
  add: (before: Found, text: string) => Found,
): Found {
  try {
    return add(before, args[0] ?? "");
  } catch (error) {
    throw new StepError("usage", errorText(error));
  }
}

const cause = (args: readonly string[], fallback: number) => number(args, 0, "CAUSE", 1, 255, fallback);

const rows: Readonly<Record<string, Step>> = {
  signal: event("RSSI_DBM", "field strength, -113 to -51", (args) => ({
    type: "signal",
    rssiDbm: number(args, 0, "RSSI_DBM", -150, 0),
  })),
  detach: event("[CAUSE]", "the network ends packet service", (args) => ({
    type: "networkDetach",
    cause: args.length === 0 ? undefined : cause(args, 0),
  })),
  attach: event("", "packet service comes back", () => ({ type: "attach" })),
  reject: event("[CAUSE]", "registration is refused with this EMM cause, 11 by default", (args) => ({
    type: "reject",
    cause: cause(args, emm.plmnNotAllowed),
  })),
  handover: event("", "another cell takes over", () => ({ type: "handover" })),
  accept: event("", "registration is granted again", () => ({ type: "accept" })),
  roam: event("", "the home network goes out of reach", () => ({ type: "roam" })),
  home: event("", "the home network comes back", () => ({ type: "home" })),
  deregister: event("", "the network lets go and is not heard any more", () => ({ type: "networkDeregister" })),
  register: event("", "the network is heard again", () => ({ type: "networkRegister" })),
  "drop-bearer": event("[CAUSE]", "the network ends all sessions with this ESM cause, 36 by default", (args) => ({
    type: "dropBearer",
    cause: cause(args, esm.regularDeactivation),
  })),
  "operator-option": event("HEX", "the operator tells this in its protocol option (PCO 0xff00)", ([hex = ""]) => {
    if (/^([0-9a-f]{2})+$/i.test(hex)) return { type: "operatorOption", content: hex };
    throw new StepError("usage", `HEX: expected pairs of hexadecimal digits, found ${hex || "nothing"}`);
  }),
  blacklist: event("PLMN", "another host has forbidden the modem this network (MBIM)", ([plmn = ""]) => {
    if (/^[0-9]{5,6}$/.test(plmn)) return { type: "blacklist", entries: [{ plmn, list: "network" }] };
    throw new StepError("usage", `PLMN: expected MCC and MNC, found ${plmn || "nothing"}`);
  }),
  "drop-session": event("ID", "the network ends this session: 0 is the first", (args) => ({
    type: "dropBearer",
    cause: esm.regularDeactivation,
    id: number(args, 0, "ID", 0, 255),
  })),
  "refuse-calls": event("CAUSE", "sessions that begin are refused with this ESM cause; 0 ends it", (args) => ({
    type: "refuseCalls",
    cause: number(args, 0, "CAUSE", 0, 255),
  })),
  "forget-host": event("", "the firmware has started afresh: client ids (QMI) and OPEN (MBIM) are forgotten", () => ({
    type: "forgetHost",
  })),
  "take-client-ids": event("", "programs that died have left no client id free (QMI)", () => ({
    type: "takeClientIds",
  })),
  "change-ip": event("", "all sessions get other addresses", () => ({ type: "changeIp" })),
  "fixed-ip": event("on|off", "sessions that begin get the same addresses each time", (args) => ({
    type: "fixedIp",
    on: onOff(args),
  })),
  "sim-remove": event("", "the card is pulled", () => ({ type: "simRemove" })),
  "sim-insert": event("", "the card is put in again", () => ({ type: "simInsert" })),
  "sim-refresh": event("IMSI", "the operator gives the card another IMSI over the air", ([imsi = ""]) => {
    if (/^[0-9]{14,15}$/.test(imsi)) return { type: "simRefresh", imsi };
    throw new StepError("usage", `IMSI: expected 14 or 15 digits, found ${imsi || "nothing"}`);
  }),
  "pin-lock": event("", "the card asks for its PIN", () => ({ type: "pinLock" })),
  ussd: event("TEXT", "the network tells by USSD", (args) => ({ type: "ussdTell", text: args[0] ?? "", asks: false })),
  "ussd-ask": event("TEXT", "the network asks by USSD: it takes 1 as an answer, and ends at 2", (args) => ({
    type: "ussdTell",
    text: args[0] ?? "",
    asks: true,
  })),
  "ussd-end": event("", "the network ends the USSD dialogue", () => ({ type: "ussdEnd" })),
  "radio-switch": event("on|off", "the hardware radio switch", (args) => ({ type: "radioSwitch", on: onOff(args) })),
  silence: fault("on|off", "packets vanish, the control port lives", (args) => ({ silence: onOff(args) })),
  mute: fault("on|off", "the control port neither hears nor speaks, packets flow", (args) => ({ mute: onOff(args) })),
  "port-fault": {
    usage: "INTERFACE=FAULT",
    help: "a control port is silent, says garbage, hangs, halts, distorts messages (noise, truncated, oversized, misnumbered); none ends it",
    run: (stage, args) => {
      stage.setFaults({ ports: withWritten(stage.state().faults.ports, args, withPortFault) });
      return "ok";
    },
  },
  ppp: {
    usage: "KEY=VALUE",
    help: "calls over a port: asks=none|pap|chap, insists=yes|no, refuses=auth|ipcp, ends=terminate|carrier, line=alive|dead",
    run: (stage, args) => {
      stage.setFaults({ ppp: withWritten(stage.state().faults.ppp, args, withPppManner) });
      return "ok";
    },
  },
  delay: fault("MS", "packets take this long, each way", (args) => ({ delayMs: number(args, 0, "MS", 0, 60_000) })),
  loss: fault("PERCENT", "packets are lost, each way", (args) => ({ lossPercent: number(args, 0, "PERCENT", 0, 100) })),
  dhcp: fault("answers|silent|refuses", "the modem's DHCP server, on an interface like Ethernet", (args) => ({
    dhcp: dhcpManner(args),
  })),
  garbage: {
    usage: "[BYTES]",
    help: "bytes without sense on the control port, 64 by default",
    run: (stage, args) => {
      stage.sendGarbage(number(args, 0, "BYTES", 1, 65_536, 64));
      return "ok";
    },
  },
  cmux: {
    usage: "hold|close|lose|corrupt|restart",
    help: "a multiplexed line: takes no data for 5 s, is ended by the modem, the next frame is lost or corrupted; the modem restarts",
    run: (stage, args) => {
      stage.lineFault(lineFault(args));
      return "ok";
    },
  },
  unplug: { usage: "", help: "the modem is pulled out", run: (stage) => stage.unplug().then(() => "ok") },
  replug: { usage: "", help: "the modem is plugged in again", run: (stage) => stage.replug().then(() => "ok") },
  reset: { usage: "", help: "the modem restarts by itself", run: (stage) => stage.restart().then(() => "ok") },
  mode: {
    usage: "COMPOSITION",
    help: "the modem comes back as another USB device; state lists which",
    run: (stage, args) => stage.switchComposition(args[0] ?? "").then(() => "ok"),
  },
  received: {
    usage: "",
    help: "prints what recording serial ports heard, in hexadecimal",
    run: (stage) =>
      Object.entries(stage.received())
        .map(([number, bytes]) => `interface ${number}: ${bytes.length === 0 ? "nothing" : bytes.toString("hex")}`)
        .join("\n"),
  },
  dial: event("[APN]", "the modem opens session 0 by itself, with its own APN by default", (args) => ({
    type: "connect",
    id: 0,
    request: { apn: args[0] ?? "", username: "", password: "", auth: "none", pdn: "default" },
  })),
  state: { usage: "", help: "prints everything as JSON", run: (stage) => JSON.stringify(stage.state(), undefined, 2) },
  sms: arriving("[class0] SENDER TEXT...", "a message arrives, in parts if it is long", (args, stage) => {
    const { serviceCentre } = stage.state().model.messages;
    const atMs = Date.now();
    // A long one needs a reference that the one before has not.
    return partsFor(args, { reference: (atMs >> 4) & 0xff, serviceCentre, atMs });
  }),
  "sms-pdu": arriving("HEX...", "messages arrive as these bytes, the service centre in front", pdusFor),
  "sms-capacity": event("COUNT", "messages that the modem holds", (args) => ({
    type: "messageCapacity",
    count: number(args, 0, "COUNT", 0, 255),
  })),
  "sms-refuse": event("CAUSE", "messages that are sent are refused with this RP cause; 0 ends it", (args) => ({
    type: "refuseMessages",
    cause: number(args, 0, "CAUSE", 0, 127) || undefined,
  })),
};

/** All steps with their arguments, one per line. */
export const stepList = (): string =>
  Object.entries(rows)
    .map(([name, { usage, help }]) => `  ${`${name} ${usage}`.padEnd(24)} ${help}`)
    .join("\n");

export async function runStep(stage: Stage, name: string, args: readonly string[]): Promise<string> {
  const step = Object.hasOwn(rows, name) ? rows[name] : undefined;
  if (step === undefined) throw new StepError("usage", `no step "${name}". Steps:\n${stepList()}`);
  const most = step.takesMany ? Number.POSITIVE_INFINITY : step.usage === "" ? 0 : 1;
  if (args.length > most) {
    throw new StepError("usage", `${name} ${step.usage}: too many arguments`.replace(" :", ":"));
  }
  return step.run(stage, args);
}
