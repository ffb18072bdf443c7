import { sameData } from "../runtime/same-data.js";
import type { Contract } from "./contract.js";
import type { Dict, InterfaceDescription } from "./types.js";
import { Variant } from "./types.js";

/** How a property is read from the domain's snapshot; `undefined`: there is no such thing now, so it has no key. */
export interface Readable<State, T = unknown> {
  get(state: State): T | undefined;
}

export type InterfaceName = keyof Contract;

/** A method as the domain offers it: arguments as a tuple, one result as the value itself, several as a tuple. */
export type MethodRow<Actor, Caller, M> = M extends { readonly args: infer Args; readonly reply: infer Result }
  ? Result extends undefined
    ? (actor: Actor, args: Args, caller: Caller) => Promise<void> | void
    : (actor: Actor, args: Args, caller: Caller) => Promise<Result> | Result
  : never;

/** Refuses a table that does not have exactly the rows of the XML, whatever the compiler was told. */
export function assertSameRows(where: string, rows: readonly string[], described: readonly string[]): void {
  const missing = described.filter((name) => !rows.includes(name));
  const surplus = rows.filter((name) => !described.includes(name));
  if (missing.length > 0) throw new Error(`${where}: the XML has ${missing.join(", ")}, the table has not`);
  if (surplus.length > 0) throw new Error(`${where}: the table has ${surplus.join(", ")}, the XML has not`);
}

/** A property that differs from what the bus last heard; without `value` it has vanished. */
export interface Change {
  readonly name: string;
  readonly value: Variant | undefined;
  /** It had no value before. */
  readonly appeared: boolean;
}

/** The values of one interface instance as the bus last heard them. */
export class PropertyValues<State> {
  readonly #values = new Map<string, unknown>();
  #state: State;

  constructor(
    private readonly description: InterfaceDescription,
    private readonly rows: ReadonlyMap<string, Readable<State>>,
    state: State,
  ) {
    this.#state = state;
    for (const [name, row] of rows) this.#values.set(name, row.get(state));
  }

  /** Takes over the next snapshot and tells what differs, in table order. */
  update(state: State): readonly Change[] {
    this.#state = state;
    const changes: Change[] = [];
    for (const [name, row] of this.rows) {
      const before = this.#values.get(name);
      const now = row.get(state);
      if (sameData(before, now)) continue;
      this.#values.set(name, now);
      changes.push({ name, value: this.variant(name), appeared: before === undefined });
    }
    return changes;
  }

  /** The announced value; one that is never announced, such as an age, is read anew. */
  value(name: string): unknown {
    if (this.description.properties[name]?.signalled === true) return this.#values.get(name);
    return this.rows.get(name)?.get(this.#state);
  }

  variant(name: string): Variant | undefined {
    const value = this.value(name);
    const signature = this.description.properties[name]?.signature;
    return value === undefined || signature === undefined ? undefined : new Variant(signature, value);
  }

  /** In the order of the XML, which is oFono's. */
  all(): Dict {
    const all: Record<string, Variant> = {};
    for (const name of Object.keys(this.description.properties)) {
      const variant = this.variant(name);
      if (variant !== undefined) all[name] = variant;
    }
    return all;
  }
}
