/** The MBIM function: the device's end of the control channel. @see MBIM 1.0 9 */
import { encodeFrames, type MbimMessage, type ProtocolErrorName, protocolErrors } from "../../../mbim/frame.js";
import { MbimReceiver } from "../../../mbim/receive.js";
import * as bc from "../../../mbim/services/basic-connect.js";
import { qmiMessage, qmiService } from "../../../mbim/services/qmi.js";
import { status } from "../../../mbim/status.js";
import type { Happening } from "../../machine.js";
import { lacks } from "../../model/profile.js";
import { signalOf } from "../../model/state.js";
import type { Face, FaceContext, HostLine } from "../face.js";
import { OwedAnswers } from "../owed.js";
import { type Conversation, type EncodedAnswer, ok, type Service, serve } from "./answer.js";
import { dataServices } from "./data.js";
import { codedRssi } from "./describe.js";
import { extensionServices } from "./extensions.js";
import { identityServices } from "./identity.js";
import { type Indication, indicationsOf } from "./indications.js";
import { networkServices, networkServicesV2 } from "./network.js";
import { optionServices } from "./options.js";
import { QmiInMbim } from "./qmi.js";
import { smsServices } from "./sms.js";
import { everything, wants } from "./subscriptions.js";
import { uiccServices } from "./uicc.js";
import { ussdServices } from "./ussd.js";

const newConversation = (): Conversation => ({
  subscriptions: everything,
  signalReporting: { signalStrengthInterval: 0, rssiThreshold: 1, errorRateThreshold: 0 },
  toldRssi: undefined,
  hasV2: false,
  terminalCapabilities: [],
});

/** The smallest transfer a host may offer; below it no command fits. @see MBIM 1.0 6.4 */
const minMaxControlBytes = 64;

const qmiAddress = { service: qmiService, cid: qmiMessage.cid } as const;

const keyOf = ({ service, cid }: { readonly service: string; readonly cid: number }): string => `${service}/${cid}`;

const deviceServices: Service = serve(bc.deviceServices, {
  query: ({ machine }) => {
    const own = [...services.values()].map(({ command }) => command);
    const commands = machine.profile.device.qmiOverMbim === true ? [...own, qmiMessage] : own;
    const cidsOf = (wanted: string) =>
      commands
        .filter(({ service }) => service === wanted)
        .map(({ cid }) => cid)
        .sort((a, b) => a - b);
    const names = [...new Set(commands.map(({ service }) => service))];
    return ok({
      maxDssSessions: 0,
      services: names.map((service) => ({ service, dssPayload: [], maxDssInstances: 0, cids: cidsOf(service) })),
    });
  },
});

const byKey = (rows: readonly Service[]): ReadonlyMap<string, Service> =>
  new Map(rows.map((service) => [keyOf(service.command), service]));

const services = byKey([
  ...identityServices,
  ...networkServices,
  ...dataServices,
  ...extensionServices,
  ...uiccServices,
  ...ussdServices,
  ...optionServices,
  ...smsServices,
  deviceServices,
]);
const servicesV2 = byKey([...services.values(), ...networkServicesV2]);

export class MbimFunction implements Face {
  #receiver: MbimReceiver;
  readonly #owed: OwedAnswers<EncodedAnswer>;
  readonly #unwatch: () => void;
  #conversation = newConversation();
  readonly #qmi: QmiInMbim | undefined;
  /** Undefined while closed. */
  #maxFrameBytes: number | undefined;

  constructor(
    private readonly line: HostLine,
    private readonly context: FaceContext,
  ) {
    const { machine } = context;
    this.#owed = new OwedAnswers(machine);
    this.#receiver = this.#newReceiver();
    this.#unwatch = machine.watch((happening) => this.#happened(happening));
    if (machine.profile.device.qmiOverMbim === true)
      this.#qmi = new QmiInMbim(context, (frame) => this.#indicate({ ...qmiAddress, payload: frame }));
  }

  /** Bytes from the host, cut as they come. */
  feed(bytes: Buffer): void {
    this.#receiver.feed(bytes);
  }

  /** The host's program went away in the middle of whatever it said. The conversation itself stays open, as it does on USB. */
  hostLeft(): void {
    this.#receiver.close();
    this.#receiver = this.#newReceiver();
  }

  /** RESET_FUNCTION. @see MBIM 1.0 8.1 */
  reset(): void {
    this.hostLeft();
    this.line.flush();
    this.#reset();
  }

  close(): void {
    this.#forget();
    this.#unwatch();
    this.#qmi?.close();
    this.#receiver.close();
  }

  #newReceiver(): MbimReceiver {
    const { machine, log } = this.context;
    return new MbimReceiver("bytes", machine.clock, {
      message: (message) => this.#message(message),
      fault: (transaction, error, detail) => {
        log.debug("the host broke the protocol", { transaction, error, detail });
        this.#functionError(transaction, error);
      },
      garbage: (bytes) => log.debug("bytes that are no MBIM message", { bytes }),
    });
  }

  #message(message: MbimMessage): void {
    const { transaction } = message;
    if (message.type === "open") this.#open(transaction, message.maxControlTransfer);
    else if (message.type === "hostError")
      this.context.log.debug("the host reports an error", { error: message.error });
    // A function's own message types make no sense towards a function.
    else if (message.type !== "close" && message.type !== "command") this.#functionError(transaction, "unknown");
    else if (this.#maxFrameBytes === undefined) this.#functionError(transaction, "notOpened");
    else if (message.type === "close") this.#close(transaction);
    else this.#command(message);
  }

  #open(transaction: number, maxControlTransfer: number): void {
    this.line.flush();
    this.#reset();
    if (maxControlTransfer >= minMaxControlBytes) {
      this.#maxFrameBytes = Math.min(maxControlTransfer, this.context.machine.profile.device.maxControlBytes);
    }
    const answer = this.#maxFrameBytes === undefined ? status.invalidParameters : status.success;
    this.#send({ type: "openDone", transaction, status: answer });
  }

  #close(transaction: number): void {
    this.#reset();
    this.#send({ type: "closeDone", transaction, status: status.success });
  }

  /** Sessions end with the conversation that began them. */
  #reset(): void {
    this.#forget();
    this.context.machine.send({ type: "hostReset" });
  }

  #forget(): void {
    this.#maxFrameBytes = undefined;
    this.#conversation = newConversation();
    this.#owed.drop();
  }

  #command(message: MbimMessage & { readonly type: "command" }): void {
    const { transaction, service, cid, action, payload } = message;
    const finish = (answer: EncodedAnswer) => this.#send({ type: "commandDone", transaction, service, cid, ...answer });
    if (service === qmiService && action === "set" && this.#qmi !== undefined) {
      this.#qmi.request(payload, (frame) => finish({ status: status.success, payload: frame }));
      return;
    }
    const served = (this.#conversation.hasV2 ? servicesV2 : services).get(keyOf(message));
    const handle = served?.[action];
    if (handle === undefined || lacks(this.context.machine.profile, served?.command.name)) {
      finish({ status: status.noDeviceSupport, payload: Buffer.alloc(0) });
      return;
    }
    const { machine, counts, restart, log } = this.context;
    const reply = handle({ machine, conversation: this.#conversation, counts, restart }, payload);
    if (reply.is === "malformed") {
      log.debug("InformationBuffer makes no sense", { cid, detail: reply.detail });
      finish({ status: status.invalidParameters, payload: Buffer.alloc(0) });
    } else this.#owed.owe(reply, finish);
  }

  /** Indications go before the answers they belong to, as on most firmware; hosts must cope with either. */
  #happened(happening: Happening): void {
    if (happening.event.type === "forgetHost") this.#forget();
    if (this.#maxFrameBytes === undefined) return;
    const { machine } = this.context;
    for (const indication of indicationsOf(machine.profile, happening, this.#conversation)) {
      if (indication.cid === bc.signalState.cid && indication.service === bc.signalState.service)
        this.#conversation.toldRssi = codedRssi(signalOf(machine.state));
      this.#indicate(indication);
    }
    this.#owed.happened(happening);
  }

  #indicate(indication: Indication): void {
    if (this.#maxFrameBytes === undefined) return;
    if (!wants(this.#conversation.subscriptions, indication.service, indication.cid)) return;
    this.#send({ type: "indicateStatus", transaction: 0, ...indication });
  }

  #functionError(transaction: number, error: ProtocolErrorName): void {
    this.#send({ type: "functionError", transaction, error: protocolErrors[error] });
  }

  #send(message: MbimMessage): void {
    const maxFrameBytes = this.#maxFrameBytes ?? this.context.machine.profile.device.maxControlBytes;
    for (const frame of encodeFrames(message, maxFrameBytes)) this.line.send(frame);
  }
}
