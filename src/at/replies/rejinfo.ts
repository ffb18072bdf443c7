/**
 * ^REJINFO: what the network answered when it did not take a Huawei modem, told when it happens:
 * `<plmn>,<domain>,<cause>,<technology>,<procedure>,<original cause>,<area>,<routing area>,<cell>`.
 * @see MT5700M-CN AT manual 13.14
 */
import { parameters, whole } from "../parameters.js";

export interface NetworkReject {
  readonly cause: number;
  /** LTE or later, where the causes are those of EPS. */
  readonly isEps: boolean;
}

/** `<technology>`: 0 GSM, 1 to 3 UMTS, 6 LTE, 7 NR. */
const firstEps = 6;
/** The modem's own numbers begin here: authentication, no answer, no connection. */
const firstOwn = 256;

/** Undefined for what the modem itself says, not the network. */
export function networkRejectOf(line: string): NetworkReject | undefined {
  const [, , cause, technology] = parameters(line);
  const number = whole(cause);
  return number >= firstOwn ? undefined : { cause: number, isEps: whole(technology) >= firstEps };
}
