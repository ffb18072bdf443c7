/**
 * Asking a port what is behind it. The seam between what tables guess and what a modem answers: one method, satisfied by
 * whoever has the protocols' drivers. Discovery asks only ports that are proven to be a modem's.
 */
import type { Protocol } from "./kernel-drivers.js";

export interface PortQuestion {
  /** `/dev/cdc-wdm0` */
  readonly path: string;
  /** In which protocol to ask. MBIM: DEVICE_CAPS; QMI: CTL version info, without SYNC; AT: a greeting, then identity. */
  readonly protocol: Protocol;
  /** The modem's network interface, where it has one. */
  readonly net: string | undefined;
}

/** Whoever answers speaks the protocol. */
export interface PortAnswer {
  /** 15 digits; absent where the modem does not say (or not yet). */
  readonly imei?: string;
  /** AT only: what the vendor's own query says that this port is for. */
  readonly role?: "at" | "modem";
}

export interface PortProber {
  /** What it can ask in. */
  readonly protocols: ReadonlySet<Protocol>;
  /**
   * Asks once and lets go of the port.
   * @throws ModemError `timeout`: nobody answers in this protocol; `busy`, `denied`, `unplugged`; `aborted` by the signal
   */
  ask(question: PortQuestion, signal: AbortSignal): Promise<PortAnswer>;
}
