/**
 * An org.ofono interface is a table bound to its XML file. The table names a getter (and setter) for every property and
 * a function for every method of the file; GetProperties, SetProperty and PropertyChanged follow from it.
 */
import type { Contract } from "./contract.js";
import { contract } from "./contract.js";
import { OfonoInstance, type RuntimeRows } from "./ofono-instance.js";
import type { InterfaceName, MethodRow, Readable } from "./properties.js";
import { assertSameRows } from "./properties.js";
import type { Caller, Dict, ExportedInterface, InterfaceDescription } from "./types.js";

export type OfonoName = Extract<InterfaceName, `org.ofono.${string}`>;

/** What a binding needs of the bus. */
export interface SignalSource {
  export(path: string, exported: ExportedInterface): () => void;
  /** With a key, a signal queued in the same turn under the same key is replaced and takes the later place. */
  emit(path: string, iface: string, member: string, signature: string, body: readonly unknown[], key?: string): void;
  /**
   * A signal whose body is made when it leaves, at the place of the first call under `key` in this turn. Undefined: there
   * is nothing to tell after all.
   */
  emitLate(
    path: string,
    iface: string,
    member: string,
    signature: string,
    key: string,
    body: () => readonly unknown[] | undefined,
  ): void;
}

interface ReadRow<State, T, Names> extends Readable<State, T> {
  /** Several changes in one event-loop turn become one signal with the last value, at the place of the last change. */
  readonly coalesce?: boolean;
  /** What clients take for granted: appearing with this value is no news, and oFono does not signal it. */
  readonly assumed?: T;
  /** Announced too, changed or not, whenever that property is: oFono signals Interfaces and Features as a pair. */
  readonly alongside?: Names;
}

interface WriteRow<State, Actor, T, Names> extends ReadRow<State, T, Names> {
  /**
   * Called with a value of the declared type that differs from the announced one. Announce the change (`changed`) in
   * the same turn in which the promise settles: then the reply precedes the signal, as clients expect.
   */
  set(actor: Actor, value: T, caller: Caller): Promise<void> | void;
  /** Throws to refuse even a value that is held already, e.g. Online while the modem is not powered. */
  before?(actor: Actor, value: T, caller: Caller): void;
  /** The signals of the change leave before the reply. Only ConnectionManager does that. */
  readonly signalsFirst?: boolean;
  /** May run beside another pending SetProperty of this interface instance, which otherwise is InProgress. */
  readonly concurrent?: boolean;
}

type PropertyRow<State, Actor, P, Names> = P extends { readonly type: infer T; readonly writable: infer W }
  ? W extends true
    ? WriteRow<State, Actor, T, Names>
    : ReadRow<State, T, Names>
  : never;

type Trio = "GetProperties" | "SetProperty";

/**
 * The rows that an interface's XML demands, no more and no less. Signals leave in the order of `properties`; GetProperties
 * lists in the order of the XML.
 */
export interface OfonoTable<I extends OfonoName, State, Actor> {
  /** Throws to refuse SetProperty before anything else is looked at, for names that nobody knows, too. */
  guard?(actor: Actor, property: string): void;
  readonly properties: {
    readonly [P in keyof Contract[I]["properties"]]: PropertyRow<
      State,
      Actor,
      Contract[I]["properties"][P],
      keyof Contract[I]["properties"]
    >;
  };
  readonly methods: {
    readonly [M in Exclude<keyof Contract[I]["methods"], Trio>]: MethodRow<Actor, Caller, Contract[I]["methods"][M]>;
  };
}

/** One interface on one path. */
export interface Exported<I extends InterfaceName, State> {
  readonly path: string;
  /** Takes the next immutable snapshot and signals every property whose value differs from the announced one. */
  changed(next: State): void;
  /** What GetProperties answers: for ModemAdded, ContextAdded and the lists. */
  properties(): Dict;
  emit<S extends keyof Contract[I]["signals"] & string>(signal: S, ...args: SignalArgs<I, S>): void;
  /** Takes the interface off the bus. Signals queued before still leave. Idempotent. */
  withdraw(): void;
}

export type SignalArgs<
  I extends InterfaceName,
  S extends keyof Contract[I]["signals"],
> = Contract[I]["signals"][S] extends readonly unknown[] ? Contract[I]["signals"][S] : never;

/** `State`: the snapshot that getters read. `Actor`: the domain object that setters and methods act on. */
export interface OfonoBinding<I extends OfonoName, State, Actor> {
  readonly name: I;
  export(bus: SignalSource, path: string, state: State, actor: Actor): Exported<I, State>;
}

const trio: readonly string[] = ["GetProperties", "SetProperty"] satisfies Trio[];

/** From here on the rows are looked up by the names that come from the bus; their types were checked by OfonoTable. */
function runtimeRows<State, Actor>(
  where: string,
  description: InterfaceDescription,
  table: Pick<RuntimeRows<State, Actor>, "guard"> & { readonly properties: object; readonly methods: object },
): RuntimeRows<State, Actor> {
  const methods = Object.keys(description.methods).filter((member) => !trio.includes(member));
  assertSameRows(`${where} properties`, Object.keys(table.properties), Object.keys(description.properties));
  assertSameRows(`${where} methods`, Object.keys(table.methods), methods);
  const rows: RuntimeRows<State, Actor> = {
    properties: new Map(Object.entries(table.properties)),
    methods: new Map(Object.entries(table.methods)),
    ...(table.guard && { guard: table.guard }),
  };
  for (const [name, { writable }] of Object.entries(description.properties))
    if (writable !== (rows.properties.get(name)?.set !== undefined))
      throw new Error(`${where}.${name}: the XML says ${writable ? "writable" : "read-only"}, the table does not`);
  return rows;
}

/**
 * `bindOfono("org.ofono.Modem").to<ModemState, Modem>({ properties: {...}, methods: {...} })`.
 * @throws Error at start when the table and the XML differ.
 */
export function bindOfono<I extends OfonoName>(name: I) {
  return {
    to<State, Actor>(table: OfonoTable<I, State, Actor>): OfonoBinding<I, State, Actor> {
      const description: InterfaceDescription = contract[name];
      const rows = runtimeRows<State, Actor>(name, description, table);
      return {
        name,
        export: (bus, path, state, actor) => new OfonoInstance(bus, path, name, description, rows, state, actor),
      };
    },
  };
}
