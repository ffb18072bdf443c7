import type { Caller, ExportedMethod, Reply } from "./types.js";

/** A method row once its types have been checked. */
export type MethodFunction<Actor> = (actor: Actor, args: readonly unknown[], caller: Caller) => unknown;

interface MethodSignatures {
  readonly in: string;
  readonly out: readonly string[];
}

/** Wraps a row into what the bus calls: one result is the value itself, several come as a tuple. */
export function describedMethod<Actor>(
  signatures: MethodSignatures,
  row: MethodFunction<Actor> | undefined,
  actor: Actor,
): ExportedMethod {
  const signature = signatures.out.join("");
  const reply = (result: unknown): Reply => {
    if (signatures.out.length === 0) return { signature, body: [] };
    if (signatures.out.length === 1) return { signature, body: [result] };
    return { signature, body: Array.isArray(result) ? result : [] };
  };
  return {
    inSignature: signatures.in,
    call(args, caller) {
      if (row === undefined) throw new Error("the table was checked at start; this method has no row");
      const result = row(actor, args, caller);
      return result instanceof Promise ? result.then(reply) : reply(result);
    },
  };
}
