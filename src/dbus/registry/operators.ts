/** The operators of one modem as objects: they come and go with the list that the modem last gave. */
import type { NetworkRegistration } from "../../modem/api.js";
import type { Operator } from "../../modem/types.js";
import type { Exported, SignalSource } from "../bind.js";
import { networkOperatorInterface } from "../interfaces/network-operator.js";
import type { ListedOperator } from "../interfaces/network-registration.js";
import { listen } from "./listen.js";
import { Undo } from "./undo.js";

const rank = { unknown: 0, forbidden: 1, available: 2, current: 3 } as const satisfies Record<
  Operator["status"],
  number
>;

/** One entry per network: modems list a network once per technology, and sometimes one without a usable code. */
export function distinctOperators(operators: readonly Operator[]): ReadonlyMap<string, Operator> {
  const byCode = new Map<string, Operator>();
  for (const operator of operators) {
    const code = `${operator.mcc}${operator.mnc}`;
    if (!/^\d{3}$/.test(operator.mcc) || !/^\d{2,3}$/.test(operator.mnc)) continue;
    const known = byCode.get(code);
    byCode.set(code, known === undefined ? operator : merged(known, operator));
  }
  return byCode;
}

const merged = (one: Operator, other: Operator): Operator => ({
  ...one,
  name: one.name === "" ? other.name : one.name,
  status: rank[other.status] > rank[one.status] ? other.status : one.status,
  technologies: [...new Set([...one.technologies, ...other.technologies])],
});

export class ShownOperators {
  readonly #shown = new Map<string, Exported<"org.ofono.NetworkOperator", Operator>>();
  readonly #undo = new Undo();

  constructor(
    private readonly bus: SignalSource,
    private readonly modemPath: string,
    private readonly registration: NetworkRegistration,
  ) {
    this.#undo.add(() => this.#show([]));
    this.#undo.add(listen(registration.operators.events, "changed", (next) => this.#show(next)));
    this.#show(registration.operators.state);
  }

  list(): readonly ListedOperator[] {
    return [...this.#shown.values()].map((one) => [one.path, one.properties()] as const);
  }

  withdraw(): void {
    this.#undo.run();
  }

  #show(operators: readonly Operator[]): void {
    const wanted = distinctOperators(operators);
    for (const [code, exported] of [...this.#shown].reverse()) {
      if (wanted.has(code)) continue;
      exported.withdraw();
      this.#shown.delete(code);
    }
    for (const [code, operator] of wanted) {
      const shown = this.#shown.get(code);
      if (shown === undefined) this.#shown.set(code, this.#export(code, operator));
      else shown.changed(operator);
    }
  }

  #export(code: string, operator: Operator): Exported<"org.ofono.NetworkOperator", Operator> {
    const { mcc, mnc } = operator;
    const actor = { registration: this.registration, mcc, mnc };
    return networkOperatorInterface.export(this.bus, `${this.modemPath}/operator/${code}`, operator, actor);
  }
}
