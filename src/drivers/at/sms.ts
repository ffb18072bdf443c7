/** Short messages as octets. @see 3GPP TS 27.005 */
import type { EventEmitter } from "eventemitter3";
import { keptMessages } from "../../at/replies/cmgl.js";
import { keptMessage } from "../../at/replies/cmgr.js";
import { sendMessage } from "../../at/replies/cmgs.js";
import { offeredMessageNews } from "../../at/replies/cnmi.js";
import { messageMemories, ofMemory } from "../../at/replies/cpms.js";
import { serviceCentre } from "../../at/replies/csca.js";
import { type MessageNews, messageNews } from "../../at/replies/message-news.js";
import type { DriverEvents } from "../../modem/ports.js";
import type { ReceivedSms, SmsPort } from "../../modem/sms-ports.js";
import { errorText, ModemError } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import { smsCause } from "../../sms/cause.js";
import { serviceCentreLength } from "../../sms/pdu.js";
import { type Chat, isRefusal } from "./chat.js";
import { messageSettings } from "./message-settings.js";

export interface AtSmsContext {
  readonly chat: Chat;
  readonly log: Log;
  readonly ended: AbortSignal;
  readonly events: EventEmitter<DriverEvents>;
}

interface Place {
  /** Undefined: the only one, which has no name. */
  readonly memory: string | undefined;
  readonly index: number;
}

/** Octets instead of text: every message as the network has it. */
const octetsMode = { text: "AT+CMGF=0" } as const;
/** The network's messages are kept in these; others are for reports and drafts. */
const inboxes: readonly string[] = ["SM", "ME"];
/** Deleting from a card takes seconds. */
const deleteMs = 15_000;

const invalidIndex = 321;
/** Below are the network's own causes, from there on the modem's. @see 3GPP TS 27.005 3.2.5 */
const firstOfModem = 300;

const placeName = ({ memory = "", index }: Place): string => `${memory} ${index}`;
function placeNamed(name: string): Place {
  const [memory = "", index] = name.split(" ");
  return { memory: memory === "" ? undefined : memory, index: Number(index) };
}

const isGone = (error: unknown): boolean =>
  isRefusal(error) && error.failure?.domain === "cms" && error.failure.code === invalidIndex;

export class AtSms implements SmsPort {
  /** Undefined: not told yet. */
  #memories: readonly string[] | undefined;
  #listens = false;
  /** What is handed over waits for a word of ours. */
  #acknowledges = false;
  #handedOver = 0;
  readonly #full = new Set<string>();

  constructor(private readonly context: AtSmsContext) {}

  async listen(signal: AbortSignal): Promise<void> {
    const { chat } = this.context;
    await chat.tell(octetsMode, signal);
    const { values, handsOver } = messageSettings(await chat.askIfAble(offeredMessageNews, signal));
    await this.#knowMemories(signal);
    this.#acknowledges = await this.#choosesService(handsOver, signal);
    await chat.tell({ text: `AT+CNMI=${values.join(",")}` }, signal);
    this.#listens = true;
  }

  async stored(signal: AbortSignal): Promise<readonly ReceivedSms[]> {
    const found: ReceivedSms[] = [];
    const refused: unknown[] = [];
    const known = await this.#knowMemories(signal);
    const wanted = known.filter((memory) => inboxes.includes(memory));
    const memories = wanted.length > 0 ? wanted : [known[0]];
    for (const memory of memories)
      await this.#kept(memory, signal).then(
        (messages) => found.push(...messages),
        (error: unknown) => refused.push(error),
      );
    if (refused.length === memories.length || signal.aborted) throw refused[0];
    return found;
  }

  async settle({ place, transaction }: ReceivedSms, signal: AbortSignal): Promise<void> {
    const { chat } = this.context;
    if (place !== undefined) {
      const { memory, index } = placeNamed(place);
      const remove = { text: `AT+CMGD=${index}`, timeoutMs: deleteMs, read: () => undefined };
      await chat.ask(ofMemory(memory, remove), signal).catch((error: unknown) => {
        if (!isGone(error)) throw error;
      });
    }
    // Refused: it came too late, or nobody waited, and the network brings it again or has forgotten it.
    if (transaction !== undefined) await chat.askIfAble({ text: "AT+CNMA", read: () => undefined }, signal);
  }

  async send(pdu: Buffer, signal: AbortSignal): Promise<number | undefined> {
    const { chat } = this.context;
    if (!this.#listens) await chat.tell(octetsMode, signal);
    return chat.ask(sendMessage(pdu, pdu.length - serviceCentreLength(pdu)), signal).catch((error: unknown) => {
      throw refusalOf(error);
    });
  }

  serviceCentre(signal: AbortSignal): Promise<string> {
    return this.context.chat.ask(serviceCentre, signal);
  }

  async setServiceCentre(number: string, signal: AbortSignal): Promise<void> {
    const type = number.startsWith("+") ? 145 : 129;
    await this.context.chat.tell({ text: `AT+CSCA="${number}",${type}`, secret: true }, signal);
  }

  /** @throws RangeError when the line cannot be read */
  hears(line: string): void {
    const news = this.#listens ? messageNews(line) : undefined;
    if (news?.is === "handed over") this.#takeOver(news.pdu);
    else if (news !== undefined) this.#look(news);
  }

  /** Whether what is handed over is to be acknowledged: only where nothing keeps it. @see 3GPP TS 27.005 3.2.1, 3.4.4 */
  async #choosesService(handsOver: boolean, signal: AbortSignal): Promise<boolean> {
    const { chat } = this.context;
    const isAble = async (service: 0 | 1) =>
      (await chat.askIfAble({ text: `AT+CSMS=${service}`, read: () => true }, signal)) ?? false;
    return handsOver ? isAble(1) : !(await isAble(0));
  }

  /** None: there is one, and it has no name. A refusal may be that of a card that is not ready: asked again. */
  async #knowMemories(signal: AbortSignal): Promise<readonly string[]> {
    this.#memories ??= await this.context.chat.askIfAble(messageMemories, signal);
    return this.#memories ?? [];
  }

  async #kept(memory: string | undefined, signal: AbortSignal): Promise<readonly ReceivedSms[]> {
    const { said } = await this.context.chat.ask(ofMemory(memory, keptMessages), signal);
    return said
      .filter(({ status }) => status === "new" || status === "read")
      .map(({ index, pdu }) => ({ pdu, place: placeName({ memory, index }) }));
  }

  #takeOver(pdu: Buffer): void {
    this.#handedOver += 1;
    this.context.events.emit("smsReceived", {
      pdu,
      ...(this.#acknowledges ? { transaction: this.#handedOver } : {}),
    });
  }

  #look({ memory: named, index }: Extract<MessageNews, { is: "kept" }>): void {
    const { chat, events, log, ended } = this.context;
    const memory = this.#memories?.find((known) => known === named);
    chat.ask(ofMemory(memory, keptMessage(index)), ended).then(
      ({ said, isFull }) => {
        if (said !== undefined) events.emit("smsReceived", { pdu: said.pdu, place: placeName({ memory, index }) });
        this.#filled(memory, isFull);
      },
      (error: unknown) => {
        if (!isGone(error) && !ended.aborted) log.warning("a message was not read", { reason: errorText(error) });
      },
    );
  }

  /** No line tells of it in every family, but it is said with each message that came. */
  #filled(memory: string | undefined, isFull: boolean): void {
    if (memory === undefined) return;
    const wasFull = this.#full.has(memory);
    if (isFull) this.#full.add(memory);
    else this.#full.delete(memory);
    if (isFull && !wasFull) this.context.events.emit("smsStoreFull");
  }
}

/** Why the network did not take it, where the number is one of its own. */
function refusalOf(error: unknown): unknown {
  if (!(error instanceof ModemError) || error.failure?.domain !== "cms" || error.failure.code >= firstOfModem)
    return error;
  const failure = smsCause(error.failure.code);
  return new ModemError("refused", "the network did not take the message", { failure, cause: error });
}
