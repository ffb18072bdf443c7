/** Network registration: status, name, strength, operators. Lives while the modem is online. */
import { errorText } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import { DomainRefusal, type NetworkRegistration, type RegistrationPartState } from "./api.js";
import type { CardState } from "./card-state.js";
import { deadlinesMs } from "./deadlines.js";
import type { Operations } from "./operations.js";
import { StatePart } from "./part.js";
import type { RegistrationPort, SignalPort } from "./ports.js";
import type { RegistrationAtPowerOn } from "./registration-at-power-on.js";
import type { StoredRegistration } from "./store.js";
import { signalSteps, strengthPercent } from "./strength.js";
import type { Operator, Registration, Signal } from "./types.js";

export interface RegistrationRoom {
  readonly port: RegistrationPort;
  readonly signal: SignalPort | undefined;
  readonly operations: Operations;
  /** Absent for a modem without SIM: nothing is remembered then. */
  readonly cardState: CardState | undefined;
  readonly log: Log;
  /** Where the modem was asked already. */
  readonly atPowerOn: RegistrationAtPowerOn | undefined;
  /** Resolves when nothing more important waits for the modem. */
  readonly quiet: Promise<void>;
  told(registration: Registration): void;
}

const unknown: Registration = { status: "unknown", mode: "auto" };

const isServed = ({ status }: Registration): boolean => status === "registered" || status === "roaming";

export class RegistrationPart extends StatePart<RegistrationPartState> implements NetworkRegistration {
  readonly operators = new StatePart<readonly Operator[]>([]);
  #registration = unknown;
  #signal: Signal = {};
  #scanned: readonly Operator[] = [];
  #scan: Promise<readonly Operator[]> | undefined;
  #busy = false;
  /** The part has been left; answers that still come count for nothing. */
  #left = false;

  constructor(private readonly room: RegistrationRoom) {
    super(shown(unknown, {}));
  }

  get registration(): Registration {
    return this.#registration;
  }

  /** Reads where the modem is and puts it into the mode that the card's owner chose. */
  async begin(): Promise<void> {
    const { operations, port, atPowerOn, quiet, signal } = this.room;
    const timeoutMs = deadlinesMs.read;
    const known = await atPowerOn?.latest();
    this.told(known ?? (await operations.run("registration.state", { timeoutMs }, (s) => port.state(s))));
    await Promise.all([this.#restoreMode(), signal && quiet.then(() => this.#beginSignal(signal))]);
  }

  async #restoreMode(): Promise<void> {
    const { cardState, log } = this.room;
    const stored = cardState?.record.registration ?? { mode: "auto" };
    if (stored.mode === "auto" ? this.#registration.mode === "auto" : this.#isAt(stored)) return;
    log.info("registration mode of the card", { mode: stored.mode });
    await this.#command(stored);
  }

  async #beginSignal(signal: SignalPort): Promise<void> {
    if (this.#left) return;
    await this.#readSignal(signal);
    if (signal.report) await this.#report(signal.report.bind(signal));
  }

  /** Bars on a screen are no reason to stop. */
  async #readSignal(port: SignalPort): Promise<void> {
    const { operations, log } = this.room;
    await operations
      .run("signal.state", { timeoutMs: deadlinesMs.read }, (s) => port.state(s))
      .then(
        (signal) => this.toldSignal(signal),
        (error) => log.info("signal not read", { cause: errorText(error) }),
      );
  }

  /** Firmware that cannot be told how finely keeps its own measure. */
  async #report(report: NonNullable<SignalPort["report"]>): Promise<void> {
    const { operations, log } = this.room;
    await operations
      .run("signal.report", { timeoutMs: deadlinesMs.read }, (s) => report(signalSteps, s))
      .catch((error) => log.info("signal reports are as fine as the modem likes", { cause: errorText(error) }));
  }

  /** Nothing that comes from now on counts. */
  leave(): void {
    this.#left = true;
  }

  told(registration: Registration): void {
    if (this.#left) return;
    this.#registration = registration;
    this.#show();
    this.room.told(registration);
  }

  toldSignal(signal: Signal): void {
    if (this.#left) return;
    this.#signal = signal;
    this.#show();
  }

  register(): Promise<void> {
    return this.#choose({ mode: "auto" });
  }

  registerOperator(mcc: string, mnc: string): Promise<void> {
    return this.#choose({ mode: "manual", mcc, mnc });
  }

  scan(): Promise<readonly Operator[]> {
    if (this.#scan !== undefined) return this.#scan;
    if (this.#busy) return Promise.reject(new DomainRefusal("inProgress", "a registration runs"));
    const scan = this.#scanNow().finally(() => {
      this.#scan = undefined;
    });
    this.#scan = scan;
    return scan;
  }

  async #scanNow(): Promise<readonly Operator[]> {
    const { operations, port } = this.room;
    this.#scanned = await operations.run("registration.scan", { timeoutMs: deadlinesMs.scan }, (s) => port.scan(s));
    this.#showOperators();
    return this.operators.state;
  }

  async #choose(chosen: StoredRegistration): Promise<void> {
    if (this.#busy || this.#scan !== undefined) throw new DomainRefusal("inProgress", "a registration or scan runs");
    this.#busy = true;
    try {
      await this.#command(chosen);
      await this.room.cardState?.update((record) => ({ ...record, registration: chosen }));
    } finally {
      this.#busy = false;
    }
  }

  #command(chosen: StoredRegistration): Promise<void> {
    const { operations, port } = this.room;
    return operations.run("registration.register", { timeoutMs: deadlinesMs.register }, (signal) =>
      chosen.mode === "auto"
        ? port.registerAutomatically(signal)
        : port.registerManually(chosen.mcc, chosen.mnc, signal),
    );
  }

  #isAt({ mcc, mnc }: StoredRegistration & { mode: "manual" }): boolean {
    const { registration } = this;
    return (
      isServed(registration) && registration.mode === "manual" && registration.mcc === mcc && registration.mnc === mnc
    );
  }

  #show(): void {
    this.become(shown(this.#registration, this.#signal));
    this.#showOperators();
  }

  /** What the last scan found, with the network that serves now as the current one. */
  #showOperators(): void {
    const { mcc, mnc, operatorName = "", technology } = this.#registration;
    if (!isServed(this.#registration) || mcc === undefined || mnc === undefined) {
      this.operators.become(this.#scanned.map(notCurrent));
      return;
    }
    const found = this.#scanned.find((operator) => operator.mcc === mcc && operator.mnc === mnc);
    const technologies = found?.technologies ?? (technology === undefined ? [] : [technology]);
    const current: Operator = { mcc, mnc, name: operatorName || found?.name || "", status: "current", technologies };
    const others = this.#scanned.filter((operator) => operator !== found).map(notCurrent);
    this.operators.become(
      found ? this.#scanned.map((o) => (o === found ? current : notCurrent(o))) : [current, ...others],
    );
  }
}

const notCurrent = (operator: Operator): Operator =>
  operator.status === "current" ? { ...operator, status: "available" } : operator;

/** Without service there is no technology, network or strength to speak of: oFono drops them, too. */
function shown(registration: Registration, signal: Signal): RegistrationPartState {
  const { status, mode, operatorName, technology, mcc, mnc, areaCode, cellId, cause } = registration;
  const why = cause === undefined ? {} : { cause };
  if (!isServed(registration)) return { status, mode, name: "", signal, ...why };
  const strength = strengthPercent(signal);
  return {
    status,
    mode,
    name: operatorName ?? (mcc !== undefined && mnc !== undefined ? `${mcc}${mnc}` : ""),
    ...(technology === undefined ? {} : { technology }),
    ...(mcc === undefined ? {} : { mcc }),
    ...(mnc === undefined ? {} : { mnc }),
    ...(areaCode === undefined ? {} : { areaCode }),
    ...(cellId === undefined ? {} : { cellId }),
    ...(strength === undefined ? {} : { strengthPercent: strength }),
    signal,
    ...why,
  };
}
