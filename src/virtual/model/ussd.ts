/** Dialogues by USSD: what the network says to a code, and what it begins by itself. @see 3GPP TS 22.090 */
import type { VirtualProfile } from "./profile.js";
import { type ModemState, type Outcome, radioRefusal, refuse, unchanged } from "./state.js";
import type { Refusal } from "./words.js";

/** What the network does when a code or an answer has reached it. With `answers` it asks; each of them leads on. */
export type UssdStep =
  | { readonly says: string; readonly answers?: Readonly<Record<string, UssdStep>> }
  | { readonly ends: "terminated" | "notSupported" | "timedOut" }
  /** Never a word. */
  | { readonly silent: true };

export type UssdSaid =
  | { readonly is: "text"; readonly text: string; readonly asks: boolean }
  | { readonly is: "end"; readonly because: "terminated" | "notSupported" | "timedOut" | "cancelled" };

/** `sequence` tells two equal words apart, `to` what it is the reply to; the network begins with a word to nothing. */
export interface UssdWord {
  readonly sequence: number;
  readonly to: "code" | "answer" | "nothing";
  readonly said: UssdSaid;
}

export type UssdDialogue =
  | { readonly is: "idle" }
  /** The network has something to answer. */
  | { readonly is: "asked"; readonly ticket: number; readonly to: "code" | "answer"; readonly step: UssdStep }
  /** The host has. */
  | { readonly is: "asking"; readonly answers: Readonly<Record<string, UssdStep>> };

export interface UssdState {
  readonly dialogue: UssdDialogue;
  /** The network's last one. */
  readonly word: UssdWord | undefined;
}

export const noDialogue: UssdState = { dialogue: { is: "idle" }, word: undefined };

export type UssdEvent =
  | { readonly type: "ussdInitiate"; readonly text: string }
  | { readonly type: "ussdRespond"; readonly text: string }
  | { readonly type: "ussdCancel" }
  | { readonly type: "ussdAnswered"; readonly ticket: number }
  /** The network begins. */
  | { readonly type: "ussdTell"; readonly text: string; readonly asks: boolean }
  /** The network ends what goes on. */
  | { readonly type: "ussdEnd" };

/** What this network makes of a code or answer that its script does not have. */
const unknownText: UssdStep = { ends: "notSupported" };

function ussdRefusal(state: ModemState): Refusal | undefined {
  const isServed = state.registration.is === "registered";
  return radioRefusal(state) ?? (isServed ? undefined : { why: "notRegistered" });
}

export function ussdStep({ ussd: codes = {} }: VirtualProfile, state: ModemState, event: UssdEvent): Outcome {
  const { dialogue } = state.ussd;
  switch (event.type) {
    case "ussdInitiate":
      if (dialogue.is !== "idle") return refuse(state, { why: "busy" });
      return asked(state, "code", stepFor(codes, event.text));
    case "ussdRespond":
      if (dialogue.is !== "asking") return refuse(state, { why: dialogue.is === "idle" ? "noDialogue" : "busy" });
      return asked(state, "answer", stepFor(dialogue.answers, event.text));
    case "ussdCancel":
      return dialogue.is === "idle" ? refuse(state, { why: "noDialogue" }) : unchanged(ended(state, "cancelled"));
    case "ussdEnd":
      return dialogue.is === "idle" ? refuse(state, { why: "noDialogue" }) : unchanged(ended(state, "terminated"));
    case "ussdAnswered":
      return dialogue.is === "asked" && dialogue.ticket === event.ticket ? answered(state, dialogue) : unchanged(state);
    case "ussdTell":
      return told(state, event.text, event.asks);
  }
}

/** Nothing is left of a dialogue where there is no network. */
export const settleUssd = (state: ModemState): ModemState =>
  state.ussd.dialogue.is !== "idle" && ussdRefusal(state) !== undefined ? ended(state, "terminated") : state;

const stepFor = (steps: Readonly<Record<string, UssdStep>>, text: string): UssdStep =>
  Object.hasOwn(steps, text) ? (steps[text] ?? unknownText) : unknownText;

function asked(state: ModemState, to: "code" | "answer", step: UssdStep): Outcome {
  const refusal = ussdRefusal(state);
  if (refusal !== undefined) return refuse(state, refusal);
  const { nextTicket: ticket } = state;
  const dialogue: UssdDialogue = { is: "asked", ticket, to, step };
  return unchanged({ ...state, nextTicket: ticket + 1, ussd: { ...state.ussd, dialogue } });
}

function answered(state: ModemState, { step }: Extract<UssdDialogue, { is: "asked" }>): Outcome {
  if ("silent" in step) return unchanged(state);
  if ("ends" in step) return unchanged(ended(state, step.ends));
  const { says: text, answers } = step;
  const next = saying(state, { is: "text", text, asks: answers !== undefined });
  return unchanged(answers === undefined ? next : inDialogue(next, { is: "asking", answers }));
}

/** A word that the network begins with is lost on a modem that is busy with another. */
function told(state: ModemState, text: string, asks: boolean): Outcome {
  const refusal = ussdRefusal(state) ?? (state.ussd.dialogue.is === "idle" ? undefined : { why: "busy" as const });
  if (refusal !== undefined) return refuse(state, refusal);
  const next = saying(state, { is: "text", text, asks });
  return unchanged(asks ? inDialogue(next, { is: "asking", answers: thanks }) : next);
}

/** What is asked by the `ctl` step takes any of these. */
const thanks: Readonly<Record<string, UssdStep>> = { 1: { says: "Thank you" }, 2: { ends: "terminated" } };

const ended = (state: ModemState, because: Extract<UssdSaid, { is: "end" }>["because"]): ModemState =>
  saying(state, { is: "end", because });

/** The network's word is out, and the dialogue over. */
function saying(state: ModemState, said: UssdSaid): ModemState {
  const { dialogue, word } = state.ussd;
  const to = dialogue.is === "asked" ? dialogue.to : "nothing";
  return {
    ...state,
    ussd: { dialogue: { is: "idle" }, word: { sequence: (word?.sequence ?? 0) + 1, to, said } },
  };
}

const inDialogue = (state: ModemState, dialogue: UssdDialogue): ModemState => ({
  ...state,
  ussd: { ...state.ussd, dialogue },
});
