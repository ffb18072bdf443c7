/** What is said of a device that does not work, or not fully. */
import type { Answered, HeardPorts } from "./ask.js";
import type { Protocol } from "./kernel-drivers.js";
import type { KernelSnapshot } from "./snapshot.js";
import type { DeviceRow } from "./verdict.js";

/** `blocks`: no service before it is mended. `limits`: service without this. `note`: good to know. */
export type Severity = "blocks" | "limits" | "note";

export type FindingCode =
  | "no-driver"
  | "no-modules"
  | "no-network-interface"
  | "storage-mode"
  | "router"
  | "not-proven"
  | "ignored"
  | "held"
  | "denied"
  | "no-node"
  | "protocol-not-built"
  | "other-protocol"
  | "probe-failed"
  | "still-coming";

export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** One sentence without a full stop. */
  readonly text: string;
  /** What a person can do; empty when nothing. */
  readonly remedy: string;
}

export interface ExplainOptions {
  readonly kernel: KernelSnapshot;
  readonly rows?: readonly DeviceRow[];
  /** Protocols that a driver here speaks. */
  readonly protocols: ReadonlySet<Protocol>;
  /** Nobody waits for it any more: what is missing now counts as missing. */
  readonly isLate: boolean;
  /** What usb_modeswitch ended with, of a disc that it was to make a modem. */
  readonly switchFailure?: string | undefined;
  /** What its ports said; absent while they are asked. */
  readonly answered?: Answered | undefined;
  readonly heard?: HeardPorts;
}
