/** One end of a multiplexed line as a function: state and event in, state and effects out. Pure. @see 3GPP TS 27.010 5 */
import { controlStep } from "./control-channel.js";
import type { Frame } from "./frame.js";
import { type Asked, dlcOf, isOpen, type MuxEffect, type MuxEvent, type MuxSettings, type MuxState } from "./state.js";
import { dlcTimer, Turn } from "./turn.js";

/** Total: whatever comes, in whatever state. After `over` nothing has any effect. */
export function muxStep(state: MuxState, event: MuxEvent, settings: MuxSettings): readonly [MuxState, ...MuxEffect[]] {
  if (state.is === "over") return [state];
  const turn = new Turn(state, settings);
  take(turn, event);
  return [turn.state, ...turn.effects];
}

function take(turn: Turn, event: MuxEvent): void {
  switch (event.type) {
    case "frame":
      turn.state = { ...turn.state, isAsleep: false };
      heard(turn, event.frame);
      break;
    case "flags":
      turn.state = { ...turn.state, isAsleep: false };
      break;
    case "open":
    case "close":
      turn.dlc(event.dlci, { type: event.type });
      break;
    case "signals":
      turn.signal(event.dlci, event.signals);
      break;
    case "check":
      turn.ask("TEST", Buffer.from("wwand"));
      break;
    case "leave":
      leave(turn);
      break;
    case "due":
      due(turn, event.timer);
      break;
  }
}

function heard(turn: Turn, { dlci, kind, cr, info }: Frame): void {
  // A modem that speaks AT again echoes our own frames.
  const isEcho = cr === (turn.settings.role === "initiator");
  switch (kind) {
    case "SABM":
    case "DISC":
      if (!isEcho) turn.dlc(dlci, { type: "heard", kind });
      return;
    case "UA":
    case "DM":
      turn.dlc(dlci, { type: "heard", kind });
      break;
    case "UIH":
    case "UI":
      // The C/R bit of data is set wrongly by some firmware, so that it says nothing here.
      if (!isOpen(turn.state, dlci)) stray(turn, dlci);
      else if (dlci === 0) control(turn, info, isEcho);
      else turn.effects.push({ do: "data", dlci, bytes: info });
  }
}

/** @see 3GPP TS 27.010 5.4.1 */
function stray(turn: Turn, dlci: number): void {
  if (dlcOf(turn.state, dlci).link.is === "closed") turn.frame(dlci, "DM");
}

/** What cannot be read is as good as lost: whoever sent it asks again. */
function control(turn: Turn, info: Buffer, isEcho: boolean): void {
  try {
    controlStep(turn, info, isEcho);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
}

/** The far end speaks AT afterwards. @see 3GPP TS 27.010 5.4.6.3.3 */
function leave(turn: Turn): void {
  if (turn.state.is === "leaving") return;
  turn.state = { ...turn.state, is: "leaving", asked: new Map() };
  if (isOpen(turn.state, 0)) turn.ask("CLD", Buffer.alloc(0));
  else turn.end("left");
}

function due(turn: Turn, timer: string): void {
  const asked = turn.state.asked.get(timer);
  if (asked !== undefined) repeat(turn, timer, asked);
  for (const dlci of turn.state.dlcs.keys()) if (timer === dlcTimer(dlci)) turn.dlc(dlci, { type: "due" });
}

function repeat(turn: Turn, key: string, { name, value, tries }: Asked): void {
  if (tries < turn.settings.mostTries) {
    turn.ask(name, value, key.slice(name.length + 1), tries + 1);
    return;
  }
  turn.answered((one) => one === key);
  turn.effects.push({ do: "unanswered", name });
  if (name === "CLD") turn.end("left");
  if (name === "TEST") turn.end("unanswered");
}
