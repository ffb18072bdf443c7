/** Who listens to a driver's events, as a table of what each event means to them. */
import type { EventEmitter } from "eventemitter3";
import type { Driver, DriverEvents } from "./ports.js";

export type DriverListeners = {
  readonly [Event in keyof DriverEvents]?: EventEmitter.EventListener<DriverEvents, Event>;
};

/** One listener for each event at most. Yields what ends the listening. */
export function listen(events: Driver["events"], listeners: DriverListeners): () => void {
  const on = <Event extends keyof DriverEvents>(event: Event) => {
    const listener: EventEmitter.EventListener<DriverEvents, Event> | undefined = listeners[event];
    if (listener === undefined) return () => undefined;
    events.on(event, listener);
    return () => void events.off(event, listener);
  };
  const unlisten = (Object.keys(listeners) as (keyof DriverEvents)[]).map((event) => on(event));
  return () => unlisten.forEach((off) => void off());
}
