/** The control socket: one JSON object per line in, one out. Any number of clients. */
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { errorText } from "../../runtime/error.js";
import { clearStaleSocket } from "../port/stale.js";
import { closed, listening } from "../port/stream.js";
import { StepError } from "./steps.js";

/** `{"step":"signal","args":["-80"]}` */
export interface StepRequest {
  readonly step: string;
  readonly args: readonly string[];
}

/** `failure` is absent when the step was carried out. */
export interface StepReply {
  readonly text: string;
  readonly failure?: "usage" | "refused" | "failed";
}

type Run = (name: string, ...args: readonly string[]) => Promise<string>;

/** @throws when the path is taken */
export async function serveControl(path: string, run: Run): Promise<{ readonly close: () => Promise<void> }> {
  await clearStaleSocket(path);
  const clients = new Set<Socket>();
  const server = createServer((socket) => {
    clients.add(socket);
    // Whatever befalls the connection, `close` follows.
    socket.on("error", () => undefined);
    socket.once("close", () => clients.delete(socket));
    void answerLines(socket, run);
  });
  await listening(server, { path });
  return { close: () => closed(server, () => clients.forEach((socket) => void socket.destroy())) };
}

async function answerLines(socket: Socket, run: Run): Promise<void> {
  const lines = createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) {
    const reply = await answer(line, run);
    if (!socket.destroyed) socket.write(`${JSON.stringify(reply)}\n`);
  }
}

async function answer(line: string, run: Run): Promise<StepReply> {
  const request = parse(line);
  if (request === undefined) {
    return { failure: "usage", text: 'expected one line such as {"step":"signal","args":["-80"]}' };
  }
  try {
    return { text: await run(request.step, ...request.args) };
  } catch (error) {
    return { failure: error instanceof StepError ? error.kind : "failed", text: errorText(error) };
  }
}

function parse(line: string): StepRequest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined; // the caller says what was expected
  }
  if (typeof value !== "object" || value === null || !("step" in value) || typeof value.step !== "string")
    return undefined;
  const args: unknown = "args" in value ? value.args : [];
  if (!Array.isArray(args) || !args.every((arg) => typeof arg === "string")) return undefined;
  return { step: value.step, args };
}
