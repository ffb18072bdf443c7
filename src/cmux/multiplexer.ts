/** One end of a multiplexed line at work: bytes, time and channels around the pure machine. */
import { EventEmitter } from "eventemitter3";
import { abortError } from "../runtime/abort.js";
import type { Clock } from "../runtime/clock.js";
import { ModemError } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import { MuxChannel } from "./channel.js";
import type { DlcOutcome } from "./dlc.js";
import { encodeFrame } from "./frame.js";
import { FrameReader, type MuxToken } from "./frame-reader.js";
import { muxStep } from "./machine.js";
import { Outcomes } from "./outcomes.js";
import { Sender } from "./sender.js";
import {
  freshMux,
  type MuxEffect,
  type MuxEnd,
  type MuxEvent,
  type MuxSettings,
  type MuxState,
  maySend,
} from "./state.js";
import { Timers } from "./timers.js";

export interface MultiplexerOptions {
  /** For errors and logs: `/dev/ttyS1`. */
  readonly name: string;
  readonly settings: MuxSettings;
  readonly clock: Clock;
  readonly log: Log;
  /** Resolves when the line has the bytes; one at a time is under way. */
  write(bytes: Buffer): Promise<void>;
}

export interface MultiplexerEvents {
  /** The far end has opened a channel. */
  opened: [channel: MuxChannel, dlci: number];
  /** No channel lives any more; the line is as the far end left it. Last event. */
  ended: [reason: ModemError];
}

const ends: Readonly<Record<MuxEnd, string>> = {
  left: "was closed",
  "closed by the far end": "was closed by the far end",
  unanswered: "is not answered: the far end does not speak TS 27.010 any more",
};

/** Two characters of a word: noise of a line hardly looks so. */
const text = /[A-Za-z+^*:]{2}/;

export class Multiplexer {
  readonly events = new EventEmitter<MultiplexerEvents>();
  readonly #reader = new FrameReader();
  readonly #channels = new Map<number, MuxChannel>();
  readonly #outcomes = new Outcomes();
  readonly #sender: Sender;
  readonly #timers: Timers;
  #state: MuxState = freshMux;
  #end: ModemError | undefined;

  constructor(private readonly options: MultiplexerOptions) {
    this.#timers = new Timers(options.clock, (timer) => this.#happen({ type: "due", timer }));
    this.#sender = this.#makeSender(options);
  }

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  feed(bytes: Buffer): void {
    for (const token of this.#reader.feed(bytes, this.options.clock.nowMs())) if (!this.isOver) this.#hear(token);
  }

  /** The line is gone. */
  lost(cause: Error): void {
    this.#over(new ModemError("unplugged", `${this.options.name} is gone`, { cause }));
  }

  /**
   * Opens a channel, and the control channel before the first one.
   * @throws ModemError `refused`: the modem has no such channel; `timeout`: it does not answer; `unplugged`; the signal's reason
   */
  async open(dlci: number, signal: AbortSignal): Promise<MuxChannel> {
    if (dlci !== 0 && this.#state.dlcs.get(0)?.link.is !== "open") await this.#establish(0, signal);
    // The one before is on its way out.
    if (this.#state.dlcs.get(dlci)?.link.is === "closing") await this.#outcomes.of(dlci, signal);
    await this.#establish(dlci, signal);
    return this.#channel(dlci);
  }

  /** The far end speaks AT afterwards. Resolves within T2 times N2. Idempotent. */
  close(): Promise<void> {
    if (this.isOver) return Promise.resolve();
    return new Promise((resolve) => {
      this.events.once("ended", () => resolve());
      this.#happen({ type: "leave" });
    });
  }

  async #establish(dlci: number, signal: AbortSignal): Promise<void> {
    if (this.#end !== undefined) throw this.#end;
    if (signal.aborted) throw abortError(`channel ${dlci}`, signal);
    const outcome = this.#outcomes.of(dlci, signal);
    this.#happen({ type: "open", dlci });
    const what = await outcome.catch((error: unknown) => {
      this.#happen({ type: "close", dlci });
      throw error;
    });
    if (what === "opened") return;
    if (this.#end !== undefined && what !== "unanswered") throw this.#end;
    const [code, text] =
      what === "unanswered" ? (["timeout", "is not answered"] as const) : (["refused", "is refused"] as const);
    throw new ModemError(code, `${this.options.name}: channel ${dlci} ${text}`);
  }

  #channel(dlci: number): MuxChannel {
    const known = this.#channels.get(dlci);
    if (known !== undefined) return known;
    const channel = new MuxChannel(
      `${this.options.name}#${dlci}`,
      {
        write: (bytes) => this.#sender.data(dlci, bytes),
        signal: (signals) => this.#happen({ type: "signals", dlci, signals }),
        close: () => this.#closeChannel(dlci),
      },
      this.options.clock,
    );
    this.#channels.set(dlci, channel);
    return channel;
  }

  #closeChannel(dlci: number): void {
    this.#channels.delete(dlci);
    this.#sender.drop(dlci, new ModemError("aborted", "closed"));
    this.#happen({ type: "close", dlci });
  }

  #hear(token: MuxToken): void {
    switch (token.is) {
      case "frame":
        this.#happen({ type: "frame", frame: token.frame });
        break;
      case "flags":
        if (this.#state.isAsleep) this.#sender.isWoken();
        this.#happen({ type: "flags" });
        break;
      case "rubbish":
        this.options.log.debug("bytes outside of frames", { port: this.options.name, bytes: token.bytes.length });
        if (text.test(token.bytes.toString("latin1"))) this.#check();
    }
  }

  /** A modem that has restarted says so in words. */
  #check(): void {
    if (this.#state.is === "up" && ![...this.#state.asked.values()].some(({ name }) => name === "TEST"))
      this.#happen({ type: "check" });
  }

  #happen(event: MuxEvent): void {
    const [state, ...effects] = muxStep(this.#state, event, this.options.settings);
    const fallsAsleep = state.isAsleep && !this.#state.isAsleep;
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect);
    if (fallsAsleep) this.#sender.fallsAsleep();
    this.#sender.pump();
  }

  #carryOut(effect: MuxEffect): void {
    switch (effect.do) {
      case "send":
        this.#sender.frame(encodeFrame(effect.frame));
        break;
      case "wait":
        this.#timers.arm(effect.timer, effect.ms);
        break;
      case "told":
        this.#told(effect.dlci, effect.outcome);
        break;
      case "data":
        this.#channels.get(effect.dlci)?.deliver(effect.bytes);
        break;
      case "signalled":
        this.#channels.get(effect.dlci)?.events.emit("signals", effect.signals);
        return;
      case "unanswered":
        this.options.log.debug("a command of the control channel is not answered", { command: effect.name });
        break;
      case "end":
        this.#over(new ModemError("unplugged", `the multiplexer on ${this.options.name} ${ends[effect.why]}`));
        break;
    }
  }

  #told(dlci: number, outcome: DlcOutcome): void {
    const isAwaited = this.#outcomes.isAwaited(dlci);
    if (outcome === "opened" && dlci !== 0) {
      const isNew = !this.#channels.has(dlci);
      const channel = this.#channel(dlci);
      if (isNew && !isAwaited) this.events.emit("opened", channel, dlci);
    } else if (outcome !== "opened") {
      const reason = new ModemError("unplugged", `${this.options.name}: the far end has closed channel ${dlci}`);
      this.#sender.drop(dlci, reason);
      this.#channels.get(dlci)?.end(reason);
      this.#channels.delete(dlci);
    }
    this.#outcomes.tell(dlci, outcome);
  }

  #makeSender({ clock, name, settings, write }: MultiplexerOptions): Sender {
    const { maxInfoBytes, role } = settings;
    return new Sender({
      clock,
      maxInfoBytes,
      write,
      isAsleep: () => this.#state.isAsleep,
      mayCarry: (dlci) => maySend(this.#state, dlci),
      frameOf: (dlci, info) => encodeFrame({ dlci, kind: "UIH", cr: role === "initiator", pf: false, info }),
      failed: (cause) => this.#over(new ModemError("unplugged", `${name} takes nothing any more`, { cause })),
      dead: () => this.#over(new ModemError("timeout", `${name} does not wake up`)),
    });
  }

  #over(reason: ModemError): void {
    if (this.#end !== undefined) return;
    this.#end = reason;
    this.#timers.close();
    this.#sender.stop(reason);
    for (const channel of this.#channels.values()) channel.end(reason);
    this.#channels.clear();
    this.#outcomes.end();
    this.events.emit("ended", reason);
  }
}
