/** Registration: what each domain tells unasked, and questions. @see 3GPP TS 27.007 7.2, 7.3 */
import { extendedError } from "../../at/replies/ceer.js";
import { operatorCode, operatorName, operatorScan } from "../../at/replies/cops.js";
import { type RegistrationDomain, registrationDomains, registrationQuery } from "../../at/replies/creg.js";
import { networkRejectOf } from "../../at/replies/rejinfo.js";
import { networkCause, networkCauseNamed } from "../../codec/network-cause.js";
import type { RegistrationPort } from "../../modem/ports.js";
import type { Operator, Registration } from "../../modem/types.js";
import { type FailureCause, ModemError } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import { Again } from "./again.js";
import { type Chat, isRefusal } from "./chat.js";
import { operatorsOf, operatorTold } from "./operators.js";
import {
  type Domains,
  isServed,
  type RegistrationFacts,
  refusalOf,
  registrationOf,
  type ServingOperator,
  servedBy,
} from "./registration-state.js";

export interface RegistrationContext {
  readonly chat: Chat;
  readonly log: Log;
  readonly ended: AbortSignal;
  /** The modem may have NR. */
  readonly has5g: boolean;
  readonly explainsRefusals: boolean;
  told(registration: Registration): void;
  /** A domain that carries packets comes or goes. */
  packetsMoved(): void;
  /** Nothing serves any more. */
  lost(): void;
}

/** Longer than the domain waits: an abandoned search must not keep the port much longer. */
const selectionMs = 65_000;

/** What the operator is looked up anew for. */
const placeOf = (domains: Domains): string => {
  const { status, domain, report } = servedBy(domains);
  return [status, domain, report?.act, report?.areaCode].join();
};

export class AtRegistration implements RegistrationPort {
  #domains: Domains = {};
  #isManual = false;
  #operator: (ServingOperator & { readonly place: string }) | undefined;
  #refusal: FailureCause | undefined;
  #known: readonly RegistrationDomain[] = [];
  #told = "";
  readonly #completion: Again;
  readonly #refresh: Again;

  constructor(private readonly context: RegistrationContext) {
    const { log, ended } = context;
    this.#completion = new Again({ what: "operator", log, signal: ended, ask: (isLatest) => this.#complete(isLatest) });
    this.#refresh = new Again({
      ...{ what: "registration", log, signal: ended },
      ask: async () => {
        await this.state(ended);
        this.#tell();
      },
    });
  }

  get facts(): RegistrationFacts {
    return { domains: this.#domains, isManual: this.#isManual, operator: this.#operator, refusal: this.#refusal };
  }

  get current(): Registration {
    return registrationOf(this.facts);
  }

  /** Makes each domain tell by itself, with the network's cause where the firmware has that. */
  async begin(signal: AbortSignal): Promise<void> {
    const { chat, has5g } = this.context;
    const known: RegistrationDomain[] = [];
    for (const domain of registrationDomains) {
      if (domain === "+C5GREG" && !has5g) continue;
      const withCause = domain !== "+CREG" && (await chat.tellIfKnown({ text: `AT${domain}=3` }, signal));
      if (withCause || (await chat.tellIfKnown({ text: `AT${domain}=2` }, signal))) known.push(domain);
    }
    this.#known = known;
    if (known.length === 0) throw new ModemError("unsupported", "the modem tells of no registration");
  }

  /** News may have been missed. */
  refresh(): void {
    this.#refresh.request();
  }

  /** What a domain tells unasked. */
  hears(domain: RegistrationDomain, report: Domains[RegistrationDomain]): void {
    const before = this.#domains;
    this.#domains = { ...before, [domain]: report };
    if (domain !== "+CREG" && before[domain]?.stat !== report?.stat) this.context.packetsMoved();
    if (isServed(before) && !isServed(this.#domains)) this.context.lost();
    if (this.#isComplete()) this.#tell();
    else this.#completion.request();
  }

  /** ^REJINFO. @throws RangeError when it cannot be read */
  hearsReject(line: string): void {
    const reject = networkRejectOf(line);
    if (reject === undefined) return;
    this.#refusal = networkCause(reject.isEps ? "emm" : "gmm", reject.cause);
    if (servedBy(this.#domains).status === "denied") this.#tell();
  }

  /** What the modem tells meanwhile is newer than its answer, and is what is returned. */
  async state(signal: AbortSignal): Promise<Registration> {
    let answers = 0;
    for (const domain of this.#known) {
      const report = await this.context.chat.askIfAble(registrationQuery(domain), signal);
      if (report === undefined) continue;
      answers += 1;
      this.#domains = { ...this.#domains, [domain]: report };
      if (isServed(this.#domains)) break;
    }
    if (answers === 0) throw new ModemError("refused", "the modem does not say whether it is registered");
    await this.#readOperator(signal);
    return this.current;
  }

  registerAutomatically(signal: AbortSignal): Promise<void> {
    return this.#select("AT+COPS=0", signal);
  }

  async registerManually(mcc: string, mnc: string, signal: AbortSignal): Promise<void> {
    const plmn = mcc + mnc;
    if (!/^[0-9]{5,6}$/.test(plmn)) throw new ModemError("invalid", `${plmn} is no PLMN`);
    await this.#select(`AT+COPS=1,2,"${plmn}"`, signal);
  }

  async scan(signal: AbortSignal): Promise<readonly Operator[]> {
    return operatorsOf(await this.context.chat.ask(operatorScan, signal));
  }

  async #select(text: string, signal: AbortSignal): Promise<void> {
    try {
      await this.context.chat.tell({ text, timeoutMs: selectionMs }, signal);
    } catch (error) {
      const failure = isRefusal(error) ? refusalOf(this.#domains, this.#refusal) : undefined;
      throw failure === undefined
        ? error
        : new ModemError("denied", "registration was refused", { failure, cause: error });
    }
  }

  /** Nothing needs to be asked before it can be told. */
  #isComplete(): boolean {
    const { status } = servedBy(this.#domains);
    if (isServed(this.#domains)) return this.#operator?.place === placeOf(this.#domains);
    this.#operator = undefined;
    const isExplained = !this.context.explainsRefusals || refusalOf(this.#domains, this.#refusal) !== undefined;
    return status !== "denied" || isExplained;
  }

  async #complete(isLatest: () => boolean): Promise<void> {
    const { ended } = this.context;
    if (isServed(this.#domains)) await this.#readOperator(ended);
    else await this.#readRefusal(ended);
    if (isLatest()) this.#tell();
  }

  async #readOperator(signal: AbortSignal): Promise<void> {
    const { chat } = this.context;
    const place = placeOf(this.#domains);
    const code = await chat.askIfAble(operatorCode, signal);
    if (code !== undefined) this.#isManual = code.isManual;
    if (!isServed(this.#domains)) return;
    this.#refusal = undefined;
    const isNamed = this.#operator?.place === place && this.#operator.plmn === code?.name;
    if (isNamed) return;
    this.#operator = { ...operatorTold(code, await chat.askIfAble(operatorName, signal)), place };
  }

  async #readRefusal(signal: AbortSignal): Promise<void> {
    const said = await this.context.chat.askIfAble(extendedError, signal);
    if (said === undefined) return;
    const { layer, name, number } = said;
    this.#refusal = name === undefined ? networkCause(layer, number ?? 0) : networkCauseNamed(layer, name);
  }

  #tell(): void {
    const { current } = this;
    const text = JSON.stringify(current);
    if (text === this.#told) return;
    this.#told = text;
    if (current.status !== "denied" && current.status !== "searching") this.#refusal = undefined;
    this.context.told(current);
  }
}
