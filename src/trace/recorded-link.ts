/** A link that tells a trace what passes over it. Whoever uses it notices nothing. */
import type { Clock } from "../runtime/clock.js";
import type { ByteLink, FrameLink, LinkListener } from "../runtime/link.js";
import type { Direction, TracedPort, TraceSink } from "./entry.js";
import { LineRecorder } from "./line-recorder.js";
import { MessageRecorder } from "./message-recorder.js";

/** Takes bytes as they pass and tells whole messages. */
export interface Recorder {
  take(direction: Direction, bytes: Buffer): void;
  close(): void;
}

export interface RecordingOptions {
  readonly port: TracedPort;
  readonly sink: TraceSink;
  readonly clock: Clock;
}

export function recorded<L extends ByteLink | FrameLink>(link: L, options: RecordingOptions): ByteLink | FrameLink {
  const { port, sink } = options;
  const recorder: Recorder = port.protocol === "at" ? new LineRecorder(options) : new MessageRecorder(options);
  sink.add({ is: "opened", ...port });
  const listen = (listener: LinkListener) =>
    link.listen({
      data: (bytes) => {
        recorder.take("<", bytes);
        listener.data(bytes);
      },
      closed: (reason) => {
        recorder.close();
        sink.add({ is: "closed", ...port });
        listener.closed(reason);
      },
    });
  const write = (bytes: Buffer) => {
    recorder.take(">", bytes);
    return link.write(bytes);
  };
  const common = { name: link.name, listen, write, close: () => link.close() };
  if (link.kind === "frames") return { ...common, kind: "frames", maxFrameBytes: link.maxFrameBytes };
  const { dropDtr } = link;
  return { ...common, kind: "bytes", ...(dropDtr ? { dropDtr: () => dropDtr.call(link) } : {}) };
}
