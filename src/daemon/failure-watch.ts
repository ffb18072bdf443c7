/** Tells failures: what the modem, the network or an uplink did that a person may want to look into afterwards. */

import type { EventEmitter } from "eventemitter3";
import type { LiveModem } from "../modem/setup.js";
import type { UplinksState } from "../network/uplinks/state.js";
import type { UplinksEvents } from "../network/uplinks/types.js";
import { errorText, type ModemError } from "../runtime/error.js";

export interface Failure {
  /** `mbim_0`; empty: it is no modem's. */
  readonly modem: string;
  /** In words, as log and wwanctl have them. */
  readonly reason: string;
}

type Tell = (failure: Failure) => void;

/** Follows one modem until the returned function is called. */
export function watchModem(modem: LiveModem, tell: Tell): () => void {
  const name = modem.path.slice(1);
  const changed = (next: LiveModem["state"], previous: LiveModem["state"]) => {
    const isNews = !previous.hasFailed || previous.stage !== next.stage;
    if (next.hasFailed && isNews) tell({ modem: name, reason: next.stage });
  };
  const lost = (_bearer: unknown, error: ModemError) =>
    tell({ modem: name, reason: `connection lost: ${errorText(error)}` });
  const gone = (error: ModemError) => tell({ modem: name, reason: `the modem is gone: ${errorText(error)}` });
  modem.events.on("changed", changed);
  modem.bearerEvents.on("lost", lost);
  modem.lifecycle.on("gone", gone);
  return () => {
    modem.events.off("changed", changed);
    modem.bearerEvents.off("lost", lost);
    modem.lifecycle.off("gone", gone);
  };
}

interface Engine {
  readonly events: EventEmitter<UplinksEvents>;
  state(): UplinksState;
}

/** Switches away from an uplink that does not carry any more; a return to a better one is none. */
export function watchUplinks(engine: Engine, tell: Tell): void {
  engine.events.on("switched", ({ family, from, to, because }) => {
    const left = engine.state().uplinks.find(({ name }) => name === from)?.families[family];
    // Given back on purpose, with the family that nothing else has.
    const standsBy = left?.presence === "standby";
    const isSound = left === undefined || standsBy || (left.presence === "present" && left.verdict === "up");
    if (isSound) return;
    tell({ modem: "", reason: `IPv${family} traffic: ${from} -> ${to ?? "none"} (${because.join("; ")})` });
  });
}
