import { addon } from "./addon.js";
import type { Fd } from "./fd.js";

/** `/run/netns/NAME`, `/proc/PID/ns/net`, or a descriptor from `createNetns`. */
export type Netns = string | Fd;

/**
 * Runs `run` with this thread inside a network namespace and always comes back, also when it throws. Whatever it opens
 * (sockets, TUN, listening servers by descriptor) stays in that namespace. `run` must do its work before it returns:
 * what it only schedules happens outside.
 * @throws NativeError EPERM without CAP_SYS_ADMIN over both namespaces, before anything changed
 * @throws TypeError when `run` returned a promise
 */
export function inNetns<T>(netns: Netns, run: () => T extends PromiseLike<unknown> ? never : T): T {
  let result: { readonly value: T } | undefined;
  addon().inNetns(netns, () => {
    result = { value: run() };
  });
  if (result === undefined) throw new Error("the addon did not run the callback");
  if (isThenable(result.value))
    throw new TypeError("inNetns takes a synchronous function, this one returned a promise");
  return result.value;
}

/** A new, empty network namespace (its `lo` is down). It lives as long as the descriptor, and whatever was made in it. */
export const createNetns = (): Fd => addon().createNetns();

const isThenable = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
