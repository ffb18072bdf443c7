/** A trace for people: one line for each entry. */
import { masked } from "../runtime/log.js";
import type { TraceEntry } from "./entry.js";
import { identitiesIn } from "./mask.js";
import { protocols } from "./protocols/all.js";

export interface ShowOptions {
  /** `mbim_0`; absent: everything. */
  readonly modem?: string | undefined;
  /** Shows identities in full, as far as the trace has them. */
  readonly identities: boolean;
}

/** `/dev/cdc-wdm0` as `cdc-wdm0`. */
const shortPort = (port: string): string => port.slice(port.lastIndexOf("/") + 1);

function messageText(entry: TraceEntry & { readonly is: "frame" }): string {
  try {
    return protocols[entry.protocol].text(entry.bytes);
  } catch (error) {
    return `${entry.bytes.length} bytes, not readable: ${String(error)}`;
  }
}

function factText(entry: TraceEntry): string {
  switch (entry.is) {
    case "opened":
    case "closed":
      return `${entry.modem} ${entry.protocol} ${shortPort(entry.port)} ${entry.is}`;
    case "frame":
      return `${entry.modem} ${entry.direction} ${messageText(entry)}`;
    case "left out":
      return `${entry.modem} ${entry.direction} ${entry.size} bytes that are no messages`;
    case "netlink":
      return `netlink ${entry.direction} ${entry.bytes.length} bytes`;
    case "note":
      return entry.text;
    case "gap":
      return `${entry.source}: ${entry.entries} earlier entries are not kept`;
  }
}

/** Puts each identity in full where the text of the messages shows it in part. */
function revealed(entries: readonly TraceEntry[]): (text: string) => string {
  const identities = identitiesIn(entries).flatMap((one) => [`+${one}`, one]);
  return (text) => identities.reduce((shown, one) => shown.replaceAll(masked(one), one), text);
}

/** Long digit runs in lines of AT commands, which show as they are. */
const covered = (text: string): string => text.replace(/(?<![0-9A-Za-z])[0-9]{10,22}(?![0-9A-Za-z])/g, masked);

const isOf = (entry: TraceEntry, modem: string): boolean => {
  if (entry.is === "note") return entry.text.split(/[\s:]/).includes(modem);
  if (entry.is === "gap") return entry.source === modem;
  return "modem" in entry && entry.modem === modem;
};

/** `22:40:46.123 +0.004 mbim_0 > #5 CONNECT set ...`: UTC, and the seconds since the line before by the monotonic clock. */
export function traceLines(entries: readonly TraceEntry[], { modem, identities }: ShowOptions): readonly string[] {
  const shown = modem === undefined ? entries : entries.filter((entry) => isOf(entry, modem));
  const finished = identities ? revealed(entries) : covered;
  return shown.map((entry, index) => {
    const sinceMs = entry.atMs - (shown[index - 1]?.atMs ?? entry.atMs);
    const time = new Date(entry.wallMs).toISOString().slice(11, 23);
    return `${time} ${`+${(sinceMs / 1000).toFixed(3)}`.padStart(8)} ${finished(factText(entry))}`;
  });
}
