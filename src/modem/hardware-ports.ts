/** What a driver may do with the device beside its radio. Rules of `ports.ts` hold. */
import type { Temperature } from "./types.js";

/** The receiver for satellites. Positions are not read here: they come by a port of their own. */
export interface GnssPort {
  /** `unknown`: the modem can be told, but does not tell. */
  state(signal: AbortSignal): Promise<"on" | "off" | "unknown">;
  /** Idempotent. */
  setOn(on: boolean, signal: AbortSignal): Promise<void>;
}

export interface TemperaturePort {
  /** Thermometers that tell something. */
  read(signal: AbortSignal): Promise<readonly Temperature[]>;
}
