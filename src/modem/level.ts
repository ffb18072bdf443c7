/**
 * oFono's ordered levels as a pure machine. The level is never stored: it follows from what is known of driver, SIM and
 * radio, so that going down and being thrown down are the same thing. The runner (level-runner.ts) carries out the effects and
 * shows or removes parts whenever `levelOf` differs.
 */
import type { ModemLevel } from "./api.js";

export interface LevelState {
  readonly driver: "closed" | "opening" | "open" | "closing";
  /** `fixed`: this modem has no switchable radio, it is on whenever the driver is open (oFono's AlwaysOnline). */
  /**
   * `turningOff`: from online, which it stays until the modem has agreed; `stuck`: it has not, whoever was online still is;
   * `silencing`: nobody was online.
   */
  readonly radio: "off" | "turningOn" | "on" | "turningOff" | "stuck" | "silencing" | "fixed";
  /** The card's state is read; a modem without SIM capability gets there without one. */
  readonly simReady: boolean;
  readonly want: "off" | "powered" | "online";
}

export type LevelEvent =
  | { readonly type: "want"; readonly want: LevelState["want"] }
  | { readonly type: "opened"; readonly radio: "off" | "on" | "fixed" }
  | { readonly type: "openFailed" }
  | { readonly type: "closed" }
  /** An answer, or the modem's own word (a switch, another program). */
  | { readonly type: "radioTold"; readonly on: boolean }
  | { readonly type: "radioFailed" }
  | { readonly type: "simTold"; readonly ready: boolean }
  /** The wait after a failure is over, or somebody asks again. */
  | { readonly type: "retryDue" }
  | { readonly type: "gone" };

export type LevelEffect =
  | { readonly do: "open" }
  | { readonly do: "abandonOpen" }
  | { readonly do: "close" }
  | { readonly do: "radioOn" }
  | { readonly do: "radioOff" };

export const levels: readonly ModemLevel[] = ["off", "sim", "offline", "online"];
export const atLeast = (level: ModemLevel, floor: ModemLevel): boolean =>
  levels.indexOf(level) >= levels.indexOf(floor);

export const initialLevel: LevelState = { driver: "closed", radio: "off", simReady: false, want: "off" };

/** oFono's Online: the radio is on because somebody wants it, with or without a usable SIM. */
export const isOnline = ({ radio, want }: LevelState): boolean =>
  radio === "turningOff" || radio === "stuck" || (radio === "on" && want === "online");

/** While the driver closes the level stays, whatever becomes of the radio: all of it goes in the turn in which that ends. */
export function levelOf(state: LevelState): ModemLevel {
  if (state.driver === "closed" || state.driver === "opening") return "off";
  if (!state.simReady) return "sim";
  if (state.radio === "fixed") return "online";
  // A radio that is on at power-on (as a restart finds it) is left on, but nobody is online before somebody wants it.
  return isOnline(state) ? "online" : "offline";
}

type Step = readonly [LevelState, ...LevelEffect[]];

const closed = (want: LevelState["want"]): LevelState => ({ driver: "closed", radio: "off", simReady: false, want });

/** The next move towards what is wanted; one at a time, nothing while one runs. */
function pursue(state: LevelState): Step {
  const { driver, radio, want } = state;
  if (driver === "closed") return want === "off" ? [state] : [{ ...state, driver: "opening" }, { do: "open" }];
  if (driver !== "open") return [state];
  if (want === "off") return [{ ...state, driver: "closing" }, { do: "close" }];
  if (want === "online" && radio === "off") return [{ ...state, radio: "turningOn" }, { do: "radioOn" }];
  if (want === "powered" && radio === "stuck") return [{ ...state, radio: "turningOff" }, { do: "radioOff" }];
  return [state];
}

function wanted(state: LevelState, want: LevelState["want"]): Step {
  if (want === state.want) return [state];
  const next = { ...state, want };
  if (state.driver === "opening" && want === "off") return [next, { do: "abandonOpen" }];
  // Who was online stays so until all of it is taken down.
  if (state.driver === "open" && want === "off" && state.want === "online" && state.radio === "on")
    return pursue({ ...next, radio: "turningOff" });
  // Only somebody who leaves online turns the radio off; `powered` alone has no opinion about it.
  if (state.driver === "open" && want === "powered" && state.want === "online" && state.radio === "on")
    return [{ ...next, radio: "turningOff" }, { do: "radioOff" }];
  return pursue(next);
}

/** Total: an event that means nothing in a state returns the very same state without effects. */
export function levelStep(state: LevelState, event: LevelEvent): Step {
  const { driver, radio, want } = state;
  const isOpen = driver === "open" || driver === "closing";
  switch (event.type) {
    case "want":
      return wanted(state, event.want);
    case "opened":
      if (driver !== "opening") return [state];
      return pursue({ ...state, driver: "open", radio: event.radio });
    case "openFailed":
      return driver === "opening" ? [closed(want)] : [state];
    case "closed":
      // Somebody may have wanted it on again while it closed.
      return driver === "closing" ? pursue(closed(want)) : [state];
    case "radioTold":
      return driver === "open" && radio !== "fixed" ? radioTold(state, event.on) : [state];
    case "radioFailed":
      if (radio === "turningOn") return [{ ...state, radio: "off" }];
      if (radio === "turningOff") return [{ ...state, radio: "stuck" }];
      return radio === "silencing" ? [{ ...state, radio: "on" }] : [state];
    case "simTold":
      // A card that leaves while the driver closes takes its parts with it; one that comes is too late.
      if (event.ready === state.simReady || (event.ready ? driver !== "open" : !isOpen)) return [state];
      return [{ ...state, simReady: event.ready }];
    case "retryDue":
      return pursue(state);
    case "gone":
      return driver === "closed" && want === "off" ? [state] : [closed("off")];
  }
}

function radioTold(state: LevelState, on: boolean): Step {
  if (on && state.radio === "stuck") return [state];
  if (on && state.radio === "turningOff" && state.want === "powered") return [{ ...state, radio: "stuck" }];
  const told: LevelState = { ...state, radio: on ? "on" : "off" };
  // The wish changed while the radio was being switched.
  if (on && state.radio === "turningOn" && state.want === "powered" && state.driver === "open")
    return [{ ...told, radio: "silencing" }, { do: "radioOff" }];
  if (!on && (state.radio === "turningOff" || state.radio === "silencing")) return pursue(told);
  return told.radio === state.radio ? [state] : [told];
}
