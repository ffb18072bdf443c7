/** What becomes of each message of the control channel. Pure. @see 3GPP TS 27.010 5.4.6.3 */
import { decodeMessages, type MessageName, type MuxMessage } from "./message.js";
import type { MuxState } from "./state.js";
import type { Turn } from "./turn.js";
import { dlciOf, negotiationAnswer, portAnswer, signalsOf } from "./values.js";

type Serve = (turn: Turn, value: Buffer) => void;

/** The same content back says that it was taken. */
const agree =
  (name: MessageName): Serve =>
  (turn, value) =>
    turn.respond(name, value);

const change =
  (name: MessageName, of: Partial<MuxState>): Serve =>
  (turn, value) => {
    turn.state = { ...turn.state, ...of };
    turn.respond(name, value);
  };

/** Commands of the far end. */
const commands: Readonly<Record<MessageName, Serve>> = {
  PN: (turn, value) => {
    const answer = negotiationAnswer(value, turn.settings.maxInfoBytes);
    if (answer !== undefined) turn.respond("PN", answer);
  },
  PSC: change("PSC", { isAsleep: true }),
  CLD: (turn, value) => {
    turn.respond("CLD", value);
    turn.end("closed by the far end");
  },
  TEST: agree("TEST"),
  FCon: change("FCon", { isHeldBack: false }),
  FCoff: change("FCoff", { isHeldBack: true }),
  MSC: (turn, value) => {
    const [dlci, signals] = [dlciOf(value), signalsOf(value)];
    if (dlci === undefined || signals === undefined) return;
    turn.respond("MSC", value);
    if (dlci === 0 || turn.state.dlcs.get(dlci)?.link.is !== "open") return;
    turn.change(dlci, { theirs: signals });
    turn.effects.push({ do: "signalled", dlci, signals });
  },
  // Of a channel there is no wire whose speed or state could be set: both are taken as they come.
  RPN: (turn, value) => turn.respond("RPN", portAnswer(value)),
  RLS: agree("RLS"),
  // Every channel carries the default service, and no other one is offered.
  SNC: agree("SNC"),
  // Only ever a response.
  NSC: () => undefined,
};

/** Responses to commands of ours. */
const responses: Partial<Readonly<Record<MessageName, Serve>>> = {
  CLD: (turn) => turn.end("left"),
  TEST: (turn) => turn.answered((key) => key.startsWith("TEST ")),
  MSC: (turn, value) => turn.answered((key) => key === `MSC ${dlciOf(value)}`),
  NSC: (turn, value) => {
    const [refused] = value;
    if (refused === undefined) return;
    const [unknown] = decodeMessages(Buffer.of(refused, 0x01));
    // Whoever does not know TEST speaks this protocol all the same.
    turn.answered((key) => key.startsWith(`${unknown?.name} `));
    if (unknown?.name === "CLD") turn.end("left");
  },
};

/**
 * @param isEcho It has the C/R bit of our own frames: our own answer to our own question proves nothing.
 * @throws RangeError when it is no row of messages
 */
export function controlStep(turn: Turn, info: Buffer, isEcho: boolean): void {
  for (const message of decodeMessages(info)) {
    const proves = !isEcho || message.isCommand || message.name !== "TEST";
    if (turn.state.is !== "over" && proves) serve(turn, message);
  }
}

function serve(turn: Turn, { name, type, isCommand, value }: MuxMessage): void {
  if (name === undefined) {
    if (isCommand) turn.respond("NSC", Buffer.of(type));
    return;
  }
  if (isCommand) commands[name](turn, value);
  else responses[name]?.(turn, value);
}
