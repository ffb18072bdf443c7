/**
 * The questions to one plugged-in device. Its control port comes first; AT ports of a modem that has another one are asked
 * a while after that one has answered, so that nothing is in the way of its use. A serial modem's ports are asked all at once.
 */
import { type Clock, deadline, sleep } from "../runtime/clock.js";
import { errorText, ModemError } from "../runtime/error.js";
import {
  type Answered,
  atCandidates,
  type HeardPorts,
  isWrongProtocol,
  type ModemVerdict,
  obstacle,
  type ProtocolTry,
  protocolsToTry,
} from "./ask.js";
import type { Protocol } from "./kernel-drivers.js";
import type { Hearing } from "./port-roles.js";
import type { PortAnswer, PortProber, PortQuestion } from "./probe.js";
import { type PortSnapshot, portPath } from "./snapshot.js";

export interface InterviewSetup {
  readonly prober: PortProber;
  readonly clock: Clock;
  /** There is news. */
  readonly changed: () => void;
}

type Outcome =
  | { readonly is: "answer"; readonly answer: PortAnswer; readonly protocol: Protocol }
  | { readonly is: "failure"; readonly error: unknown };

interface Question {
  readonly abort: AbortController;
  /** Undefined while it is being asked. */
  outcome: Outcome | undefined;
}

/** More than the prober takes for a port that answers. */
const atMs = 20_000;
/** A serial port whose modem is still booting is silent: half a minute together, as long as nobody answers. */
const mostRounds = 5;
const roundPauseMs = 1_000;
/** A modem that is used as soon as it is known is registered by then: nobody waits for what its other ports say. */
const portsRestMs = 5_000;

export class Interview {
  /** `about`: which port in which protocol; another one is asked anew. */
  #control: (Question & { readonly about: string }) | undefined;
  readonly #ports = new Map<string, Question>();
  /** Of the AT ports of a modem that has another control port. */
  #rest: "not begun" | "resting" | "over" = "not begun";
  #cancelRest: () => void = () => undefined;

  constructor(private readonly setup: InterviewSetup) {}

  /**
   * Asks what is there to ask and was not asked yet; called at each look.
   * @param isComplete The kernel has finished with the device: a control port may still come before that.
   */
  go(verdict: ModemVerdict, isComplete: boolean): void {
    if (verdict.protocol !== "at") this.#askControl(verdict, protocolsToTry(verdict));
    if (!isComplete || !this.#isPortsTurn(verdict)) return;
    this.#askPorts(verdict);
    if (verdict.protocol === "at" && this.#isMute(verdict)) this.#askControl(verdict, protocolsToTry(verdict).slice(1));
  }

  #isPortsTurn({ protocol }: ModemVerdict): boolean {
    const control = this.#control?.outcome;
    if (protocol === "at" || control?.is === "failure") return true;
    if (control === undefined) return false;
    if (this.#rest === "not begun") this.#beginRest();
    return this.#rest === "over";
  }

  #beginRest(): void {
    this.#rest = "resting";
    this.#cancelRest = this.setup.clock.after(portsRestMs, () => {
      this.#rest = "over";
      this.setup.changed();
    });
  }

  /** Nobody answers AT commands; a control device may speak something else. */
  #isMute({ control }: ModemVerdict): boolean {
    const outcome = this.#ports.get(control.name)?.outcome;
    const isSilent = outcome?.is === "failure" && isWrongProtocol(outcome.error);
    return control.kind === "wdm" && isSilent && !this.#isAskingPorts && !this.#isAnswered;
  }

  /** Whether an answer is awaited that the modem's use depends on. */
  isAsking(verdict: ModemVerdict): boolean {
    const isAskingControl = this.#control !== undefined && this.#control.outcome === undefined;
    return isAskingControl || (verdict.protocol === "at" && this.#isAskingPorts && !this.#isPortFound(verdict));
  }

  /**
   * All ports of known use have spoken, one of them AT: what the others say, and a silent one says nothing for seconds,
   * changes nothing. Without a network interface one of those may have to carry PPP.
   */
  #isPortFound({ unknown, net }: ModemVerdict): boolean {
    const known = [...this.#ports].filter(([name]) => !unknown.some((port) => port.name === name));
    const isDecided = known.every(([, { outcome }]) => outcome !== undefined);
    return net !== undefined && isDecided && known.some(([, { outcome }]) => outcome?.is === "answer");
  }

  /** Undefined while it is asked, and when nobody could be. */
  answered(verdict: ModemVerdict): Answered | undefined {
    const control = this.#control?.outcome;
    const ports = [...this.#ports.values()].flatMap(({ outcome }) => outcome ?? []);
    const asked = [...(control ? [control] : []), ...ports];
    const deciding = verdict.protocol === "at" ? asked : asked.slice(0, control ? 1 : 0);
    if (this.isAsking(verdict) || deciding.length === 0) return undefined;
    const answers = asked.flatMap((outcome) => (outcome.is === "answer" ? [outcome.answer] : []));
    const told = (key: "imei" | "manufacturer" | "model") => answers.find((answer) => answer[key] !== undefined)?.[key];
    const failures = deciding.flatMap((outcome) => (outcome.is === "failure" ? [errorText(outcome.error)] : []));
    const leading = deciding.find((outcome) => outcome.is === "answer");
    return {
      ...{ imei: told("imei"), manufacturer: told("manufacturer"), model: told("model") },
      protocol: leading?.protocol ?? verdict.protocol,
      failure: leading === undefined ? failures.join("; ") : undefined,
    };
  }

  /** By port name, what each AT port said so far. */
  get heard(): HeardPorts {
    return new Map(
      [...this.#ports].flatMap(([name, { outcome }]) => (outcome === undefined ? [] : [[name, hearingOf(outcome)]])),
    );
  }

  /** Nobody waits for an answer any more. */
  end(reason: ModemError): void {
    this.#cancelRest();
    for (const question of [this.#control, ...this.#ports.values()]) question?.abort.abort(reason);
  }

  get #isAskingPorts(): boolean {
    return [...this.#ports.values()].some(({ outcome }) => outcome === undefined);
  }

  get #isAnswered(): boolean {
    return [this.#control, ...this.#ports.values()].some((question) => question?.outcome?.is === "answer");
  }

  #askControl(verdict: ModemVerdict, tries: readonly ProtocolTry[]): void {
    const about = `${verdict.protocol} ${verdict.control.name}`;
    if (this.#control?.about === about) return;
    this.#control?.abort.abort(new ModemError("aborted", "there is a better port to ask"));
    const question = { about, abort: new AbortController(), outcome: undefined };
    this.#control = question;
    this.#settle(question, this.#tryEach(verdict, tries, question.abort.signal));
  }

  /** Of a port that answers nobody the first protocol's failure is told: that is the one it is said to speak. */
  async #tryEach(verdict: ModemVerdict, tries: readonly ProtocolTry[], signal: AbortSignal): Promise<Outcome> {
    let failed: Outcome | undefined;
    for (const { protocol, timeoutMs } of tries) {
      const question = { path: portPath(verdict.control), protocol, net: verdict.net?.name };
      const outcome = await this.#ask(question, timeoutMs, signal);
      if (outcome.is === "answer") return outcome;
      failed ??= outcome;
      if (signal.aborted || !isWrongProtocol(outcome.error)) break;
    }
    return failed ?? { is: "failure", error: new ModemError("unsupported", "there is nothing to ask in") };
  }

  #askPorts(verdict: ModemVerdict): void {
    const candidates = this.setup.prober.protocols.has("at") ? atCandidates(verdict) : [];
    const present = new Set(candidates.map(({ name }) => name));
    for (const [name, { abort }] of this.#ports) {
      if (present.has(name)) continue;
      this.#ports.delete(name);
      abort.abort(new ModemError("unplugged", `${name} is gone`));
    }
    for (const port of candidates) {
      if (obstacle(port) !== undefined || this.#ports.has(port.name)) continue;
      const question = { abort: new AbortController(), outcome: undefined };
      this.#ports.set(port.name, question);
      this.#settle(question, this.#askPort(port, verdict, question.abort.signal));
    }
  }

  async #askPort(port: PortSnapshot, { net }: ModemVerdict, signal: AbortSignal): Promise<Outcome> {
    const question = { path: portPath(port), protocol: "at", net: net?.name } as const;
    for (let round = 1; ; round++) {
      const outcome = await this.#ask(question, atMs, signal);
      const isOver = outcome.is === "answer" || !isWrongProtocol(outcome.error) || round === mostRounds;
      if (isOver || this.#isAnswered) return outcome;
      await sleep(this.setup.clock, roundPauseMs, signal);
      if (this.#isAnswered) return outcome;
    }
  }

  async #ask(question: PortQuestion, timeoutMs: number, parent: AbortSignal): Promise<Outcome> {
    const late = () => new ModemError("timeout", `no answer within ${timeoutMs / 1000} s`);
    const wait = deadline(this.setup.clock, timeoutMs, parent, late);
    try {
      const answer = await this.setup.prober.ask(question, wait.signal);
      return { is: "answer", answer, protocol: question.protocol };
    } catch (error) {
      return { is: "failure", error: wait.signal.aborted ? wait.signal.reason : error };
    } finally {
      wait.release();
    }
  }

  /** An abort is no news: whoever aborted knows. */
  #settle(question: Question, asking: Promise<Outcome>): void {
    const settled = (outcome: Outcome) => {
      if (question.abort.signal.aborted) return;
      question.outcome = outcome;
      this.setup.changed();
    };
    asking.then(settled, (error: unknown) => settled({ is: "failure", error }));
  }
}

function hearingOf(outcome: Outcome): Hearing & { readonly answer?: PortAnswer } {
  if (outcome.is === "answer") return { is: "at", answer: outcome.answer };
  const { error } = outcome;
  if (isWrongProtocol(error)) return { is: "silent" };
  if (error instanceof ModemError && error.code === "unsupported") return { is: "nmea" };
  return { is: "not asked", because: errorText(error) };
}
