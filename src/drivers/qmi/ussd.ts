/** Dialogues by USSD, over a VOICE client of their own that is asked for when somebody needs it. */

import type { UssdPort } from "../../modem/ports.js";
import type { UssdWord } from "../../modem/types.js";
import type { QmiClient } from "../../qmi/client.js";
import type { IndicationOf, RequestOf, ResponseOf } from "../../qmi/message.js";
import { qmiError, qmiErrorName, qmiErrors } from "../../qmi/result.js";
import type { QmiService } from "../../qmi/service.js";
import * as voice from "../../qmi/services/voice.js";
import { gsmCoding, ucs2Octets, ucs2Text } from "../../sms/ussd-text.js";
import { codedUssd } from "../ussd-text.js";
import { LateService } from "./late-service.js";

type UssData = RequestOf<typeof voice.answerUssd>["ussData"];
type Told = Pick<ResponseOf<typeof voice.originateUssd>, "ussData" | "utf16">;

/** Its ASCII is the part of the default alphabet that needs no packing; what has more goes as UCS2. */
function ussDataOf(text: string): UssData {
  const { codingScheme } = codedUssd(text);
  const isAscii = codingScheme === gsmCoding && Buffer.byteLength(text) === text.length;
  return isAscii
    ? { codingScheme: "ascii", data: Buffer.from(text, "latin1") }
    : { codingScheme: "ucs2", data: ucs2Octets(text) };
}

/** Undefined where the modem told no text at all. */
function textOf({ ussData, utf16 }: Told): string | undefined {
  if (utf16 !== undefined) return utf16;
  if (ussData === undefined) return undefined;
  return ussData.codingScheme === "ucs2" ? ucs2Text(ussData.data) : ussData.data.toString("latin1");
}

const endings: Readonly<Record<number, Extract<UssdWord, { is: "end" }>["because"]>> = {
  [qmiErrors.supsFailureCase]: "notSupported",
  [qmiErrors.notSupported]: "notSupported",
  [qmiErrors.networkNotReady]: "timedOut",
};

const endOf = (error: number): UssdWord => ({
  is: "end",
  because: endings[error] ?? "terminated",
  failure: { domain: "qmi", code: error, name: qmiErrorName(error) },
});

/** Firmware without the form that does not wait. */
const isUnknownMessage = (error: number): boolean =>
  error === qmiErrors.invalidQmiCommand || error === qmiErrors.notSupported;

export class QmiUssd implements UssdPort {
  readonly #service = new LateService((signal) => this.#open(signal));

  /** `said` is told every word of the network. */
  constructor(
    private readonly client: QmiClient,
    private readonly said: (word: UssdWord) => void,
  ) {}

  async listen(signal: AbortSignal): Promise<void> {
    await this.#service.opened(signal);
  }

  /** The modem has forgotten what it was told. */
  async listenAgain(signal: AbortSignal): Promise<void> {
    const service = await this.#service.ifOpened;
    if (service !== undefined) await register(service, signal);
  }

  async initiate(text: string, signal: AbortSignal): Promise<void> {
    const ussData = ussDataOf(text);
    const service = await this.#service.opened(signal);
    const sent = await service.tryAsk(voice.originateUssdNoWait, { ussData }, signal);
    if (sent.is === "success") return;
    if (!isUnknownMessage(sent.error)) throw qmiError("VOICE ORIGINATE_USSD_NO_WAIT", sent.error);
    await this.#initiateAndWait(service, ussData, signal);
  }

  async respond(text: string, signal: AbortSignal): Promise<void> {
    const ussData = ussDataOf(text);
    await (await this.#service.opened(signal)).ask(voice.answerUssd, { ussData }, signal);
  }

  async cancel(signal: AbortSignal): Promise<void> {
    await (await this.#service.opened(signal)).ask(voice.cancelUssd, {}, signal);
  }

  /** Answered when the dialogue is over: with the network's only word, or with none where there were more. */
  async #initiateAndWait(service: QmiService, ussData: UssData, signal: AbortSignal): Promise<void> {
    const outcome = await service.tryAsk(voice.originateUssd, { ussData }, signal);
    if (outcome.is === "success") this.#told(outcome.values, false);
    else if (endings[outcome.error] === undefined) throw qmiError("VOICE ORIGINATE_USSD", outcome.error);
    else this.said(endOf(outcome.error));
  }

  #told(values: Told, asks: boolean): void {
    const text = textOf(values);
    if (text !== undefined) this.said({ is: "text", text, asks });
  }

  #originated(values: IndicationOf<typeof voice.ussdOriginated>): void {
    const { error = 0 } = values;
    if (error === 0) this.#told(values, false);
    else this.said(endOf(error));
  }

  async #open(signal: AbortSignal): Promise<QmiService> {
    const service = await this.client.allocate("voice", signal);
    service.watch(voice.ussdOriginated, (values) => this.#originated(values));
    service.watch(voice.ussdReceived, (values) => this.#told(values, values.userAction === "required"));
    service.watch(voice.ussdReleased, () => this.said({ is: "end", because: "terminated" }));
    await register(service, signal);
    return service;
  }
}

/** Firmware that tells without being asked refuses the question; then nothing is lost. */
async function register(service: QmiService, signal: AbortSignal): Promise<void> {
  await service.tryAsk(voice.registerIndications, { ussd: true }, signal);
}
