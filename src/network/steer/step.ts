/** One turn of steering: ConnMan's services, the plan's wish and the kernel's default in, calls out. Pure and total. */
import { connectAnswered, connectStep } from "./connect.js";
import { moveAnswered, moveStep } from "./move.js";
import type { SteerAnswer, SteerMemory, SteerStep, SteerView } from "./types.js";

export function steerStep(view: SteerView, before: SteerMemory): SteerStep {
  if (view.services === undefined) return { memory: before, calls: [] };
  const move = moveStep(view, before.move);
  const connect = connectStep(view, before.connect);
  const again = [move.againInMs, connect.againInMs].filter((ms) => ms !== undefined);
  return {
    memory: { move: move.memory, connect: connect.memory },
    calls: [...(move.call ? [move.call] : []), ...connect.calls],
    ...(again.length > 0 && { againInMs: Math.max(0, Math.min(...again)) }),
  };
}

export const steerAnswered = (before: SteerMemory, answer: SteerAnswer): SteerMemory => ({
  move: moveAnswered(before.move, answer),
  connect: connectAnswered(before.connect, answer),
});
