/** Short messages. @see MBIM 1.0 10.5.31 ff. */

import type { EventEmitter } from "eventemitter3";
import type { MbimClient } from "../../mbim/client.js";
import type { NotifyOf } from "../../mbim/command.js";
import * as sms from "../../mbim/services/sms.js";
import { statusError, status as statusOf } from "../../mbim/status.js";
import type { DriverEvents } from "../../modem/ports.js";
import type { ReceivedSms, SmsPort } from "../../modem/sms-ports.js";
import { errorText, ModemError } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";

export interface MbimSmsSetup {
  readonly client: MbimClient;
  readonly log: Log;
  /** Ends with the driver. */
  readonly ended: AbortSignal;
  readonly events: EventEmitter<DriverEvents>;
}

const format = "pdu";

export class MbimSms implements SmsPort {
  /** What comes before is read when somebody wants it. */
  #listens = false;

  constructor(private readonly setup: MbimSmsSetup) {
    setup.client.watch(sms.smsRead, (told) => this.#came(told));
    setup.client.watch(sms.smsStoreStatus, (told) => this.#stored(told));
  }

  /** That it reports was agreed on when it was opened. */
  async listen(signal: AbortSignal): Promise<void> {
    const { client } = this.setup;
    const { format: used } = await client.query(sms.smsConfiguration, {}, signal);
    if (used !== format) await client.set(sms.smsConfiguration, { format, serviceCentre: "" }, signal);
    this.#listens = true;
  }

  /** After it was opened again. */
  listenAgain(): void {
    if (this.#listens) this.setup.events.emit("smsMissed");
  }

  stored(signal: AbortSignal): Promise<readonly ReceivedSms[]> {
    return this.#read("all", 0, signal);
  }

  async settle({ place }: ReceivedSms, signal: AbortSignal): Promise<void> {
    if (place === undefined) return;
    const request = { flag: "index", index: Number(place) } as const;
    const { status } = await this.setup.client.trySet(sms.smsDelete, request, signal);
    if (status !== statusOf.success && status !== statusOf.invalidMemoryIndex) throw statusError("SMS_DELETE", status);
  }

  async send(pdu: Buffer, signal: AbortSignal): Promise<number> {
    const { reference } = await this.setup.client.set(sms.smsSend, { format, message: { pdu } }, signal);
    return reference;
  }

  async serviceCentre(signal: AbortSignal): Promise<string> {
    return (await this.setup.client.query(sms.smsConfiguration, {}, signal)).serviceCentre;
  }

  async setServiceCentre(serviceCentre: string, signal: AbortSignal): Promise<void> {
    await this.setup.client.set(sms.smsConfiguration, { format, serviceCentre }, signal);
  }

  /** Messages that are not kept. */
  #came({ records, format: used }: NotifyOf<typeof sms.smsRead>): void {
    if (used === format) for (const { pdu } of records) this.setup.events.emit("smsReceived", { pdu });
  }

  #stored({ flags, index }: NotifyOf<typeof sms.smsStoreStatus>): void {
    const { events, log, ended } = this.setup;
    if (!this.#listens) return;
    if (flags.includes("storeFull")) events.emit("smsStoreFull");
    if (!flags.includes("newMessage")) return;
    this.#read("index", index, ended).then(
      ([message]) => message && events.emit("smsReceived", message),
      (error: unknown) => log.warning("a message was not read", { reason: errorText(error) }),
    );
  }

  /** None where it was taken away meanwhile. */
  async #read(flag: "all" | "index", index: number, signal: AbortSignal): Promise<readonly ReceivedSms[]> {
    const { records } = await this.setup.client
      .query(sms.smsRead, { format, flag, index }, signal)
      .catch((error: unknown) => {
        if (error instanceof ModemError && error.failure?.code === statusOf.invalidMemoryIndex) return { records: [] };
        throw error;
      });
    return records
      .filter(({ status }) => status === "new" || status === "old")
      .map((record) => ({ pdu: record.pdu, place: String(record.index) }));
  }
}
