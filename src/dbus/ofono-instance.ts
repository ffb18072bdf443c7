import { isDeepStrictEqual } from "node:util";
import type { Exported, OfonoName, SignalArgs, SignalSource } from "./bind.js";
import type { Contract } from "./contract.js";
import { OfonoError } from "./errors.js";
import { describedMethod, type MethodFunction } from "./methods.js";
import { type Change, PropertyValues, type Readable } from "./properties.js";
import type { Caller, Dict, ExportedMethod, InterfaceDescription, Reply } from "./types.js";
import { Variant } from "./types.js";

/** A row of a table once its types have been checked: values are what the XML's signature says. */
export interface RuntimeProperty<State, Actor> extends Readable<State> {
  readonly coalesce?: boolean;
  readonly alongside?: PropertyKey;
  readonly assumed?: unknown;
  readonly signalsFirst?: boolean;
  readonly concurrent?: boolean;
  set?(actor: Actor, value: unknown, caller: Caller): Promise<void> | void;
  before?(actor: Actor, value: unknown, caller: Caller): void;
}

export interface RuntimeRows<State, Actor> {
  guard?(actor: Actor, property: string): void;
  readonly properties: ReadonlyMap<string, RuntimeProperty<State, Actor>>;
  readonly methods: ReadonlyMap<string, MethodFunction<Actor>>;
}

const emptyReply: Reply = { signature: "", body: [] };

/** One org.ofono interface on one path: answers the calls, remembers what was announced, signals what differs. */
export class OfonoInstance<I extends OfonoName, State, Actor> implements Exported<I, State> {
  readonly #values: PropertyValues<State>;
  readonly #unexport: () => void;
  #setting = false;

  constructor(
    private readonly bus: SignalSource,
    readonly path: string,
    private readonly name: I,
    private readonly description: InterfaceDescription,
    private readonly rows: RuntimeRows<State, Actor>,
    state: State,
    private readonly actor: Actor,
  ) {
    this.#values = new PropertyValues(description, rows.properties, state);
    this.#unexport = bus.export(path, { name, xml: description.xml, methods: this.#methods() });
  }

  changed(next: State): void {
    const news = this.#values.update(next).filter((change) => !this.#isAssumed(change));
    if (news.length === 0) return;
    const changes = new Map(news.map(({ name, value }) => [name, value]));
    for (const [name, row] of this.rows.properties) {
      const partner = row.alongside !== undefined && changes.has(String(row.alongside));
      const value = changes.get(name) ?? (partner ? this.#values.variant(name) : undefined);
      if (value === undefined) continue;
      const key = row.coalesce === true ? `${this.path} ${this.name}.${name}` : undefined;
      this.bus.emit(this.path, this.name, "PropertyChanged", "sv", [name, value], key);
    }
  }

  properties(): Dict {
    return this.#values.all();
  }

  emit<S extends keyof Contract[I]["signals"] & string>(signal: S, ...args: SignalArgs<I, S>): void {
    this.bus.emit(this.path, this.name, signal, this.description.signals[signal] ?? "", args);
  }

  withdraw(): void {
    this.#unexport();
  }

  #isAssumed({ name, value, appeared }: Change): boolean {
    const row = this.rows.properties.get(name);
    return appeared && row?.assumed !== undefined && isDeepStrictEqual(value?.value, row.assumed);
  }

  #methods(): ReadonlyMap<string, ExportedMethod> {
    const own: Record<string, MethodFunction<Actor>> = {
      GetProperties: () => this.properties(),
      ...Object.fromEntries(this.rows.methods),
    };
    return new Map(
      Object.entries(this.description.methods).map(([member, signatures]) => [
        member,
        member === "SetProperty"
          ? { inSignature: signatures.in, call: (args: readonly unknown[], caller: Caller) => this.#set(args, caller) }
          : describedMethod(signatures, own[member], this.actor),
      ]),
    );
  }

  async #set([name, wrapped]: readonly unknown[], caller: Caller): Promise<Reply> {
    this.rows.guard?.(this.actor, String(name));
    const row = typeof name === "string" ? this.rows.properties.get(name) : undefined;
    if (typeof name !== "string" || row?.set === undefined)
      throw new OfonoError("InvalidArguments", `cannot set ${name}`);
    if (this.#setting && row.concurrent !== true) throw new OfonoError("InProgress", name);
    const value = this.#unwrapped(name, wrapped);
    row.before?.(this.actor, value, caller);
    if (isDeepStrictEqual(value, this.#values.value(name))) return emptyReply;
    await this.#alone(row, () => row.set?.(this.actor, value, caller));
    return row.signalsFirst === true ? { ...emptyReply, signalsFirst: true } : emptyReply;
  }

  #unwrapped(name: string, wrapped: unknown): unknown {
    const signature = this.description.properties[name]?.signature;
    if (wrapped instanceof Variant && wrapped.signature === signature) return wrapped.value;
    throw new OfonoError("InvalidArguments", `${name} is of type ${signature}`);
  }

  async #alone(row: RuntimeProperty<State, Actor>, work: () => Promise<void> | void | undefined): Promise<void> {
    if (row.concurrent === true) {
      await work();
      return;
    }
    this.#setting = true;
    try {
      await work();
    } finally {
      this.#setting = false;
    }
  }
}
