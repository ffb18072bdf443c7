/** Messages of one card, as clients see them; lives while the card is ready. */
import { EventEmitter } from "eventemitter3";
import { errorText } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import { isDialable } from "../../sms/address.js";
import { DomainRefusal, type MessageEvents, type Messages, type MessagesState, type OutgoingMessage } from "../api.js";
import { deadlinesMs } from "../deadlines.js";
import type { Operations } from "../operations.js";
import { StatePart } from "../part.js";
import type { ReceivedSms, SmsPort } from "../sms-ports.js";
import { SmsInbox } from "./inbox.js";
import type { SmsMemory } from "./memory.js";
import { SmsOutbox } from "./outbox.js";
import { alphabets, type SmsRecord } from "./store.js";

export interface MessagesRoom {
  readonly port: SmsPort;
  readonly operations: Operations;
  readonly memory: SmsMemory;
  readonly log: Log;
  random(): number;
  /** Wall time, in milliseconds. */
  now(): number;
}

/** After the registration was told: the data connection goes first. */
const afterRegistrationMs = 500;
/** Without a network there may be stored messages all the same. */
const withoutNetworkMs = 30_000;
/** A card whose files are still being read refuses at first. */
const againMs = [2_000, 10_000, 60_000] as const;

/** The state as the record has it, without what only the modem knows. */
const settingsOf = ({ useDeliveryReports, alphabet }: SmsRecord) => ({
  useDeliveryReports,
  alphabet,
  bearer: "cs-preferred" as const,
});

export class MessagesPart extends StatePart<MessagesState> implements Messages {
  readonly messageEvents = new EventEmitter<MessageEvents>();
  readonly #inbox: SmsInbox;
  readonly #outbox: SmsOutbox;
  /** Messages that are kept nowhere and came while nobody could hear them. */
  readonly #early: ReceivedSms[] = [];
  #isShown = false;
  #isDue = false;
  #hasBegun = false;
  #cancelBegin: (() => void) | undefined;
  #dueWhenServed = false;

  constructor(private readonly room: MessagesRoom) {
    super(settingsOf(room.memory.record));
    const { port, operations, memory, log, random } = room;
    const { messageEvents: events } = this;
    this.#inbox = new SmsInbox({
      ...{ port, operations, memory, log, now: () => room.now() },
      tell: (text, immediate) => void events.emit(immediate ? "immediate" : "incoming", text),
    });
    this.#outbox = new SmsOutbox({
      ...{ port, operations, memory, log, random },
      added: (message) => void events.emit("added", message),
      removed: (message) => void events.emit("removed", message),
    });
  }

  get outgoing(): readonly OutgoingMessage[] {
    return this.#outbox.messages;
  }

  /** Clients can hear it from now on, or cannot any more. */
  show(isShown: boolean): void {
    this.#isShown = isShown;
    this.#beginIfDue();
  }

  /** The registration as the modem told it; undefined: it is offline. Nothing is asked of the modem before the first word. */
  registered(isServed: boolean | undefined): void {
    this.#outbox.served(isServed === true);
    // Other words about the same do not put it off.
    if (isServed === undefined || this.#isDue || (this.#cancelBegin && isServed === this.#dueWhenServed)) return;
    this.#cancelBegin?.();
    this.#dueWhenServed = isServed;
    const due = () => {
      this.#isDue = true;
      this.#beginIfDue();
    };
    this.#cancelBegin = this.room.operations.clock.after(isServed ? afterRegistrationMs : withoutNetworkMs, due);
  }

  /** A message that the modem tells by itself. */
  received(message: ReceivedSms): void {
    if (this.#hasBegun && this.#isShown) this.#carry(this.#inbox.take(message), "message");
    else if (message.place === undefined) this.#early.push(message);
  }

  /** Messages may have come that the modem did not tell. */
  missed(): void {
    if (this.#hasBegun && this.#isShown) this.#carry(this.#inbox.takeStored(), "stored messages");
  }

  /** What is known or of no use makes room; what is left then is not ours to delete. */
  storeFull(): void {
    this.room.log.warning("the modem has no room for a message that the network holds");
    if (this.#hasBegun && this.#isShown) this.#carry(this.#inbox.takeStored(true), "stored messages");
  }

  leave(): void {
    this.#isShown = false;
    this.#cancelBegin?.();
    this.#outbox.served(false);
  }

  send(recipient: string, text: string): Promise<OutgoingMessage> {
    return this.#outbox.send(recipient, text);
  }

  async setServiceCentre(number: string): Promise<void> {
    if (!isDialable(number)) throw new DomainRefusal("invalidFormat", "that is no number of a service centre");
    const { operations, port } = this.room;
    const set = (signal: AbortSignal) => port.setServiceCentre(number, signal);
    await operations.run("sms.setServiceCentre", { timeoutMs: deadlinesMs.change }, set);
    this.become({ ...this.state, serviceCentre: number });
  }

  async setUseDeliveryReports(on: boolean): Promise<void> {
    await this.#remember({ useDeliveryReports: on });
  }

  async setAlphabet(alphabet: string): Promise<void> {
    if (!alphabets.some((one) => one === alphabet)) throw new DomainRefusal("invalidFormat", "no such alphabet");
    await this.#remember({ alphabet });
  }

  async #remember(change: Partial<SmsRecord>): Promise<void> {
    await this.room.memory.update((record) => ({ ...record, ...change }));
    this.become({ ...this.state, ...settingsOf(this.room.memory.record) });
  }

  #beginIfDue(): void {
    if (!this.#isDue || !this.#isShown || this.room.operations.isClosed) return;
    if (this.#hasBegun) this.#carry(this.#takeAll(), "stored messages");
    else this.#begin(0);
    this.#hasBegun = true;
  }

  #begin(tries: number): void {
    const { operations, log } = this.room;
    this.#listen().catch((error: unknown) => {
      if (operations.isClosed) return;
      const waitMs = againMs[tries];
      log.warning("the modem's messages are not to be had", { cause: errorText(error), retryInMs: waitMs });
      if (waitMs !== undefined) operations.clock.after(waitMs, () => this.#begin(tries + 1));
    });
  }

  async #listen(): Promise<void> {
    const { operations, port } = this.room;
    const ask = <T>(name: string, act: (signal: AbortSignal) => Promise<T>) =>
      operations.run(name, { timeoutMs: deadlinesMs.read }, act);
    await ask("sms.listen", (signal) => port.listen(signal));
    await this.#takeAll();
    const serviceCentre = await ask("sms.serviceCentre", (signal) => port.serviceCentre(signal));
    this.become({ ...this.state, serviceCentre });
  }

  async #takeAll(): Promise<void> {
    for (const message of this.#early.splice(0)) await this.#inbox.take(message);
    await this.#inbox.takeStored();
  }

  #carry(work: Promise<void>, what: string): void {
    const { operations, log } = this.room;
    work.catch((error: unknown) => {
      if (!operations.isClosed) log.warning(what, { cause: errorText(error) });
    });
  }
}
