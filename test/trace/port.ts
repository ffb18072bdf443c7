/** A port in memory whose traffic is recorded: what the host writes is heard, what the modem says is sent by `say`. */
import type { ByteLink, FrameLink, LinkListener } from "../../src/runtime/link.js";
import type { Protocol, TraceFact } from "../../src/trace/entry.js";
import { recorded } from "../../src/trace/recorded-link.js";
import { VirtualClock } from "../fakes/clock.js";

export interface RecordedPort {
  readonly link: ByteLink | FrameLink;
  readonly facts: readonly TraceFact[];
  /** The bytes of the messages, one after the other, as hexadecimal. */
  readonly hex: string;
  say(bytes: Buffer): void;
}

export function recordedPort(protocol: Protocol, kind: "bytes" | "frames" = "bytes"): RecordedPort {
  let listener: LinkListener | undefined;
  const facts: TraceFact[] = [];
  const common = {
    name: "/dev/port",
    listen: (it: LinkListener) => {
      listener = it;
    },
    write: async () => undefined,
    close: () => listener?.closed(new Error("closed")),
  };
  const inner: ByteLink | FrameLink = kind === "bytes" ? { ...common, kind } : { ...common, kind, maxFrameBytes: 4096 };
  const port = { modem: "m_0", port: "/dev/port", protocol };
  const link = recorded(inner, { port, sink: { add: (fact) => facts.push(fact) }, clock: new VirtualClock() });
  link.listen({ data: () => undefined, closed: () => undefined });
  return {
    link,
    facts,
    get hex() {
      return facts.map((fact) => ("bytes" in fact ? fact.bytes.toString("hex") : "")).join(" ");
    },
    say: (bytes) => listener?.data(bytes),
  };
}
