/**
 * Asking a port what is behind it. The seam between what tables guess and what a modem answers: one method, satisfied by
 * whoever has the protocols. Discovery asks only ports that are proven to be a modem's.
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

/** Whoever answers speaks the protocol. What the modem does not say (or not yet) is absent. */
export interface PortAnswer {
  /** 15 digits. */
  readonly imei?: string;
  readonly manufacturer?: string;
  readonly model?: string;
  /** AT only: the vendor's own map of the whole device, from what a port is for to the number of its USB interface. */
  readonly vendorMap?: ReadonlyMap<string, number>;
}

export interface PortProber {
  /** What it can ask in. */
  readonly protocols: ReadonlySet<Protocol>;
  /**
   * Asks once and lets go of the port.
   * @throws ModemError `timeout`, `protocol`: nobody answers in this protocol; `unsupported`: it sends positions (NMEA);
   * `busy`, `denied`, `unplugged`; `aborted` by the signal
   */
  ask(question: PortQuestion, signal: AbortSignal): Promise<PortAnswer>;
}
