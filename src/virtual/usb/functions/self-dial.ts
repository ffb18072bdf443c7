/** Firmware that opens a session by itself, as modems that play router do. */
import type { ModemMachine } from "../../machine.js";

const sessionId = 0;
/** After a refusal or a loss. */
const redialMs = 10_000;

/** Dials by the first context as soon as there is packet service, and again after a loss; the returned function ends that. */
export function dialItself(machine: ModemMachine): () => void {
  let cancelWait: (() => void) | undefined;
  const dial = () => {
    const { packet, sessions } = machine.state;
    if (cancelWait !== undefined || packet.is !== "attached" || sessions.some(({ id }) => id === sessionId)) return;
    const { cid: _cid, name: _name, ...defined } = machine.state.contexts.find(({ cid }) => cid === 1) ?? {};
    const request = { apn: "", username: "", password: "", auth: "none", pdn: "default", ...defined } as const;
    machine.send({ type: "connect", id: sessionId, request });
  };
  const unwatch = machine.watch(({ outcome }) => {
    const ended = outcome.ended.some(({ id }) => id === sessionId);
    if (ended && cancelWait === undefined)
      cancelWait = machine.clock.after(redialMs, () => {
        cancelWait = undefined;
        dial();
      });
    dial();
  });
  dial();
  return () => {
    unwatch();
    cancelWait?.();
  };
}
