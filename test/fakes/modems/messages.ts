import { EventEmitter } from "eventemitter3";
import type { IncomingText, MessageEvents, Messages, MessagesState, OutgoingState } from "../../../src/modem/api.js";
import { DomainRefusal, type OutgoingMessage } from "../../../src/modem/api.js";
import { FakePart } from "./part.js";
import { Script } from "./script.js";

export class FakeOutgoing extends FakePart<OutgoingState> implements OutgoingMessage {
  constructor(
    readonly id: string,
    private readonly messages: FakeMessages,
  ) {
    super({ state: "pending" });
  }

  async cancel(): Promise<void> {
    if (this.state.state !== "pending") throw new DomainRefusal("notAvailable", "not pending");
    await this.messages.script.run(() => this.messages.end(this, "cancelled"));
  }
}

/** A queue that a test empties. */
export class FakeMessages extends FakePart<MessagesState> implements Messages {
  readonly script = new Script();
  readonly messageEvents = new EventEmitter<MessageEvents>();
  outgoing: readonly FakeOutgoing[] = [];
  #count = 0;

  constructor() {
    super({
      serviceCentre: "+15550100000",
      useDeliveryReports: false,
      bearer: "cs-preferred",
      alphabet: "default",
    });
  }

  send(recipient: string, _text: string): Promise<FakeOutgoing> {
    if (!/^\+?\d+$/.test(recipient)) return Promise.reject(new DomainRefusal("invalidFormat", "no number"));
    return this.script.run(() => {
      this.#count += 1;
      const message = new FakeOutgoing(this.#count.toString(16).toUpperCase().padStart(40, "0"), this);
      this.outgoing = [...this.outgoing, message];
      this.messageEvents.emit("added", message);
      return message;
    });
  }

  end(message: FakeOutgoing, state: OutgoingState["state"]): void {
    this.outgoing = this.outgoing.filter((one) => one !== message);
    message.become({ state });
    this.messageEvents.emit("removed", message);
  }

  arrive(kind: "incoming" | "immediate", text: IncomingText): void {
    this.messageEvents.emit(kind, text);
  }

  setServiceCentre(serviceCentre: string): Promise<void> {
    return this.script.run(() => this.become({ serviceCentre }));
  }

  setUseDeliveryReports(useDeliveryReports: boolean): Promise<void> {
    return this.script.run(() => this.become({ useDeliveryReports }));
  }

  setAlphabet(alphabet: string): Promise<void> {
    if (alphabet === "klingon") return Promise.reject(new DomainRefusal("invalidFormat", "no such alphabet"));
    return this.script.run(() => this.become({ alphabet }));
  }
}
