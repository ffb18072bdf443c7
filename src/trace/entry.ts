/** What a trace consists of. Bytes are as they were on the wire, with secrets already covered. */

export type Protocol = "qmi" | "mbim" | "at";

/** Seen from wwand: `>` to the modem or kernel, `<` from it. */
export type Direction = ">" | "<";

export interface Moment {
  /** Monotonic, in milliseconds; only differences mean something. */
  readonly atMs: number;
  /** The same moment by the wall clock, in milliseconds of Unix time. */
  readonly wallMs: number;
}

/** The port of one modem. */
export interface TracedPort {
  /** `mbim_0` */
  readonly modem: string;
  /** `/dev/cdc-wdm0` */
  readonly port: string;
  readonly protocol: Protocol;
}

/** `opened` begins a conversation: the modem knows nothing of what was said before. */
export type TraceFact =
  | ({ readonly is: "opened" | "closed" } & TracedPort)
  /** One whole message; for AT one or more lines. */
  | ({ readonly is: "frame"; readonly direction: Direction; readonly bytes: Buffer } & TracedPort)
  /** Bytes that are no message, or that nobody should see (packets on an AT port): only their number is kept. */
  | ({ readonly is: "left out"; readonly direction: Direction; readonly size: number } & TracedPort)
  | { readonly is: "netlink"; readonly direction: Direction; readonly bytes: Buffer }
  /** Something decided or noticed, as the log has it. */
  | { readonly is: "note"; readonly text: string }
  /** So many entries of this source were here and had to go. */
  | { readonly is: "gap"; readonly source: string; readonly entries: number };

export type TraceEntry = TraceFact & Moment;

/** Where facts go as they happen. */
export interface TraceSink {
  add(fact: TraceFact): void;
}

/** Facts of one source have a share of the memory of their own, so that none drives out another's. */
export function sourceOf(fact: TraceFact): string {
  switch (fact.is) {
    case "opened":
    case "closed":
    case "frame":
    case "left out":
      return fact.modem;
    case "netlink":
      return "netlink";
    case "note":
      return "notes";
    case "gap":
      return fact.source;
  }
}

/** Memory that the fact takes, about. */
export function sizeOf(fact: TraceFact): number {
  const overheadBytes = 160;
  if (fact.is === "frame" || fact.is === "netlink") return overheadBytes + fact.bytes.length;
  return overheadBytes + (fact.is === "note" ? fact.text.length * 2 : 0);
}
