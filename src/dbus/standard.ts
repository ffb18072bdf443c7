/**
 * net.wwand interfaces: tables bound to their XML files as in bind.ts, but with the standard Properties on every object
 * and an ObjectManager above them, as everything that is not oFono expects.
 */
import type { Exported, SignalArgs, SignalSource } from "./bind.js";
import { type Contract, contract } from "./contract.js";
import { BusError } from "./errors.js";
import { describedMethod, type MethodFunction } from "./methods.js";
import { assertSameRows, type InterfaceName, type MethodRow, PropertyValues, type Readable } from "./properties.js";
import type { Caller, Dict, ExportedInterface, InterfaceDescription } from "./types.js";

export type StandardName = Extract<InterfaceName, `net.wwand.${string}`>;

type ReadRow<State, P> = P extends { readonly type: infer T } ? Readable<State, T> : never;

/** The rows that an interface's XML demands. Properties are read-only: what can be changed is a method. */
export interface StandardTable<I extends StandardName, State, Actor> {
  readonly properties: {
    readonly [P in keyof Contract[I]["properties"]]: ReadRow<State, Contract[I]["properties"][P]>;
  };
  readonly methods: {
    readonly [M in keyof Contract[I]["methods"]]: MethodRow<Actor, Caller, Contract[I]["methods"][M]>;
  };
}

export interface StandardBinding<I extends StandardName, State, Actor> {
  readonly name: I;
  readonly description: InterfaceDescription;
  readonly properties: ReadonlyMap<string, Readable<State>>;
  readonly methods: ReadonlyMap<string, MethodFunction<Actor>>;
}

/**
 * `bindStandard("net.wwand.Uplink1").to<UplinkView, Uplink>({ properties: {...}, methods: {...} })`.
 * @throws Error at start when the table and the XML differ.
 */
export function bindStandard<I extends StandardName>(name: I) {
  const description: InterfaceDescription = contract[name];
  return {
    to<State, Actor = undefined>(table: StandardTable<I, State, Actor>): StandardBinding<I, State, Actor> {
      assertSameRows(`${name} properties`, Object.keys(table.properties), Object.keys(description.properties));
      assertSameRows(`${name} methods`, Object.keys(table.methods), Object.keys(description.methods));
      return {
        name,
        description,
        properties: new Map(Object.entries(table.properties)),
        methods: new Map(Object.entries(table.methods)),
      };
    },
  };
}

const propertiesName = "org.freedesktop.DBus.Properties";
const managerName = "org.freedesktop.DBus.ObjectManager";

/** What Properties and ObjectManager show of one interface on one path. */
interface Shown {
  all(): Dict;
}

/** One interface on one path. What changes in one turn is told in one signal. */
class ShownProperties<I extends StandardName, State, Actor> implements Shown {
  /** The latest snapshot, while it was not compared yet with what the bus has heard. */
  #next: { readonly state: State } | undefined;

  constructor(
    private readonly bus: SignalSource,
    private readonly path: string,
    private readonly binding: StandardBinding<I, State, Actor>,
    private readonly values: PropertyValues<State>,
  ) {}

  changed(state: State): void {
    const { bus, path } = this;
    this.#next = { state };
    const key = `${path} ${this.binding.name}`;
    bus.emitLate(path, propertiesName, "PropertiesChanged", "sa{sv}as", key, () => this.#news());
  }

  /** As it is now: whoever reads it hears the signal of it, too. */
  all(): Dict {
    const news = this.#news();
    if (news) this.bus.emit(this.path, propertiesName, "PropertiesChanged", "sa{sv}as", news);
    return this.values.all();
  }

  /** Nothing is told any more. */
  end(): void {
    this.#next = undefined;
  }

  #news(): readonly unknown[] | undefined {
    const next = this.#next;
    this.#next = undefined;
    if (next === undefined) return undefined;
    const { name, description } = this.binding;
    const changes = this.values.update(next.state).filter((change) => description.properties[change.name]?.signalled);
    if (changes.length === 0) return undefined;
    const changed = Object.fromEntries(changes.flatMap(({ name, value }) => (value ? [[name, value] as const] : [])));
    return [name, changed, changes.flatMap((change) => (change.value === undefined ? [change.name] : []))];
  }
}

/** The objects of a service with standard Properties, below one path that has an ObjectManager. */
export class StandardObjects {
  readonly #shown = new Map<string, Map<string, Shown>>();
  readonly #unexport = new Map<string, () => void>();
  readonly #stopManager: () => void;

  constructor(
    private readonly bus: SignalSource,
    /** Where the ObjectManager is; it lists the objects below, not its own. */
    readonly path: string,
  ) {
    this.#stopManager = bus.export(path, this.#manager());
  }

  export<I extends StandardName, State, Actor>(
    path: string,
    binding: StandardBinding<I, State, Actor>,
    state: State,
    actor: Actor,
  ): Exported<I, State> {
    const { name, description } = binding;
    const values = new PropertyValues(description, binding.properties, state);
    const methods = new Map(
      Object.entries(description.methods).map(([member, signatures]) => [
        member,
        describedMethod(signatures, binding.methods.get(member), actor),
      ]),
    );
    const unexport = this.bus.export(path, { name, xml: description.xml, methods });
    const shown = new ShownProperties(this.bus, path, binding, values);
    this.#show(path, name, shown);
    return {
      path,
      changed: (next) => shown.changed(next),
      properties: () => shown.all(),
      emit: <S extends keyof Contract[I]["signals"] & string>(signal: S, ...args: SignalArgs<I, S>) =>
        this.bus.emit(path, name, signal, description.signals[signal] ?? "", args),
      withdraw: () => {
        unexport();
        shown.end();
        this.#hide(path, name, shown);
      },
    };
  }

  /** Takes the ObjectManager off the bus; the objects are withdrawn by whoever exported them. */
  close(): void {
    this.#stopManager();
  }

  #show(path: string, name: string, shown: Shown): void {
    const interfaces = this.#shown.get(path) ?? new Map<string, Shown>();
    if (interfaces.size === 0) this.#unexport.set(path, this.bus.export(path, this.#propertiesOf(interfaces)));
    interfaces.set(name, shown);
    this.#shown.set(path, interfaces);
    if (path !== this.path)
      this.bus.emit(this.path, managerName, "InterfacesAdded", "oa{sa{sv}}", [path, { [name]: shown.all() }]);
  }

  #hide(path: string, name: string, shown: Shown): void {
    const interfaces = this.#shown.get(path);
    if (interfaces?.get(name) !== shown) return;
    interfaces.delete(name);
    if (interfaces.size === 0) {
      this.#shown.delete(path);
      this.#unexport.get(path)?.();
      this.#unexport.delete(path);
    }
    if (path !== this.path) this.bus.emit(this.path, managerName, "InterfacesRemoved", "oas", [path, [name]]);
  }

  #manager(): ExportedInterface {
    const { xml, methods } = contract[managerName];
    const listed = () =>
      Object.fromEntries([...this.#shown].flatMap(([path, one]) => (path === this.path ? [] : [[path, allOf(one)]])));
    const call = describedMethod(methods.GetManagedObjects, listed, undefined);
    return { name: managerName, xml, methods: new Map([["GetManagedObjects", call]]) };
  }

  #propertiesOf(interfaces: ReadonlyMap<string, Shown>): ExportedInterface {
    const { xml, methods } = contract[propertiesName];
    const get: MethodFunction<undefined> = (_, [name, property]) => {
      const value = new Map(Object.entries(found(interfaces, name).all())).get(String(property));
      if (value !== undefined) return value;
      throw new BusError("org.freedesktop.DBus.Error.UnknownProperty", `${name} has no ${property} (now)`);
    };
    const set: MethodFunction<undefined> = (_, [name, property]) => {
      found(interfaces, name);
      throw new BusError("org.freedesktop.DBus.Error.PropertyReadOnly", `${name}.${property} is read-only`);
    };
    const members = new Map([
      ["Get", describedMethod(methods.Get, get, undefined)],
      ["GetAll", describedMethod(methods.GetAll, (_, [name]) => found(interfaces, name).all(), undefined)],
      ["Set", describedMethod(methods.Set, set, undefined)],
    ]);
    return { name: propertiesName, xml, methods: members };
  }
}

const allOf = (interfaces: ReadonlyMap<string, Shown>): Readonly<Record<string, Dict>> =>
  Object.fromEntries([...interfaces].map(([name, shown]) => [name, shown.all()]));

function found(interfaces: ReadonlyMap<string, Shown>, name: unknown): Shown {
  const shown = interfaces.get(String(name));
  if (shown !== undefined) return shown;
  throw new BusError("org.freedesktop.DBus.Error.UnknownInterface", `this object has no properties of ${name}`);
}
