/** The queue to the network: kept over restarts, one message at a time, while the modem is registered. */
import { randomBytes } from "node:crypto";
import { errorText, ModemError } from "../../runtime/error.js";
import { type Log, masked } from "../../runtime/log.js";
import { isDialable } from "../../sms/address.js";
import type { NationalLanguage } from "../../sms/alphabet.js";
import { encodeSubmit } from "../../sms/pdu.js";
import { splitText } from "../../sms/split.js";
import { DomainRefusal, type OutgoingState } from "../api.js";
import { deadlinesMs } from "../deadlines.js";
import type { Operations } from "../operations.js";
import type { SmsPort } from "../sms-ports.js";
import type { SmsMemory } from "./memory.js";
import { Outgoing } from "./outgoing.js";
import { smsRetryMs } from "./retry.js";
import type { QueuedSms, SmsAlphabet } from "./store.js";

export interface OutboxRoom {
  readonly port: SmsPort;
  readonly operations: Operations;
  readonly memory: SmsMemory;
  readonly log: Log;
  random(): number;
  added(message: Outgoing): void;
  removed(message: Outgoing): void;
}

const languages: readonly SmsAlphabet[] = ["turkish", "spanish", "portuguese"] satisfies readonly NationalLanguage[];
const isLanguage = (alphabet: SmsAlphabet): alphabet is NationalLanguage => languages.includes(alphabet);

/** @throws RangeError for a text that is too long */
function pdusOf({ recipient, text, wantsReport, alphabet, reference }: QueuedSms): readonly Buffer[] {
  const parts = splitText(text, reference, isLanguage(alphabet) ? alphabet : undefined);
  return parts.map((part) => encodeSubmit({ recipient, ...part, wantsReport }));
}

export class SmsOutbox {
  #messages: readonly Outgoing[];
  #isServed = false;
  #isSending = false;
  /** While the head of the queue waits for its next try. */
  #cancelWait: (() => void) | undefined;

  constructor(private readonly room: OutboxRoom) {
    this.#messages = room.memory.record.queue.map((queued) => this.#outgoing(queued));
  }

  get messages(): readonly Outgoing[] {
    return this.#messages;
  }

  /** Whether there is a network to send by. */
  served(isServed: boolean): void {
    if (isServed === this.#isServed) return;
    this.#isServed = isServed;
    this.#endWait();
    this.#pursue();
  }

  async send(recipient: string, text: string): Promise<Outgoing> {
    if (!isDialable(recipient)) throw new DomainRefusal("invalidFormat", "that is no number to send to");
    const { memory } = this.room;
    const { alphabet, useDeliveryReports: wantsReport, nextReference: reference } = memory.record;
    const id = randomBytes(20).toString("hex").toUpperCase();
    const queued: QueuedSms = { id, recipient, text, wantsReport, alphabet, reference, sentParts: 0 };
    const parts = sendable(queued);
    const next = parts > 1 ? (reference + 1) & 0xff : reference;
    await memory.update((record) => ({ ...record, queue: [...record.queue, queued], nextReference: next }));
    const message = this.#outgoing(queued);
    this.#messages = [...this.#messages, message];
    this.room.added(message);
    queueMicrotask(() => this.#pursue());
    return message;
  }

  #outgoing(queued: QueuedSms): Outgoing {
    return new Outgoing(queued, (message) => this.#settle(message, "cancelled"));
  }

  #pursue(): void {
    const [message] = this.#messages;
    const isHeld = this.#isSending || this.#cancelWait !== undefined || !this.#isServed;
    if (message === undefined || isHeld || this.room.operations.isClosed) return;
    this.#isSending = true;
    this.#send(message)
      .catch((error: unknown) => this.#failed(message, error))
      .catch((error: unknown) => this.#report(error))
      .finally(() => {
        this.#isSending = false;
        if (this.#messages[0] !== message) this.#pursue();
      });
  }

  #report(error: unknown): void {
    const { operations, log } = this.room;
    if (!operations.isClosed) log.error("the queue of messages", { cause: errorText(error) });
  }

  async #send(message: Outgoing): Promise<void> {
    const { operations, port, log } = this.room;
    message.hasBegun = true;
    const pdus = pdusOf(message.queued);
    for (const [part, pdu] of pdus.entries()) {
      if (part < this.#sentParts(message)) continue;
      const reference = await operations.run("sms.send", { timeoutMs: deadlinesMs.sms }, (s) => port.send(pdu, s));
      log.debug("part of a message is sent", { part: part + 1, of: pdus.length, reference });
      await this.#markSent(message, part + 1);
    }
    log.info("message sent", { recipient: masked(message.queued.recipient), parts: pdus.length });
    await this.#settle(message, "sent");
  }

  /** A part that a full disk does not know of is sent again after a restart at worst. */
  async #markSent(message: Outgoing, sentParts: number): Promise<void> {
    const { memory, operations, log } = this.room;
    const mark = (queued: QueuedSms) => (queued.id === message.id ? { ...queued, sentParts } : queued);
    await memory
      .update((record) => ({ ...record, queue: record.queue.map(mark) }))
      .catch((error: unknown) => {
        if (operations.isClosed) throw error;
        log.error("progress of a message is not remembered", { cause: errorText(error) });
      });
  }

  async #failed(message: Outgoing, error: unknown): Promise<void> {
    const { operations, log, random } = this.room;
    // Power-off or unplug, which the port may know first: it stays in the queue for the next time.
    if (operations.isClosed || (error instanceof ModemError && error.code === "unplugged")) return;
    message.tries += 1;
    const waitMs = smsRetryMs(error, message.tries, random());
    log.notice("message not sent", { cause: errorText(error), retryInMs: waitMs });
    if (waitMs === undefined) return this.#settle(message, "failed");
    message.hasBegun = this.#sentParts(message) > 0;
    this.#cancelWait = operations.clock.after(waitMs, () => {
      this.#cancelWait = undefined;
      this.#pursue();
    });
  }

  #endWait(): void {
    this.#cancelWait?.();
    this.#cancelWait = undefined;
  }

  #sentParts({ id }: Outgoing): number {
    return this.room.memory.record.queue.find((queued) => queued.id === id)?.sentParts ?? 0;
  }

  /** The last word on a message: remembered, then told, then it goes. */
  async #settle(message: Outgoing, state: OutgoingState["state"]): Promise<void> {
    const { memory, operations, log } = this.room;
    await memory
      .update((record) => ({ ...record, queue: record.queue.filter(({ id }) => id !== message.id) }))
      .catch((error: unknown) => {
        if (operations.isClosed) throw error;
        log.error("a message is done and not forgotten", { cause: errorText(error) });
      });
    if (this.#messages[0] === message) this.#endWait();
    this.#messages = this.#messages.filter((one) => one !== message);
    message.become({ state });
    this.room.removed(message);
    this.#pursue();
  }
}

/** How many parts it takes. */
function sendable(queued: QueuedSms): number {
  try {
    return pdusOf(queued).length;
  } catch (error) {
    if (error instanceof RangeError) throw new DomainRefusal("invalidFormat", error.message);
    throw error;
  }
}
