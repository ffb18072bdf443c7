/** Tells the host when its network connection comes and goes. @see USB CDC 1.2 6.3.1, ECM 1.2 6.7 */
import type { ModemMachine } from "../../machine.js";

/** Calls `changed` with every change of "some session is up"; the returned function ends that. */
export function watchLink(machine: ModemMachine, changed: (connected: boolean) => void): () => void {
  let connected = isConnected(machine);
  return machine.watch(() => {
    const now = isConnected(machine);
    if (now === connected) return;
    connected = now;
    changed(now);
  });
}

export const isConnected = ({ state }: ModemMachine): boolean => state.sessions.some(({ is }) => is === "active");
