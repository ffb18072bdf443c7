/** Which ports of a modem are asked, in which protocols, and what their answers mean. */
import { ModemError } from "../runtime/error.js";
import type { Protocol } from "./kernel-drivers.js";
import type { Hearing } from "./port-roles.js";
import type { PortAnswer } from "./probe.js";
import type { PortSnapshot } from "./snapshot.js";
import type { Verdict } from "./verdict.js";

export type ModemVerdict = Extract<Verdict, { readonly is: "modem" }>;

/** Who the modem says it is, and in which protocol its control port does. */
export interface Answered {
  readonly imei: string | undefined;
  readonly manufacturer: string | undefined;
  readonly model: string | undefined;
  readonly protocol: Protocol;
  /** Why nobody answered. */
  readonly failure: string | undefined;
}

/** By port name: what asking each AT port ended with. */
export type HeardPorts = ReadonlyMap<string, Hearing & { readonly answer?: PortAnswer }>;

export interface ProtocolTry {
  readonly protocol: Protocol;
  readonly timeoutMs: number;
}

/** A modem's firmware may need this long after it enumerated until it answers; Windows' patience is similar. */
const ownMs = 20_000;
/** A modem that was mute so long speaks at once if it is asked in the protocol that it does speak. */
const otherMs = 5_000;

const all: readonly Protocol[] = ["mbim", "qmi", "at"];

/**
 * The protocol that the bound driver stands for, then the others: whoever answers decides. A port of the WWAN subsystem
 * has its protocol from the driver's own channel, and a serial port speaks AT or nothing.
 */
export function protocolsToTry({ protocol, control }: ModemVerdict): readonly ProtocolTry[] {
  const others = control.kind === "wdm" ? all.filter((other) => other !== protocol) : [];
  return [{ protocol, timeoutMs: ownMs }, ...others.map((other) => ({ protocol: other, timeoutMs: otherMs }))];
}

/** Nobody speaks this protocol there; any other failure says nothing about that. */
export const isWrongProtocol = (error: unknown): boolean =>
  error instanceof ModemError && (error.code === "timeout" || error.code === "protocol");

/** The ports that AT commands may go to, the likeliest first. */
export const atCandidates = ({ protocol, control, at }: ModemVerdict): readonly PortSnapshot[] =>
  protocol === "at" && !at.some(({ name }) => name === control.name) ? [control, ...at] : at;

/** Why a port must not be opened; undefined when nothing is in the way. */
export function obstacle({ holder, access }: PortSnapshot): string | undefined {
  if (holder !== undefined) return `${holder} holds it`;
  if (access === "denied") return "wwand may not open it";
  return access === "no node" ? "it has no device node" : undefined;
}
