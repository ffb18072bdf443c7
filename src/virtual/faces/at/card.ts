/** The card. @see 3GPP TS 27.007 5.6, 7.4, 7.5, 7.1, 8.3, 8.17, 8.18 */
import type { ModemState } from "../../model/state.js";
import { simRefusal } from "../../model/state.js";
import { answerCommand } from "../card-commands.js";
import { fileNumbered } from "../card-files.js";
import { type Answer, type Handler, no, ok, type Row, type Serving, tell } from "./answer.js";
import { cme, cmeOf } from "./refusals.js";

const questions = { pinLocked: "SIM PIN", pukLocked: "SIM PUK", ready: "READY" } as const;

function pinQuestion({ sim }: ModemState): Answer {
  if (sim.slot === "empty") return no(cme.simAbsent);
  return sim.slot === "blocked" ? no(cme.simFailure) : ok(`+CPIN: ${questions[sim.slot]}`);
}

/** One value is the PIN, two are PUK and new PIN. */
const enterPin: Handler = (serving, [secret = "", newPin]) => {
  const { slot } = serving.machine.state.sim;
  if (newPin !== undefined) return tell(serving, { type: "enterPuk", puk: secret, newPin });
  // Asked for nothing it takes nothing.
  return slot === "ready" ? no(cme.notAllowed) : tell(serving, { type: "enterPin", pin: secret });
};

/** Only "SC", the card's own lock. Mode 2 asks. */
function lock(serving: Serving, [facility = "", mode, pin = ""]: readonly string[]): Answer {
  const { sim } = serving.machine.state;
  if (facility.toUpperCase() !== "SC") return no(cme.notSupported);
  if (mode === "2") return sim.slot === "empty" ? no(cme.simAbsent) : ok(`+CLCK: ${sim.pinEnabled ? 1 : 0}`);
  if (mode !== "0" && mode !== "1") return no(cme.incorrectParameters);
  return tell(serving, { type: mode === "1" ? "enablePin" : "disablePin", pin });
}

const changePassword: Handler = (serving, [facility = "", pin = "", newPin = ""]) =>
  facility.toUpperCase() === "SC" ? tell(serving, { type: "changePin", pin, newPin }) : no(cme.notSupported);

/** Only with a card that may be used. */
const ready =
  (answer: (serving: Serving) => Answer): Handler =>
  (serving) => {
    const { state } = serving.machine;
    const refusal = simRefusal(state);
    return refusal === undefined ? answer(serving) : no(cmeOf(refusal, state));
  };

/** Status words in decimal. @see ETSI TS 102 221 10.2 */
const words = { ok: "144,0", notFound: "106,130", locked: "105,130", noSuchCommand: "109,0" };
const commands = { readBinary: "176", getResponse: "192", updateBinary: "214" };

/** What SELECT tells of a transparent file. @see ETSI TS 102 221 11.1.1.3 and its tables 11.4, 11.7b */
function fileControlParameters(file: number, content: Buffer): Buffer {
  const descriptor = Buffer.from([0x82, 2, 0x41, 0x21]);
  const identifier = Buffer.from([0x83, 2, file >> 8, file & 0xff]);
  const activated = Buffer.from([0x8a, 1, 0x05]);
  const size = Buffer.from([0x80, 2, content.length >> 8, content.length & 0xff]);
  const all = Buffer.concat([descriptor, identifier, activated, size]);
  return Buffer.concat([Buffer.from([0x62, all.length]), all]);
}

const accessed = (content: Buffer): Answer => ok(`+CRSM: ${words.ok},"${content.toString("hex").toUpperCase()}"`);

function restrictedAccess({ machine }: Serving, args: readonly string[]): Answer {
  const [command = "", file, high = "0", low = "0", length = "0", written = ""] = args;
  const { profile, state } = machine;
  if (state.sim.slot === "empty") return no(cme.simAbsent);
  if (!Object.values(commands).includes(command)) return ok(`+CRSM: ${words.noSuchCommand}`);
  const known = fileNumbered(Number(file));
  if (known === undefined) return ok(`+CRSM: ${words.notFound}`);
  const content = known.read(state.sim, profile);
  if (command === commands.getResponse) return accessed(fileControlParameters(Number(file), content));
  if (known.needsPin && state.sim.slot !== "ready") return ok(`+CRSM: ${words.locked}`);
  if (command === commands.updateBinary) {
    const bytes = Buffer.from(written, "hex");
    if (known.write === undefined || bytes.length !== content.length) return ok(`+CRSM: ${words.locked}`);
    machine.send(known.write(bytes));
    return ok(`+CRSM: ${words.ok}`);
  }
  const offset = Number(high) * 256 + Number(low);
  return accessed(content.subarray(offset, Number(length) === 0 ? content.length : offset + Number(length)));
}

/** VERIFY and RESET RETRY COUNTER without a secret tell how many tries are left. @see ETSI TS 102 221 11.1.9, 11.1.10 */
function genericAccess({ machine }: Serving, [, apdu = ""]: readonly string[]): Answer {
  const { sim } = machine.state;
  if (sim.slot === "empty") return no(cme.simAbsent);
  const [, instruction] = /^00(20|2C)000100$/i.exec(apdu) ?? [];
  if (instruction === undefined) return ok('+CSIM: 4,"6D00"');
  const tries = instruction === "20" ? sim.pinTriesLeft : sim.pukTriesLeft;
  return ok(`+CSIM: 4,"${tries === 0 ? "6983" : `63C${tries.toString(16).toUpperCase()}`}"`);
}

/** Sessions are called by their channels. @see 3GPP TS 27.007 8.45 */
function openChannel({ machine }: Serving, [aid = ""]: readonly string[]): Answer {
  const { refusal, state } = machine.send({ type: "openChannel", aid: Buffer.from(aid, "hex") });
  return refusal === undefined ? ok(`+CCHO: ${state.channels.at(-1)?.number ?? 0}`) : no(cmeOf(refusal, state));
}

function closeChannel({ machine }: Serving, [session]: readonly string[]): Answer {
  const { refusal, state } = machine.send({ type: "closeChannel", channel: Number(session) });
  return refusal === undefined ? ok() : no(cmeOf(refusal, state));
}

function channelAccess({ machine }: Serving, [session, length, text = ""]: readonly string[]): Answer {
  if (machine.state.sim.slot === "empty") return no(cme.simAbsent);
  if (String(text.length) !== length) return no(cme.incorrectParameters);
  const answer = answerCommand(machine, Number(session), Buffer.from(text, "hex"));
  if (answer === undefined) return no(cme.incorrectParameters);
  return ok(`+CGLA: ${2 * answer.length},"${answer.toString("hex").toUpperCase()}"`);
}

/** The card's number by a vendor's command. */
export const iccidRow = (name: string, form: "execute" | "read", label: string, filled = false): Row => ({
  name,
  test: "",
  [form]: (({ machine: { state } }) => {
    const { slot, subscriber } = state.sim;
    if (slot === "empty") return no(cme.simAbsent);
    return ok(`${label}${filled ? subscriber.iccid.padEnd(20, "F") : subscriber.iccid}`);
  }) satisfies Handler,
});

export const cardRows: readonly Row[] = [
  { name: "+CPIN", read: ({ machine }) => pinQuestion(machine.state), set: enterPin, test: "" },
  { name: "+CLCK", set: lock, test: '("SC")' },
  { name: "+CPWD", set: changePassword, test: '("SC",8)' },
  { name: "+CIMI", execute: ready(({ machine }) => ok(machine.state.sim.subscriber.imsi)), test: "" },
  {
    name: "+CNUM",
    execute: ready(({ machine }) =>
      ok(...machine.state.sim.subscriber.msisdns.map((number) => `+CNUM: ,"${number}",145`)),
    ),
    test: "",
  },
  { name: "+CRSM", set: restrictedAccess, test: "" },
  { name: "+CSIM", set: genericAccess, test: "" },
  { name: "+CCHO", set: openChannel, test: "" },
  { name: "+CCHC", set: closeChannel, test: "" },
  { name: "+CGLA", set: channelAccess, test: "" },
];
