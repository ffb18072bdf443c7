/** Whether a message that was not taken is tried again, and when. */
import type { FailureCause } from "../../runtime/error.js";
import { ModemError, type ModemErrorCode } from "../../runtime/error.js";
import { passesByItself } from "../../sms/cause.js";

/** Where the modem itself was not able to, whatever the network would say. */
const passingCodes: readonly ModemErrorCode[] = ["busy", "notReady", "notRegistered"];

interface Row {
  readonly domain: FailureCause["domain"];
  readonly code: number;
  readonly because: string;
}

const passing: readonly Row[] = [
  { domain: "mbim", code: 2, because: "Failure is all that MBIM says of a network's refusal, a passing one or not" },
  { domain: "qmi", code: 55, because: "MessageNotSent: the radio link did not come about" },
  { domain: "qmi", code: 56, because: "MessageDeliveryFailure without the network's cause" },
];

/** After the first, the second and the third try; then it has failed. */
const waitsMs = [5_000, 20_000, 60_000] as const;

/**
 * How long to wait after `tries` tries; undefined: it has failed. A silent modem may have sent it: it is not sent twice.
 * `random`: 0 <= x < 1.
 */
export function smsRetryMs(error: unknown, tries: number, random: number): number | undefined {
  const waitMs = waitsMs[tries - 1];
  if (waitMs === undefined || !(error instanceof ModemError) || !mayPass(error)) return undefined;
  return Math.round(waitMs * (0.8 + 0.4 * random));
}

function mayPass({ code, failure }: ModemError): boolean {
  if (passingCodes.includes(code)) return true;
  if (failure === undefined) return false;
  return passesByItself(failure) || passing.some((row) => row.domain === failure.domain && row.code === failure.code);
}
