/** The step of the way to a connection that runs, waits or failed, in plain words. Pure. */
import { causeText, errorText, type FailureCause, type ModemError } from "../runtime/error.js";
import type { RegistrationPartState } from "./api.js";
import type { BearerState } from "./bearer-machine.js";
import type { LevelState } from "./level.js";

export interface StageFacts {
  readonly level: LevelState;
  /** A client has powered it off, and it is kept for a moment. */
  readonly isKept: boolean;
  readonly openError: ModemError | undefined;
  readonly radioError: ModemError | undefined;
  readonly radioOffBecause: readonly string[];
  /** Why the SIM is not ready. */
  readonly simProblem: string | undefined;
  readonly registration: RegistrationPartState | undefined;
  readonly packet:
    | {
        readonly attached: boolean;
        readonly roamingRefused: boolean;
        readonly hasInternetContext: boolean;
        readonly error: ModemError | undefined;
        /** The bearer that is furthest on its way. */
        readonly bearer: { readonly state: BearerState; readonly error: ModemError | undefined } | undefined;
      }
    | undefined;
}

export interface Stage {
  readonly stage: string;
  readonly cause: FailureCause | undefined;
  readonly hasFailed: boolean;
}

const at = (step: string, words: string): Stage => ({ stage: `${step}: ${words}`, cause: undefined, hasFailed: false });
const failed = (step: string, error: ModemError): Stage => ({
  stage: `${step}: ${errorText(error)}`,
  cause: error.failure,
  hasFailed: true,
});

export function stageOf(facts: StageFacts): Stage {
  const { level, isKept, openError, radioError, radioOffBecause, simProblem } = facts;
  if (isKept) return at("1/10 power", `${radioOffBecause.join("; ")}; kept for a moment`);
  if (level.driver === "closed") {
    if (level.want === "off") return at("1/10 power", radioOffBecause.join("; ") || "off");
    return openError ? failed("2/10 open", openError) : at("2/10 open", "waits");
  }
  if (level.driver === "opening") return at("2/10 open", "runs");
  if (level.driver === "closing") return at("1/10 power", "is being turned off");
  if (!level.simReady) return at("4/10 SIM", simProblem ?? "is read");
  if (level.radio === "turningOn") return at("5/10 radio", "is being turned on");
  const isOn = level.radio === "on" || level.radio === "stuck";
  if (level.radio !== "fixed" && !(isOn && level.want === "online"))
    return radioError ? failed("5/10 radio", radioError) : at("5/10 radio", radioOffBecause.join("; ") || "off");
  return registrationStage(facts);
}

function registrationStage(facts: StageFacts): Stage {
  const { registration } = facts;
  if (registration !== undefined && registration.status !== "registered" && registration.status !== "roaming") {
    const { status, cause } = registration;
    const stage = `6/10 register: ${cause ? `${status} (${causeText(cause)})` : status}`;
    return { stage, cause, hasFailed: cause !== undefined || status === "denied" };
  }
  return packetStage(facts);
}

function packetStage({ packet }: StageFacts): Stage {
  if (packet === undefined) return at("7/10 attach", "the modem has no packet data");
  if (!packet.attached) {
    if (packet.error) return failed("7/10 attach", packet.error);
    return at("7/10 attach", packet.roamingRefused ? "roaming is not allowed" : "not attached");
  }
  const { bearer } = packet;
  switch (bearer?.state.is) {
    case "active":
      return at("10/10 connected", bearer.state.call.interfaceName);
    case "raising":
      return at("9/10 link", `${bearer.state.call.interfaceName} is being configured`);
    case "starting":
      return at("8/10 activate", "runs");
    case "cancelling":
    case "stopping":
      return at("8/10 activate", "is being taken down");
    case "backoff":
    case "idle":
    case undefined:
      if (bearer?.error) return failed("8/10 activate", bearer.error);
      return at(
        "8/10 activate",
        packet.hasInternetContext ? "nobody has asked for it" : "there is no internet context",
      );
  }
}
