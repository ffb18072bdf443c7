/** What of a trace is one modem's port. */
import type { Direction, TracedPort, TraceEntry } from "../../trace/entry.js";

export interface RecordedMessage {
  readonly atMs: number;
  readonly direction: Direction;
  readonly bytes: Buffer;
}

/** From one opening of the port to the next. */
export interface RecordedOpening {
  readonly atMs: number;
  readonly messages: readonly RecordedMessage[];
}

export interface RecordedPort extends TracedPort {
  /** At least one; what a host that opens the port anew meets next, and the last one for ever. */
  readonly openings: readonly RecordedOpening[];
}

/** @throws Error when the trace has no such modem, or more than one and none was named */
export function recordedPort(entries: readonly TraceEntry[], wanted: string | undefined): RecordedPort {
  const ports = entries.flatMap((entry) => (entry.is === "frame" ? [entry] : []));
  const modems = [...new Set(ports.map(({ modem }) => modem))];
  const modem = wanted ?? (modems.length === 1 ? modems[0] : undefined);
  const found = ports.find((port) => port.modem === modem);
  if (found === undefined) {
    const there = modems.length === 0 ? "no modem" : modems.join(", ");
    throw new Error(`the trace has ${there}${modems.length > 1 ? ": name one with --modem" : ""}`);
  }
  const { port, protocol } = found;
  return { modem: found.modem, port, protocol, openings: openingsOf(entries, found) };
}

/** An opening whose beginning was not kept cannot be answered from; the last one has always kept it. */
function openingsOf(entries: readonly TraceEntry[], { modem, port }: TracedPort): readonly RecordedOpening[] {
  const found: { readonly atMs: number; readonly messages: RecordedMessage[]; isWhole: boolean }[] = [];
  for (const entry of entries) {
    if (entry.is === "gap" && entry.source === modem) for (const opening of found) opening.isWhole = false;
    if (!("port" in entry) || entry.modem !== modem || entry.port !== port) continue;
    if (entry.is === "opened" || found.length === 0)
      found.push({ atMs: entry.atMs, messages: [], isWhole: entry.is === "opened" });
    if (entry.is === "frame") found.at(-1)?.messages.push(entry);
  }
  const spoken = found.filter(({ messages }) => messages.length > 0);
  const whole = spoken.filter(({ isWhole }, index) => isWhole || index === spoken.length - 1);
  return whole.map(({ atMs, messages }) => ({ atMs, messages }));
}
