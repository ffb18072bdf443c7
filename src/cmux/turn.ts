/** One step of the machine while it is made: the state so far, and the effects in order. */
import { type DlcEvent, dlcStep } from "./dlc.js";
import type { Frame, FrameKind } from "./frame.js";
import { encodeMessage, type MessageName } from "./message.js";
import {
  type Dlc,
  dlcOf,
  type MuxEffect,
  type MuxEnd,
  type MuxSettings,
  type MuxState,
  readySignals,
} from "./state.js";
import { type Signals, signalsValue } from "./values.js";

const nothing = Buffer.alloc(0);
const noSignals: Signals = { holdsBack: false, ready: false, willReceive: false, ring: false, carrier: false };

export class Turn {
  readonly effects: MuxEffect[] = [];

  constructor(
    public state: MuxState,
    readonly settings: MuxSettings,
  ) {}

  /** A command or response of ours; UIH frames are commands. @see 3GPP TS 27.010 5.2.1.2, table 1 */
  frame(dlci: number, kind: FrameKind, info: Buffer = nothing): void {
    const isResponse = kind === "UA" || kind === "DM";
    const cr = (this.settings.role === "initiator") !== isResponse;
    const frame: Frame = { dlci, kind, cr, pf: kind !== "UIH" && kind !== "UI", info };
    this.effects.push({ do: "send", frame });
  }

  respond(name: MessageName, value: Buffer): void {
    this.frame(0, "UIH", encodeMessage(name, false, value));
  }

  /** @param subject Questions about different ones are asked side by side. */
  ask(name: MessageName, value: Buffer, subject = "", tries = 1): void {
    const key = `${name} ${subject}`;
    this.state = { ...this.state, asked: new Map(this.state.asked).set(key, { name, value, tries }) };
    this.frame(0, "UIH", encodeMessage(name, true, value));
    this.effects.push({ do: "wait", timer: key, ms: this.settings.messageMs });
  }

  answered(keys: (key: string) => boolean): void {
    const asked = [...this.state.asked].filter(([key]) => !keys(key));
    if (asked.length < this.state.asked.size) this.state = { ...this.state, asked: new Map(asked) };
  }

  change(dlci: number, change: Partial<Dlc>): void {
    const changed = { ...dlcOf(this.state, dlci), ...change };
    this.state = { ...this.state, dlcs: new Map(this.state.dlcs).set(dlci, changed) };
  }

  /** Our lines, told to the far end where there is somebody to tell. */
  signal(dlci: number, signals: Signals): void {
    this.change(dlci, { ours: signals });
    if (dlcOf(this.state, dlci).link.is === "open") this.ask("MSC", signalsValue(dlci, signals), String(dlci));
  }

  end(why: MuxEnd): void {
    if (this.state.is === "over") return;
    this.state = { ...this.state, is: "over", asked: new Map() };
    this.effects.push({ do: "end", why });
  }

  dlc(dlci: number, event: DlcEvent): void {
    const { settings } = this;
    const rules = { mostTries: settings.mostTries, mayBeOpened: settings.mayBeOpened(dlci) };
    const [link, ...effects] = dlcStep(dlcOf(this.state, dlci).link, event, rules);
    this.change(dlci, { link });
    for (const effect of effects) {
      if (effect.do === "send") this.frame(dlci, effect.kind);
      else if (effect.do === "wait") this.effects.push({ do: "wait", timer: dlcTimer(dlci), ms: settings.frameMs });
      else this.#told(dlci, effect.outcome);
    }
  }

  #told(dlci: number, outcome: "opened" | "closed" | "refused" | "unanswered"): void {
    this.effects.push({ do: "told", dlci, outcome });
    if (outcome !== "opened") this.answered((key) => key.endsWith(` ${dlci}`));
    if (dlci !== 0) this.#settle(dlci, outcome === "opened");
    else if (outcome !== "opened") this.end(outcome === "unanswered" ? "unanswered" : "closed by the far end");
  }

  /** Whoever opens a DLC tells its lines before its first data. @see 3GPP TS 27.010 5.4.6.3.7 */
  #settle(dlci: number, isOpen: boolean): void {
    this.change(dlci, { theirs: noSignals });
    if (isOpen) this.signal(dlci, dlcOf(this.state, dlci).ours);
    else this.change(dlci, { ours: readySignals });
  }
}

export const dlcTimer = (dlci: number): string => `DLC ${dlci}`;
