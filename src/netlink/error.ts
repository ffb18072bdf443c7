import { getSystemErrorName } from "node:util";

/**
 * A netlink request that did not succeed. `code` is the errno name the kernel answered (`EEXIST`), or what ended the wait:
 * `ETIMEDOUT` (no answer by the deadline), `ENOBUFS` (the answer was lost), `ESHUTDOWN` (socket closed), `EBADMSG` (the
 * answer cannot be read), `EINTR` (a dump that never came out consistent).
 */
export class NetlinkError extends Error {
  override readonly name = "NetlinkError";

  constructor(
    readonly code: string,
    /** What was asked, e.g. `put route default table 20000`. */
    readonly request: string,
    /** The kernel's extended ack, e.g. `Nexthop has invalid gateway`. */
    readonly kernelText?: string,
    options?: ErrorOptions,
  ) {
    super(`${request}: ${code}${kernelText === undefined ? "" : ` (${kernelText})`}`, options);
  }
}

/** The name of a positive errno; `E524` where Node has no name for it (the kernel's internal ENOTSUPP). */
export function errnoName(errno: number): string {
  const name = getSystemErrorName(-errno);
  return /^E[A-Z0-9]+$/.test(name) ? name : `E${errno}`;
}
