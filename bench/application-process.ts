/**
 * An application that somebody waits for, in a process of its own. It has no timeouts but the kernel's, and begins again as
 * soon as it gets an error: what it sees of a switch is what the machine tells it.
 */
import { Resolver } from "node:dns/promises";
import { get } from "node:http";
import { connect } from "node:net";
import { monotonicMs } from "./clock.js";
import { farPorts } from "./far-ports.js";

export interface ApplicationSetup {
  /**
   * A download over HTTP; a TCP session that says nothing once it is there; one that says a byte every 100 ms and hears it
   * back; a long-lived resolver of c-ares.
   */
  readonly kind: "download" | "idle session" | "busy session" | "names";
  /** The server's address; for names the name that is asked for. */
  readonly of: string;
}

export interface ApplicationOrder {
  /** `watch`: tell when it works by another way than now. */
  readonly order: "begin" | "watch" | "end";
}

export type ApplicationReport =
  | { readonly report: "working" }
  | { readonly report: "again"; readonly atMs: number }
  | { readonly report: "ended" };

const retryMs = 20;
const talkMs = 100;

const { kind, of }: ApplicationSetup = JSON.parse(process.argv[2] ?? "{}");
const tell = (report: ApplicationReport): void => void process.send?.(report);
let working: string | undefined;
let watched: string | undefined;
let round = new AbortController();
let connections = 0;

/** Something came by this way: a connection, or the server that gives this answer. */
function works(way: string): void {
  if (working === undefined) tell({ report: "working" });
  working = way;
  if (watched === undefined || way === watched) return;
  watched = undefined;
  tell({ report: "again", atMs: monotonicMs() });
}

function later(again: () => void, ms = retryMs): void {
  const { signal } = round;
  setTimeout(() => signal.aborted || again(), ms);
}

function download(): void {
  const way = `connection ${++connections}`;
  let isOver = false;
  const over = () => {
    if (isOver) return;
    isOver = true;
    later(download);
  };
  const request = get({ host: of, port: farPorts.web, path: "/download", agent: false, signal: round.signal });
  request.on("response", (response) => {
    response.on("data", () => works(way));
    response.on("error", over);
    response.on("close", over);
  });
  request.on("error", over);
}

function session(): void {
  const way = `connection ${++connections}`;
  const { signal } = round;
  const socket = connect({ host: of, port: farPorts.echo, signal });
  socket.setNoDelay(true);
  let talk: NodeJS.Timeout | undefined;
  socket.on("connect", () => {
    socket.write("a");
    if (kind === "busy session") talk = setInterval(() => socket.write("a"), talkMs);
  });
  socket.on("data", () => works(way));
  // `close` follows, and is where it begins again.
  socket.on("error", () => undefined);
  socket.on("close", () => {
    clearInterval(talk);
    later(session);
  });
}

function names(): void {
  const resolver = new Resolver({ timeout: 1_000, tries: 2 });
  const ask = async () => {
    // No answer is no way; the next question tells more.
    const answer = await resolver.resolve4(of).catch(() => undefined);
    if (answer !== undefined) works(answer.join());
    later(() => void ask());
  };
  void ask();
}

const programs = { download, names, "idle session": session, "busy session": session };

process.on("message", ({ order }: ApplicationOrder) => {
  if (order === "watch") {
    watched = working;
    return;
  }
  round.abort();
  working = undefined;
  watched = undefined;
  if (order === "end") return tell({ report: "ended" });
  round = new AbortController();
  programs[kind]();
});
process.on("disconnect", () => process.exit(0));
