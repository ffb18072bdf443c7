import { EventEmitter } from "eventemitter3";
import { DomainRefusal, type Ussd, type UssdNotices, type UssdPartState } from "../../../src/modem/api.js";
import { FakePart } from "./part.js";
import { Script } from "./script.js";

/** A network with one menu. */
export class FakeUssd extends FakePart<UssdPartState> implements Ussd {
  readonly script = new Script();
  readonly notices = new EventEmitter<UssdNotices>();

  constructor() {
    super({ dialogue: "idle" });
  }

  initiate(code: string): Promise<string> {
    this.become({ dialogue: "active" });
    return this.script.run(() =>
      this.#says(code === "*111#" ? "1 Balance\n2 PIN" : "Balance: 5 \u20ac", code === "*111#"),
    );
  }

  respond(text: string): Promise<string> {
    if (this.state.dialogue !== "user-response") throw new DomainRefusal("notActive", "nothing is asked");
    return this.script.run(() => this.#says(`you said ${text}`, false));
  }

  async cancel(): Promise<void> {
    if (this.state.dialogue === "idle") throw new DomainRefusal("notActive", "no dialogue");
    this.become({ dialogue: "idle" });
  }

  /** The network begins. */
  begin(kind: keyof UssdNotices, text: string): void {
    this.notices.emit(kind, text);
    if (kind === "request") this.become({ dialogue: "user-response" });
  }

  #says(text: string, asks: boolean): string {
    this.become({ dialogue: asks ? "user-response" : "idle" });
    return text;
  }
}
