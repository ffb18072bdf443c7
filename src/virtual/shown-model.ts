/** The model as `state` prints it: without the card's PIN and without anybody's password. */
import type { ModemState } from "./model/state.js";
import type { VirtualModemState } from "./types.js";

const withoutPin = ({ pin: _pin, ...sim }: ModemState["sim"]): Omit<ModemState["sim"], "pin"> => sim;

export function shownModel(state: ModemState): VirtualModemState["model"] {
  const sessions = state.sessions.map((session) => {
    if (session.is === "active") return session;
    const { request: _request, ...shown } = session;
    return shown;
  });
  const otherCards = Object.values(state.otherCards).map(withoutPin);
  return { ...state, sim: withoutPin(state.sim), otherCards, sessions };
}
