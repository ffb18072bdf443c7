import { isNativeError } from "../native/index.js";
import { errnoOf, type FailureCause, ModemError, type ModemErrorCode } from "../runtime/error.js";

/** What a system error means to those who open or use a link. What is not listed is `refused`. */
const codes: Readonly<Record<string, ModemErrorCode>> = {
  ENOENT: "unplugged",
  ENODEV: "unplugged",
  ENXIO: "unplugged",
  ENOTDIR: "unplugged",
  ESHUTDOWN: "unplugged",
  EPIPE: "unplugged",
  EBADF: "unplugged",
  EBADFD: "unplugged",
  ECONNRESET: "unplugged",
  // A unix socket whose server is gone.
  ECONNREFUSED: "unplugged",
  // The write was still waiting when the link was closed.
  ECANCELED: "unplugged",
  EBUSY: "busy",
  EAGAIN: "busy",
  EACCES: "denied",
  EPERM: "denied",
  ENOTTY: "invalid",
  EISDIR: "invalid",
  ENOTSOCK: "invalid",
  EPROTOTYPE: "invalid",
};

/** A failed open or write as ModemError; the system's own error stays its cause. */
export function linkError(what: string, error: unknown): ModemError {
  const code = errnoOf(error);
  const failure = errnoFailure(error);
  return new ModemError((code === undefined ? undefined : codes[code]) ?? "refused", what, { cause: error, failure });
}

/** Why a link ended. Whatever the errno, the far end cannot be reached any more. */
export function endedLink(name: string, error: unknown): ModemError {
  if (error === undefined) return new ModemError("unplugged", `${name}: the far end closed`);
  return new ModemError("unplugged", `${name} is gone`, { cause: error, failure: errnoFailure(error) });
}

function errnoFailure(error: unknown): FailureCause | undefined {
  const name = errnoOf(error);
  if (name === undefined || !(error instanceof Error)) return undefined;
  const negative = isNativeError(error) && typeof error.errno === "number" ? error.errno : 0;
  return { domain: "errno", code: -negative, name };
}
