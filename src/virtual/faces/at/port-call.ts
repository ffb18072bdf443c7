/** The data call of one port: data, and commands beside it after an escape. @see ITU-T V.250 6.2.9, 6.3.5 (ATH) */
import type { FaceContext, HostLine } from "../face.js";
import { DialledCall } from "./data-mode.js";
import { EscapeWatch } from "./escape.js";
import { PppdCall } from "./pppd-call.js";

export class PortCall {
  #call: Pick<DialledCall, "feed" | "drop"> | undefined;
  /** It lives on while the port takes commands. */
  #isHeld = false;
  #escape: EscapeWatch | undefined;

  constructor(
    private readonly line: HostLine,
    private readonly context: FaceContext,
    private readonly tell: (result: "OK" | "NO CARRIER") => void,
  ) {}

  get isOn(): boolean {
    return this.#call !== undefined;
  }

  /** Nothing on the line is a command. */
  get carriesData(): boolean {
    return this.#call !== undefined && !this.#isHeld;
  }

  begin(cid: number): void {
    this.context.log.info("dialled", { port: this.context.port ?? 0, cid });
    this.#isHeld = false;
    this.#escape = new EscapeWatch(this.context.machine.clock, () => this.#hold());
    const over = () => {
      if (this.#forget()) this.tell("NO CARRIER");
    };
    const { startPppd } = this.context;
    this.#call =
      startPppd === undefined
        ? new DialledCall(cid, this.line, this.context, over)
        : new PppdCall(cid, this.line, this.context, startPppd, over);
  }

  feed(bytes: Buffer): void {
    if (this.context.ppp().line === "dead") return;
    this.#escape?.heard(bytes);
    this.#call?.feed(bytes);
  }

  /** DTR fell. */
  drop(): void {
    this.#call?.drop();
  }

  /** ATH, or the port goes: nothing is said of it. */
  hangUp(): void {
    const call = this.#call;
    this.#forget();
    call?.drop();
  }

  #hold(): void {
    this.#isHeld = true;
    this.tell("OK");
  }

  /** False: it was over already. */
  #forget(): boolean {
    const wasOn = this.isOn;
    this.#escape?.stop();
    this.#call = undefined;
    this.#isHeld = false;
    return wasOn;
  }
}
