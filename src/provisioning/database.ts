/**
 * The provider database on the disk, asked for one network at a time. Each question has a process of its own that ends
 * with its answer: a card asks once in its life, and nothing of the megabytes stays in memory.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { Plmn, ProviderApn } from "./provider-database.js";

export interface DatabaseQuestion {
  readonly file: string;
  readonly plmn: Plmn;
  readonly serviceProviderName?: string | undefined;
}

export interface DatabaseAnswer {
  /** Best first; empty: the database does not know the network. */
  readonly internet: readonly ProviderApn[];
  readonly mms?: ProviderApn | undefined;
}

export type DatabaseReply =
  | ({ readonly is: "answer" } & DatabaseAnswer)
  | { readonly is: "absent" }
  | { readonly is: "failed"; readonly reason: string };

const reader = new URL("./database-reader.js", import.meta.url);

/**
 * Resolves with undefined when there is no such file.
 * @throws Error when the file cannot be read or is no provider database, or the reason of `signal`
 */
export async function askDatabase(
  question: DatabaseQuestion,
  signal: AbortSignal,
): Promise<DatabaseAnswer | undefined> {
  signal.throwIfAborted();
  const child = fork(reader, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const kill = () => child.kill("SIGKILL");
  signal.addEventListener("abort", kill, { once: true });
  try {
    const reply = await replyOf(child, question);
    if (reply.is === "failed") throw new Error(`${question.file}: ${reply.reason}`);
    return reply.is === "absent" ? undefined : reply;
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener("abort", kill);
  }
}

async function replyOf(child: ChildProcess, question: DatabaseQuestion): Promise<DatabaseReply> {
  const done = new AbortController();
  const ended = once(child, "exit", { signal: done.signal }).then(([code, killedBy]) => {
    throw new Error(`the reader of the provider database ended with ${code ?? killedBy}`);
  });
  const replied: Promise<DatabaseReply> = once(child, "message", { signal: done.signal }).then(([reply]) => reply);
  const unsent = new Promise<never>((_, reject) => {
    child.send(question, (error) => error && reject(error));
  });
  try {
    return await Promise.race([replied, ended, unsent]);
  } finally {
    for (const rest of [ended, replied, unsent]) rest.catch(() => undefined);
    done.abort();
  }
}
