/** A log whose lines are notes of a trace too, whatever level is printed. */
import { type Log, type LogFields, type LogLevel, logLine } from "../runtime/log.js";
import type { TraceSink } from "./entry.js";

export function tracedLog(log: Log, sink: TraceSink, area = ""): Log {
  const at = (severity: LogLevel) => (message: string, fields?: LogFields) => {
    log[severity](message, fields);
    sink.add({ is: "note", text: `${area === "" ? "" : `${area}: `}${logLine(message, fields)}` });
  };
  return {
    error: at("error"),
    warning: at("warning"),
    notice: at("notice"),
    info: at("info"),
    debug: at("debug"),
    // The trace has the message itself.
    frame: (text, fields) => log.frame(text, fields),
    child: (name) => tracedLog(log.child(name), sink, area === "" ? name : `${area} ${name}`),
  };
}
