/** One step over the control socket, for `wwand-virtual ctl` and whoever drives a virtual modem in another process. */
import { connect } from "node:net";
import type { StepReply, StepRequest } from "./server.js";

/** A step waits for the ones before it, but none takes long. */
const answerTimeoutMs = 10_000;

/** Rejects when nobody answers at `path`, or not within ten seconds. */
export function requestStep(path: string, request: StepRequest): Promise<StepReply> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let text = "";
    socket.setEncoding("utf8");
    socket.setTimeout(answerTimeoutMs, () => socket.destroy(new Error(`no answer within ${answerTimeoutMs / 1000} s`)));
    socket.once("error", reject);
    socket.once("connect", () => socket.write(`${JSON.stringify(request)}\n`));
    socket.on("data", (part: string) => {
      text += part;
      const end = text.indexOf("\n");
      if (end < 0) return;
      socket.destroy();
      const reply = readReply(text.slice(0, end));
      if (reply === undefined) reject(new Error(`${path} does not speak the control protocol`));
      else resolve(reply);
    });
    socket.once("close", () => reject(new Error(`${path} closed without an answer`)));
  });
}

function readReply(line: string): StepReply | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined; // the caller says whose fault it is
  }
  if (typeof value !== "object" || value === null || !("text" in value) || typeof value.text !== "string")
    return undefined;
  const failure = "failure" in value ? value.failure : undefined;
  if (failure === undefined) return { text: value.text };
  return { text: value.text, failure: failure === "usage" || failure === "refused" ? failure : "failed" };
}
