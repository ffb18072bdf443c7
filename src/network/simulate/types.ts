/** A timeline: what happens around a machine, and what its uplinks decided. Times are milliseconds after the beginning. */
import type { IpFamily } from "../types.js";

/** What becomes of a check's questions: answered after so many milliseconds, by nobody, or by a login page. */
export type Answers = number | "none" | "portal";

/** What is absent stays as it was. */
export interface FamilyNews {
  /** Whether the interface has an address of this family, and a route with it. */
  readonly address?: boolean;
  readonly answers?: Answers;
  /** Of the questions, by chance: 0 to 1. */
  readonly loss?: number;
}

/** Something happens to one uplink. What is absent stays as it was. */
export interface UplinkNews {
  readonly atMs: number;
  readonly uplink: string;
  /** `absent`: no interface, or no connection of the modem. */
  readonly link?: "up" | "no-carrier" | "absent";
  readonly families: Readonly<Partial<Record<IpFamily, FamilyNews>>>;
  /** What programs transfer by it, in bytes per second, both directions together. */
  readonly bytesPerS?: number;
  /** Why it is not to carry traffic; empty: nobody minds any more. */
  readonly hold?: string;
  /** The network that its modem roams in; empty: it is at home. */
  readonly roaming?: string;
  /** So many bytes go through it at once, beside what its checks cost. */
  readonly usedBytes?: number;
}

export interface Timeline {
  /** In the order in which they happen. */
  readonly news: readonly UplinkNews[];
  readonly endMs: number;
  /** What the clock on the wall says at the beginning. */
  readonly startsAt: Date;
  /** Of chance: the same seed loses the same packets. */
  readonly seed: number;
}

/** What was decided, told when it was carried out. */
export interface SimulatedSwitch {
  readonly atMs: number;
  readonly group: string;
  readonly family: IpFamily;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly because: readonly string[];
}
