import type { EventEmitter } from "eventemitter3";

/** Listens until the returned function is called. */
export function listen<Events extends EventEmitter.ValidEventTypes, Name extends EventEmitter.EventNames<Events>>(
  emitter: EventEmitter<Events>,
  event: Name,
  listener: EventEmitter.EventListener<Events, Name>,
): () => void {
  emitter.on(event, listener);
  return () => {
    emitter.off(event, listener);
  };
}
