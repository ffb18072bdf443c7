/** From the modem to the clients: each message once, and none lost. See README.md for the order of steps. */
import { errorText } from "../../runtime/error.js";
import { type Log, masked } from "../../runtime/log.js";
import type { StatusReport } from "../../sms/pdu.js";
import { type Fragment, joinedText, withFragment, withoutExpired } from "../../sms/reassembly.js";
import type { IncomingText } from "../api.js";
import { deadlinesMs } from "../deadlines.js";
import type { Operations } from "../operations.js";
import type { ReceivedSms, SmsPort } from "../sms-ports.js";
import type { SmsMemory } from "./memory.js";
import { digestOf, type Reading, readingOf, sentAtMs } from "./read.js";
import type { SmsRecord } from "./store.js";

export interface InboxRoom {
  readonly port: SmsPort;
  readonly operations: Operations;
  readonly memory: SmsMemory;
  readonly log: Log;
  /** Wall time, in milliseconds. */
  now(): number;
  /** Clients are told when this returns. `immediate`: to be shown at once and not kept. */
  tell(text: IncomingText, immediate: boolean): void;
}

/** Digests that are kept: more than a modem stores. */
const mostKnown = 256;

export class SmsInbox {
  #turn: Promise<void> = Promise.resolve();

  constructor(private readonly room: InboxRoom) {}

  /** Takes one message after the other, in the order of the calls. */
  take(message: ReceivedSms): Promise<void> {
    return this.#inTurn(() => this.#take(message));
  }

  /** All that the modem keeps, the oldest first. `makeRoom`: also what nobody can read is not left there. */
  takeStored(makeRoom = false): Promise<void> {
    return this.#inTurn(async () => {
      await this.#tellExpired();
      const { operations, port } = this.room;
      const found = await operations.run("sms.stored", { timeoutMs: deadlinesMs.change }, (s) => port.stored(s));
      const inOrder = [...found].sort((a, b) => sentAtMs(a.pdu) - sentAtMs(b.pdu));
      for (const message of inOrder) await this.#take(message, makeRoom);
    });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #take(message: ReceivedSms, makeRoom = false): Promise<void> {
    const { memory, log } = this.room;
    const digest = digestOf(message.pdu);
    if (memory.record.known.includes(digest)) {
      log.info("a message that was told already came again");
      await this.#settle(message);
      return;
    }
    const reading = readingOf(message.pdu, this.room.now());
    const isKept = await this.#understand(reading, digest);
    if (isKept || makeRoom || message.transaction !== undefined) await this.#settle(message);
  }

  /** True when the modem needs to keep it no longer. */
  async #understand(reading: Reading, digest: string): Promise<boolean> {
    switch (reading.is) {
      case "text": {
        const { text, sender, sentAt, coding } = reading.message;
        this.room.tell({ text, sender, sentAt }, coding.messageClass === 0);
        // Told is told: should the disk fail now, it is deleted all the same.
        await this.#remember(digest);
        return true;
      }
      case "fragment":
        return this.#keep(reading.fragment, digest);
      case "report":
        this.#report(reading.report);
        return this.#remember(digest).then(() => true);
      case "silent":
        this.room.log.info("a message that nobody is told", { because: reading.because });
        return true;
      case "unreadable":
        this.room.log.warning("a message cannot be read", { because: reading.because });
        return false;
    }
  }

  async #keep(fragment: Fragment, digest: string): Promise<boolean> {
    const { waiting, whole } = withFragment(fragmentsOf(this.room.memory.record), fragment);
    if (whole === undefined) {
      const { sequence, total } = fragment.part;
      this.room.log.debug("part of a message", { sequence, total });
      return this.#remember(digest, waiting);
    }
    this.#tellTogether(whole);
    await this.#remember(digest, waiting);
    return true;
  }

  #tellTogether(parts: readonly Fragment[]): void {
    const [first] = parts;
    if (first === undefined) return;
    const { sender, sentAt, coding } = first.message;
    this.room.tell({ text: joinedText(parts), sender, sentAt }, coding.messageClass === 0);
  }

  /** Messages whose other parts do not come any more: what there is of them. */
  async #tellExpired(): Promise<void> {
    const { waiting, incomplete } = withoutExpired(fragmentsOf(this.room.memory.record), this.room.now());
    if (incomplete.length === 0) return;
    this.room.log.notice("parts of messages never came", { messages: incomplete.length });
    for (const parts of incomplete) this.#tellTogether(parts);
    await this.#remember(undefined, waiting);
  }

  /** False when the disk refused. */
  async #remember(digest: string | undefined, fragments?: readonly Fragment[]): Promise<boolean> {
    const { memory, operations, log } = this.room;
    const change = (record: SmsRecord): SmsRecord => ({
      ...record,
      known: [...(digest === undefined ? [] : [digest]), ...record.known].slice(0, mostKnown),
      ...(fragments === undefined ? {} : { fragments: fragments.map(storedFragment) }),
    });
    try {
      await memory.update(change);
      return true;
    } catch (error) {
      if (operations.isClosed) throw error;
      log.error("a message is not remembered", { cause: errorText(error) });
      return false;
    }
  }

  /** One that stays is found at the next start, and known then. */
  async #settle(message: ReceivedSms): Promise<void> {
    const { operations, port, log } = this.room;
    try {
      await operations.run("sms.settle", { timeoutMs: deadlinesMs.change }, (s) => port.settle(message, s));
    } catch (error) {
      if (operations.isClosed) throw error;
      log.warning("a message was not deleted", { cause: errorText(error) });
    }
  }

  #report({ recipient, reference, status }: StatusReport): void {
    const outcome = status < 0x20 ? "delivered" : status < 0x40 ? "still being tried" : "not delivered";
    this.room.log.info("delivery report", { recipient: masked(recipient), reference, outcome, status });
  }
}

const storedFragment = ({ pdu, receivedAtMs }: Fragment) => ({ pdu: pdu.toString("hex"), receivedAtMs });

function fragmentsOf({ fragments }: SmsRecord): readonly Fragment[] {
  return fragments.flatMap(({ pdu, receivedAtMs }) => {
    const reading = readingOf(Buffer.from(pdu, "hex"), receivedAtMs);
    return reading.is === "fragment" ? [reading.fragment] : [];
  });
}
