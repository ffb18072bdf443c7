/** One AT port of the modem: the device's end of a conversation in lines. @see ITU-T V.250 5 */
import { errorName } from "../../../at/errors.js";
import type { Happening } from "../../machine.js";
import type { Face, FaceContext, HostLine, HostLines } from "../face.js";
import { OwedAnswers } from "../owed.js";
import { type Answer, answerOf, no, ok, type Reply } from "./answer.js";
import { type Command, commandsOf } from "./command-line.js";
import { type Dialect, dialectOf } from "./dialects.js";
import { operatorScan } from "./network.js";
import { PortCall } from "./port-call.js";
import { freshSettings } from "./port-settings.js";
import { PromptedText } from "./prompted-text.js";
import { type FamilyNews, newsOf } from "./urcs.js";

/** A line longer than any real modem takes is refused. */
const maxLineChars = 4096;
/** Lines that wait while an earlier one is worked on; more are lost, as in a modem's buffer. */
const maxWaitingLines = 32;

/** `ATV0` knows the ones of these that are used here. */
const numbers: Readonly<Record<string, string>> = { OK: "0", CONNECT: "1", ERROR: "4", "NO CARRIER": "3" };

export class AtFunction implements Face {
  readonly #dialect: Dialect;
  #settings = freshSettings();
  readonly #owed: OwedAnswers<Answer>;
  readonly #unwatch: () => void;
  #line = "";
  #isWorking = false;
  readonly #waiting: string[] = [];
  /** Nothing on the line is a command before it has ended. */
  #prompted: PromptedText | undefined;
  readonly #call: PortCall;

  /** @param multiplex Frames on the line from now on; absent: a port that cannot be multiplexed. */
  constructor(
    private readonly line: HostLine,
    private readonly context: FaceContext,
    private readonly multiplex?: (maxInfoBytes: number) => void,
  ) {
    this.#dialect = dialectOf(context.machine.profile);
    this.#owed = new OwedAnswers(context.machine);
    this.#call = new PortCall(line, context, (result) => this.#result(result));
    this.#unwatch = context.machine.watch((happening) => this.#happened(happening));
  }

  /** Hosts write a command in as many pieces as they like, so that it is echoed piece by piece and answered at its CR. */
  feed(bytes: Buffer): void {
    if (this.#call.carriesData) {
      this.#call.feed(bytes);
      return;
    }
    if (this.#settings.echo) this.line.send(bytes);
    for (const char of bytes.toString("latin1")) this.#hear(char);
  }

  /** Where &D2 holds, as it does by default in modems: DTR ends a call. @see ITU-T V.250 6.2.8 */
  setLines({ dtr }: HostLines): void {
    if (!dtr) this.#call.drop();
  }

  hostLeft(): void {
    this.#call.hangUp();
    this.#line = "";
    this.#prompted = undefined;
    this.#waiting.length = 0;
    this.#owed.drop();
    this.#isWorking = false;
  }

  reset(): void {
    this.hostLeft();
    this.#settings = freshSettings();
  }

  close(): void {
    this.#unwatch();
    this.hostLeft();
  }

  #hear(char: string): void {
    if (this.#prompted !== undefined) {
      this.#prompted.hear(char);
      return;
    }
    switch (char) {
      case "\r":
        this.#enter(this.#line);
        this.#line = "";
        break;
      case "\b":
        this.#line = this.#line.slice(0, -1);
        break;
      case "\n":
      case "\x1b":
        break;
      default:
        if (this.#line.length <= maxLineChars) this.#line += char;
    }
  }

  #enter(line: string): void {
    if (this.#isWorking) {
      if (this.#waiting.length < maxWaitingLines) this.#waiting.push(line);
      return;
    }
    try {
      const commands = line.length > maxLineChars ? [] : commandsOf(line);
      if (line.length > maxLineChars) this.#result("ERROR");
      else if (commands !== undefined) this.#work(commands);
    } catch (error) {
      this.context.log.debug("a line that is no command", { detail: String(error) });
      this.#result("ERROR");
    }
  }

  /** One after the other; the first refusal ends the line. @see ITU-T V.250 5.2.3 */
  #work(commands: readonly Command[]): void {
    const [first, ...rest] = commands;
    if (first === undefined) {
      this.#result("OK");
      return;
    }
    this.#isWorking = true;
    this.#owe(this.#reply(first), (answer) => {
      if ("prompt" in answer) this.#prompt(answer.prompt);
      else this.#answered(answer, rest);
    });
  }

  #answered(answer: Exclude<Answer, { prompt: unknown }>, rest: readonly Command[]): void {
    this.#isWorking = false;
    if ("error" in answer) this.#result(this.#errorText(answer.error));
    else if ("dial" in answer) this.#connect(answer.dial);
    else if ("multiplex" in answer) this.#multiplex(answer.multiplex.maxInfoBytes);
    else {
      this.#information(answer.lines);
      this.#work(rest);
    }
    this.#nextLine();
  }

  /** ESC takes the command back, as if it had never been. @see 3GPP TS 27.005 3.5.1 */
  #prompt(taken: (text: string) => Answer): void {
    this.#prompted = new PromptedText((text) => {
      this.#prompted = undefined;
      const answer = text === undefined ? ok() : taken(text);
      if (!("prompt" in answer)) this.#answered(answer, []);
    });
    this.#send("\r\n> ");
  }

  #nextLine(): void {
    if (this.#isWorking) return;
    const line = this.#waiting.shift();
    if (line === undefined) return;
    this.#enter(line);
    this.#nextLine();
  }

  /** What was said in between is lost. @see ITU-T V.250 6.3.1 */
  #connect(cid: number): void {
    this.#result("CONNECT");
    this.#line = "";
    this.#waiting.length = 0;
    this.#call.begin(cid);
  }

  #multiplex(maxInfoBytes: number): void {
    this.#result("OK");
    this.#line = "";
    this.#waiting.length = 0;
    this.multiplex?.(maxInfoBytes);
  }

  #reply(command: Command): Reply {
    const { machine } = this.context;
    const isLine = this.multiplex !== undefined;
    const serving = { machine, context: this.context, settings: this.#settings, isLine };
    if (command.name === operatorScan.name && command.form === "test") return operatorScan.handler(serving, []);
    if (command.name === "H") this.#call.hangUp();
    // There is one call on a port; whoever left it behind ends it first.
    if (command.name === "D" && this.#call.isOn) return no("ERROR");
    const row = this.#dialect.rows.get(command.name);
    return row === undefined ? no(this.#dialect.unknown) : answerOf(row, command, serving);
  }

  #owe(reply: Reply, finish: (answer: Answer) => void): void {
    if ("later" in reply) this.#owed.owe({ is: "later", poll: reply.later }, finish);
    else if ("afterMs" in reply) this.#owed.owe({ is: "after", delayMs: reply.afterMs, answer: reply.answer }, finish);
    else this.#owed.owe({ is: "now", answer: reply }, finish);
  }

  #errorText(error: number | string): string {
    if (typeof error === "string") return error;
    if (this.#settings.errors === 0) return "ERROR";
    return `+CME ERROR: ${this.#settings.errors === 1 ? error : errorName("cme", error)}`;
  }

  #result(text: string): void {
    const { quiet, verbose } = this.#settings;
    if (quiet) return;
    this.#send(verbose ? `\r\n${text}\r\n` : `${numbers[text] ?? text}\r`);
  }

  /** @see ITU-T V.250 5.7.1, table 2 (ATV) */
  #information(lines: readonly string[]): void {
    if (lines.length > 0) this.#send(`${this.#settings.verbose ? "\r\n" : ""}${lines.join("\r\n")}\r\n`);
  }

  #send(text: string): void {
    this.line.send(Buffer.from(text, "latin1"));
  }

  /** Vendors tell their own news on the port for the user interface only. */
  get #vendorNews(): FamilyNews {
    const { port, machine } = this.context;
    const { news } = this.#dialect;
    const forUser = machine.profile.at?.ports?.PCUI;
    return port === undefined || forUser === undefined || port === forUser ? news : { ...news, changes: () => [] };
  }

  #happened(happening: Happening): void {
    this.#owed.happened(happening);
    if (this.#call.carriesData) return;
    for (const news of newsOf(happening, this.#settings, this.#vendorNews)) this.#send(`\r\n${news}\r\n`);
  }
}
