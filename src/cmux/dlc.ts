/** One data link connection: how it comes and goes. Pure. @see 3GPP TS 27.010 5.4.1, 5.4.3 */
import type { FrameKind } from "./frame.js";

export type DlcState =
  | { readonly is: "closed" }
  /** SABM was sent so many times. */
  | { readonly is: "opening"; readonly tries: number }
  | { readonly is: "open" }
  | { readonly is: "closing"; readonly tries: number };

export type DlcEvent =
  | { readonly type: "open" | "close" | "due" }
  | { readonly type: "heard"; readonly kind: "SABM" | "DISC" | "UA" | "DM" };

export type DlcOutcome = "opened" | "closed" | "refused" | "unanswered";

export type DlcEffect =
  | { readonly do: "send"; readonly kind: FrameKind }
  /** T1 runs anew; it ends in `due`. */
  | { readonly do: "wait" }
  | { readonly do: "tell"; readonly outcome: DlcOutcome };

export interface DlcRules {
  /** N2: how often a frame is sent at most. */
  readonly mostTries: number;
  /** Whether this DLC may be opened by the far end. */
  readonly mayBeOpened: boolean;
}

type Step = readonly [DlcState, ...DlcEffect[]];

export const closedDlc: DlcState = { is: "closed" };
const open: DlcState = { is: "open" };
const wait: DlcEffect = { do: "wait" };
const send = (kind: FrameKind): DlcEffect => ({ do: "send", kind });
const tell = (outcome: DlcOutcome): DlcEffect => ({ do: "tell", outcome });

/** Total: an event that means nothing in a state changes nothing. A `due` of a state that is over means nothing. */
export function dlcStep(state: DlcState, event: DlcEvent, rules: DlcRules): Step {
  switch (state.is) {
    case "closed":
      return whileClosed(event, rules);
    case "opening":
      return whileOpening(state, event, rules);
    case "open":
      return whileOpen(event);
    case "closing":
      return whileClosing(state, event, rules);
  }
}

function whileClosed(event: DlcEvent, { mayBeOpened }: DlcRules): Step {
  if (event.type === "open") return [{ is: "opening", tries: 1 }, send("SABM"), wait];
  if (event.type !== "heard") return [closedDlc];
  if (event.kind === "SABM" && mayBeOpened) return [open, send("UA"), tell("opened")];
  return event.kind === "SABM" || event.kind === "DISC" ? [closedDlc, send("DM")] : [closedDlc];
}

function whileOpening(state: DlcState & { readonly is: "opening" }, event: DlcEvent, { mostTries }: DlcRules): Step {
  if (event.type === "close") return [{ is: "closing", tries: 1 }, send("DISC"), wait];
  if (event.type === "due") {
    if (state.tries >= mostTries) return [closedDlc, tell("unanswered")];
    return [{ is: "opening", tries: state.tries + 1 }, send("SABM"), wait];
  }
  if (event.type !== "heard") return [state];
  switch (event.kind) {
    case "UA":
      return [open, tell("opened")];
    case "SABM":
      // Both ends begin at once: ours is answered as well.
      return [state, send("UA")];
    case "DISC":
      return [closedDlc, send("DM"), tell("refused")];
    case "DM":
      return [closedDlc, tell("refused")];
  }
}

function whileOpen(event: DlcEvent): Step {
  if (event.type === "close") return [{ is: "closing", tries: 1 }, send("DISC"), wait];
  if (event.type !== "heard") return [open];
  switch (event.kind) {
    case "SABM":
      // Our UA was lost, or the far end begins anew: what was open is another connection's.
      return [open, send("UA"), tell("opened")];
    case "DISC":
      return [closedDlc, send("UA"), tell("closed")];
    case "DM":
      return [closedDlc, tell("closed")];
    case "UA":
      return [open];
  }
}

function whileClosing(state: DlcState & { readonly is: "closing" }, event: DlcEvent, { mostTries }: DlcRules): Step {
  if (event.type === "due") {
    if (state.tries >= mostTries) return [closedDlc, tell("closed")];
    return [{ is: "closing", tries: state.tries + 1 }, send("DISC"), wait];
  }
  if (event.type !== "heard") return [state];
  switch (event.kind) {
    case "UA":
    case "DM":
      return [closedDlc, tell("closed")];
    case "DISC":
      return [closedDlc, send("UA"), tell("closed")];
    case "SABM":
      return [state, send("DM")];
  }
}
