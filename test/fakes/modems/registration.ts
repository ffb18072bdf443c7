import type { NetworkRegistration, RegistrationPartState } from "../../../src/modem/api.js";
import type { Operator } from "../../../src/modem/types.js";
import { FakePart } from "./part.js";
import { Script } from "./script.js";

const operator = (mcc: string, mnc: string, name: string, status: Operator["status"]): Operator => ({
  mcc,
  mnc,
  name,
  status,
  technologies: ["lte"],
});

export const homeOperator = operator("262", "01", "Testnetz", "current");
export const scanned: readonly Operator[] = [
  homeOperator,
  operator("262", "02", "Andersnetz", "available"),
  operator("262", "03", "Fremdnetz", "forbidden"),
];

export class FakeRegistration extends FakePart<RegistrationPartState> implements NetworkRegistration {
  readonly script = new Script();
  readonly operators = new FakePart<readonly Operator[]>([]);
  /** What the next scan finds. */
  inTheAir: readonly Operator[] = scanned;
  #scan: Promise<readonly Operator[]> | undefined;

  constructor() {
    super({ status: "searching", mode: "auto", name: "", signal: {} });
  }

  /** The network lets the modem in. */
  admit(status: "registered" | "roaming" = "registered"): void {
    const { mcc, mnc, name } = homeOperator;
    this.become({ status, name, technology: "lte", mcc, mnc, strengthPercent: 61 });
    this.operators.replace([homeOperator]);
  }

  lose(): void {
    this.replace({ status: "searching", mode: this.state.mode, name: "", signal: {} });
    this.operators.replace([]);
  }

  async register(): Promise<void> {
    return this.script.run(() => this.become({ mode: "auto" }));
  }

  async registerOperator(mcc: string, mnc: string): Promise<void> {
    return this.script.run(() => {
      const status = (one: Operator): Operator["status"] =>
        one.mcc === mcc && one.mnc === mnc ? "current" : one.status === "current" ? "available" : one.status;
      this.operators.replace(this.operators.state.map((one) => ({ ...one, status: status(one) })));
      const chosen = this.operators.state.find((one) => one.status === "current");
      this.become({ mode: "manual", mcc, mnc, ...(chosen && { name: chosen.name }) });
    });
  }

  scan(): Promise<readonly Operator[]> {
    this.#scan ??= this.script
      .run(() => {
        this.operators.replace(this.inTheAir);
        return this.inTheAir;
      })
      .finally(() => {
        this.#scan = undefined;
      });
    return this.#scan;
  }
}
