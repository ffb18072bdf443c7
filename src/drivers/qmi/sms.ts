/** Short messages, over a WMS client of their own that is asked for when somebody listens or sends. */
import type { EventEmitter } from "eventemitter3";
import type { DriverEvents } from "../../modem/ports.js";
import type { ReceivedSms, SmsPort } from "../../modem/sms-ports.js";
import type { QmiClient } from "../../qmi/client.js";
import type { IndicationOf, RequestOf } from "../../qmi/message.js";
import { qmiError, qmiErrors } from "../../qmi/result.js";
import type { Outcome, QmiService } from "../../qmi/service.js";
import * as wms from "../../qmi/services/wms.js";
import { errorText, ModemError } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import { smsCause } from "../../sms/cause.js";
import { LateService } from "./late-service.js";

export interface QmiSmsSetup {
  readonly client: QmiClient;
  readonly log: Log;
  /** Ends with the driver. */
  readonly ended: AbortSignal;
  readonly events: EventEmitter<DriverEvents>;
}

type Place = RequestOf<typeof wms.rawRead>["place"];

/** What must not be kept is handed over; everything else is kept until it is deleted, also while nobody is there. */
const routes: RequestOf<typeof wms.setRoutes> = {
  routes: (
    [
      ["class0", "device", "transferAndAcknowledge"],
      ["class1", "device", "storeAndNotify"],
      ["class2", "card", "storeAndNotify"],
      ["class3", "device", "storeAndNotify"],
      ["none", "device", "storeAndNotify"],
    ] as const
  ).map(([messageClass, storage, action]) => ({ type: "pointToPoint", messageClass, storage, action })),
  statusReports: "transferred",
};

const storages = ["card", "device"] as const;
const mode = "gsmUmts";

const placeName = ({ storage, index }: Place): string => `${storage} ${index}`;
function placeNamed(name: string): Place {
  const [storage, index] = name.split(" ");
  return { storage: storage === "card" ? "card" : "device", index: Number(index) };
}

/** What a deletion answers where there is nothing (any more). */
const isGone = (error: number): boolean => error === qmiErrors.noEntry || error === qmiErrors.invalidIndex;

export class QmiSms implements SmsPort {
  readonly #service = new LateService((signal) => this.#open(signal));
  #listens = false;

  constructor(private readonly setup: QmiSmsSetup) {}

  async listen(signal: AbortSignal): Promise<void> {
    const service = await this.#service.opened(signal);
    const routed = await service.tryAsk(wms.setRoutes, routes, signal);
    if (routed.is === "refused")
      this.setup.log.info("the modem keeps messages where it likes", { error: routed.error });
    await service.ask(wms.setEventReport, { newMessages: true }, signal);
    this.#listens = true;
  }

  /** After the modem has begun anew: it tells nobody any more, and messages may have come. */
  async listenAgain(signal: AbortSignal): Promise<void> {
    if (!this.#listens) return;
    await this.listen(signal);
    this.setup.events.emit("smsMissed");
  }

  /** One of the two storages may be missing. */
  async stored(signal: AbortSignal): Promise<readonly ReceivedSms[]> {
    const service = await this.#service.opened(signal);
    const found: ReceivedSms[] = [];
    const refused: number[] = [];
    for (const storage of storages) {
      const list = await service.tryAsk(wms.listMessages, { storage, mode }, signal);
      if (list.is === "refused") refused.push(list.error);
      else
        for (const { index, tag } of list.values.messages)
          if (tag === "read" || tag === "notRead") found.push(...(await this.#read({ storage, index }, signal)));
    }
    const [error] = refused;
    if (error !== undefined && refused.length === storages.length) throw qmiError("WMS LIST_MESSAGES", error);
    return found;
  }

  async settle({ place, transaction }: ReceivedSms, signal: AbortSignal): Promise<void> {
    const service = await this.#service.opened(signal);
    if (place !== undefined) {
      const { storage, index } = placeNamed(place);
      const deleted = await service.tryAsk(wms.deleteMessages, { storage, index, mode }, signal);
      if (deleted.is === "refused" && !isGone(deleted.error)) throw qmiError("WMS DELETE", deleted.error);
    }
    if (transaction !== undefined)
      await service.ask(wms.sendAck, { message: { transaction, protocol: mode, success: true } }, signal);
  }

  async send(pdu: Buffer, signal: AbortSignal): Promise<number | undefined> {
    const service = await this.#service.opened(signal);
    const sent = await service.tryAsk(wms.rawSend, { message: { format: "pointToPoint", pdu } }, signal);
    if (sent.is === "success") return sent.values.reference;
    throw refusalOf(sent);
  }

  async serviceCentre(signal: AbortSignal): Promise<string> {
    const service = await this.#service.opened(signal);
    const told = await service.tryAsk(wms.getServiceCentre, {}, signal);
    if (told.is === "success") return numberOf(told.values.address);
    if (isGone(told.error)) return "";
    throw qmiError("WMS GET_SMSC_ADDRESS", told.error);
  }

  async setServiceCentre(number: string, signal: AbortSignal): Promise<void> {
    const service = await this.#service.opened(signal);
    await service.ask(wms.setServiceCentre, { digits: number }, signal);
  }

  async #open(signal: AbortSignal): Promise<QmiService> {
    const service = await this.setup.client.allocate("wms", signal);
    service.watch(wms.eventReport, (report) => this.#came(report));
    service.watch(wms.memoryFull, () => this.setup.events.emit("smsStoreFull"));
    return service;
  }

  #came({ stored, transferred }: IndicationOf<typeof wms.eventReport>): void {
    const { events, log, ended } = this.setup;
    if (transferred?.format === "pointToPoint") {
      const waits = transferred.acknowledge === "host" ? { transaction: transferred.transaction } : {};
      events.emit("smsReceived", { pdu: transferred.pdu, ...waits });
    }
    if (stored === undefined) return;
    this.#read(stored, ended).then(
      ([message]) => message && events.emit("smsReceived", message),
      (error: unknown) => log.warning("a message was not read", { reason: errorText(error) }),
    );
  }

  /** None where it was taken away meanwhile, or is no message of 3GPP. */
  async #read(place: Place, signal: AbortSignal): Promise<readonly ReceivedSms[]> {
    const service = await this.#service.opened(signal);
    const read = await service.tryAsk(wms.rawRead, { place, mode }, signal);
    if (read.is === "success") {
      const { format, pdu } = read.values.message;
      return format === "pointToPoint" ? [{ pdu, place: placeName(place) }] : [];
    }
    if (isGone(read.error)) return [];
    throw qmiError("WMS RAW_READ", read.error);
  }
}

function refusalOf({ error, failure }: Extract<Outcome<typeof wms.rawSend>, { is: "refused" }>): ModemError {
  const { rpCause = 0, tpCause = 0 } = failure.networkCause ?? {};
  // The service centre's own word is the more exact one.
  const cause = tpCause || rpCause;
  if (cause === 0) return qmiError("WMS RAW_SEND", error);
  return new ModemError("refused", "the network did not take the message", { failure: smsCause(cause) });
}

/** Some firmware tells an international number without its plus. @see 3GPP TS 24.008 10.5.4.7 */
const numberOf = ({ type, digits }: { readonly type: string; readonly digits: string }): string =>
  type === "145" && /^[0-9]/.test(digits) ? `+${digits}` : digits;
