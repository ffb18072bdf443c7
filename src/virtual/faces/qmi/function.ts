/** The QMI function: the device's end of the control channel. */
import { FrameStream } from "../../../codec/frame-stream.js";
import { decodeTlvs, encodeTlvs } from "../../../codec/tlv.js";
import { decodeFrame, encodeFrame, judgeQmux, type QmiMessage } from "../../../qmi/frame.js";
import { encodeResult, qmiErrors } from "../../../qmi/result.js";
import * as ctl from "../../../qmi/services/ctl.js";
import { signalInfoChanged } from "../../../qmi/services/nas-signal.js";
import { serviceNamed, services } from "../../../qmi/services.js";
import type { Happening } from "../../machine.js";
import { lacks } from "../../model/profile.js";
import { signalOf } from "../../model/state.js";
import type { Face, FaceContext, HostLine } from "../face.js";
import { type Owed, OwedAnswers } from "../owed.js";
import { keyOf, keyOfMessage, type Served } from "./answer.js";
import { cardMessages } from "./card.js";
import { type Client, Clients } from "./clients.js";
import { dataMessages } from "./data.js";
import { dataFormatMessages } from "./data-format.js";
import { deviceMessages } from "./device.js";
import { indicationsOf } from "./indications.js";
import { messageMessages } from "./messages.js";
import { networkMessages } from "./network.js";
import { profileMessages } from "./profiles.js";
import { slotMessages } from "./slots.js";
import { ussdMessages } from "./ussd.js";

const served: ReadonlyMap<string, Served> = new Map(
  [
    ...deviceMessages,
    ...cardMessages,
    ...slotMessages,
    ...networkMessages,
    ...dataMessages,
    ...dataFormatMessages,
    ...profileMessages,
    ...messageMessages,
    ...ussdMessages,
  ].map((row) => [keyOfMessage(row.message), row]),
);

/** What GET_VERSION_INFO tells, as an MDM9607 has it. */
const versions = [
  { service: services.ctl, major: 1, minor: 5 },
  { service: services.wds, major: 1, minor: 67 },
  { service: services.dms, major: 1, minor: 14 },
  { service: services.nas, major: 1, minor: 25 },
  { service: services.wms, major: 1, minor: 10 },
  { service: services.voice, major: 2, minor: 1 },
  { service: services.uim, major: 1, minor: 46 },
  { service: services.wda, major: 1, minor: 16 },
];

export class QmiFunction implements Face {
  readonly #stream = new FrameStream(judgeQmux);
  readonly #clients = new Clients();
  readonly #owed: OwedAnswers<Buffer>;
  readonly #unwatch: () => void;

  constructor(
    private readonly line: HostLine,
    private readonly context: FaceContext,
  ) {
    this.#owed = new OwedAnswers(context.machine);
    this.#unwatch = context.machine.watch((happening) => this.#happened(happening));
  }

  feed(bytes: Buffer): void {
    for (const frame of this.#stream.feed(bytes)) this.#frame(frame);
  }

  /** Client ids and calls stay: they belong to the control point, not to a program. */
  hostLeft(): void {
    this.#stream.drop();
  }

  close(): void {
    this.#unwatch();
    this.#owed.drop();
    this.#clients.clear();
  }

  #frame(frame: Buffer): void {
    try {
      const message = decodeFrame(frame);
      if (message.kind === "request") this.#request(message);
    } catch (error) {
      this.context.log.debug("a frame that is no QMI message", { detail: String(error) });
    }
  }

  #request(request: QmiMessage): void {
    if (request.service === services.ctl) {
      this.#send({ ...request, kind: "response", tlvs: this.#control(request) });
      return;
    }
    const respond = (tlvs: Buffer) => this.#send({ ...request, kind: "response", tlvs });
    const row = this.#rowFor(request);
    if (typeof row === "number") respond(encodeResult(row));
    else this.#owed.owe(row(request.tlvs), respond);
  }

  /** Who serves the request, bound to its client, or the error that answers it. */
  #rowFor({ service, client: id, id: messageId }: QmiMessage): ((tlvs: Buffer) => Owed<Buffer>) | number {
    const name = serviceNamed(service);
    const client = name === undefined ? undefined : this.#clients.find(name, id);
    if (client === undefined) return qmiErrors.invalidClientId;
    const row = served.get(keyOf(service, messageId));
    if (row === undefined || lacks(this.context.machine.profile, row.message.name)) return qmiErrors.invalidQmiCommand;
    const { context } = this;
    return (tlvs) => row.handle({ machine: context.machine, context, client }, tlvs);
  }

  #control({ id, tlvs }: QmiMessage): Buffer {
    try {
      switch (id) {
        case ctl.getVersionInfo.id:
          return success(encodeTlvs(ctl.getVersionInfo.response, { services: versions }));
        case ctl.sync.id:
          this.#releaseAll();
          return encodeResult(0);
        case ctl.setInstanceId.id:
          return success(encodeTlvs(ctl.setInstanceId.response, { linkId: 0 }));
        case ctl.allocateClient.id:
          return this.#allocate(decodeTlvs(ctl.allocateClient.request, tlvs).service);
        case ctl.releaseClient.id:
          return this.#release(tlvs);
        case ctl.setDataFormat.id:
          return this.#setDataFormat(decodeTlvs(ctl.setDataFormat.request, tlvs).linkLayer);
        default:
          return encodeResult(qmiErrors.invalidQmiCommand);
      }
    } catch (error) {
      this.context.log.debug("CTL request makes no sense", { detail: String(error) });
      return encodeResult(qmiErrors.malformedMessage);
    }
  }

  #allocate(service: number): Buffer {
    const name = serviceNamed(service);
    const isServed = versions.some((version) => version.service === service && service !== services.ctl);
    if (name === undefined || !isServed) return encodeResult(qmiErrors.invalidServiceType);
    const client = this.#clients.allocate(name);
    if (client === undefined) return encodeResult(qmiErrors.clientIdsExhausted);
    return success(encodeTlvs(ctl.allocateClient.response, { allocated: { service, client: client.id } }));
  }

  #release(tlvs: Buffer): Buffer {
    const { released } = decodeTlvs(ctl.releaseClient.request, tlvs);
    const name = serviceNamed(released.service);
    const client = name === undefined ? undefined : this.#clients.find(name, released.client);
    if (client === undefined) return encodeResult(qmiErrors.invalidClientId);
    this.#endCallOf(client);
    this.#clients.release(client);
    return success(encodeTlvs(ctl.releaseClient.response, { released }));
  }

  #setDataFormat(linkLayer: string): Buffer {
    const wanted = linkLayer === "rawIp" ? "raw-ip" : "ethernet";
    const { dataLink } = this.context;
    if (!dataLink.setLinkProtocol(wanted)) return encodeResult(qmiErrors.invalidDataFormat);
    return success(
      encodeTlvs(ctl.setDataFormat.response, { linkLayer: dataLink.linkProtocol === "raw-ip" ? "rawIp" : "ethernet" }),
    );
  }

  /** Answers that are owed to nobody any more go with the clients, and so do their calls. */
  #releaseAll(): void {
    this.#owed.drop();
    for (const client of this.#clients) this.#endCallOf(client);
    this.#clients.clear();
  }

  #endCallOf({ call }: Client): void {
    if (call !== undefined) this.context.machine.send({ type: "disconnect", id: call.sessionId });
  }

  /** The answer that a call has begun goes before the word that it is connected, as on most firmware. */
  #happened(happening: Happening): void {
    if (happening.event.type === "forgetHost") {
      this.#forget();
      return;
    }
    if (happening.event.type === "takeClientIds") this.#clients.takeAll();
    this.#owed.happened(happening);
    for (const { indication, client, tlvs } of indicationsOf(this.context.machine.profile, happening, this.#clients)) {
      const { service, id } = indication;
      this.#send({ kind: "indication", service: services[service], client: client.id, transaction: 0, id, tlvs });
      if (indication === signalInfoChanged) client.toldDbm = signalOf(happening.outcome.state);
    }
    for (const client of this.#clients)
      if (happening.outcome.ended.some(({ id }) => id === client.call?.sessionId)) client.call = undefined;
  }

  /** Nobody is a client any more, and all are told. */
  #forget(): void {
    this.#owed.drop();
    this.#clients.clear();
    const tlvs = encodeTlvs(ctl.synced.indication, {});
    this.#send({ kind: "indication", service: services.ctl, client: 0, transaction: 0, id: ctl.synced.id, tlvs });
  }

  #send(message: QmiMessage): void {
    this.line.send(encodeFrame(message));
  }
}

const success = (tlvs: Buffer): Buffer => Buffer.concat([encodeResult(0), tlvs]);
