/** Getting a modem's only serial line to take commands, whatever a program that died has left it in. */
import { AtPort } from "../../at/port.js";
import { finalResult } from "../../at/results.js";
import { AtTokenizer } from "../../at/tokenizer.js";
import { closeDownBytes } from "../../cmux/close-down.js";
import { abortable } from "../../runtime/abort.js";
import { type Clock, sleep } from "../../runtime/clock.js";
import type { Log } from "../../runtime/log.js";
import type { SharedLink } from "../../runtime/shared-link.js";

export interface ReachContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

const introduction = Buffer.from("ATQ0V1E0\r");
const answerMs = 1_000;
/** From frames back to commands. */
const settleMs = 300;
/** What has come over the line before may have spoilt the first. */
const closeDowns = 2;

/**
 * A modem that was multiplexed when its host died still is: it hears frames only.
 * @throws ModemError `timeout` when nothing helps, `unplugged`; the signal's reason
 */
export async function reachCommands(line: SharedLink, context: ReachContext): Promise<void> {
  const { clock, log, signal } = context;
  if (await answers(line, context)) return;
  for (let round = 0; round < closeDowns; round++) {
    log.debug("no answer: the line may still be multiplexed", { port: line.name });
    await say(line, closeDownBytes);
    await sleep(clock, settleMs, signal);
    if (await answers(line, context)) return;
  }
  // Data mode, a prompt, or a modem that starts.
  const port = new AtPort({ link: line.lend(), log, clock });
  try {
    await abortable(port.escape(), "the serial line", signal);
  } finally {
    port.close();
  }
}

async function say(line: SharedLink, bytes: Buffer): Promise<void> {
  const lent = line.lend();
  try {
    await lent.write(bytes);
  } finally {
    lent.close();
  }
}

/** Whether commands are taken. @throws ModemError `unplugged` */
async function answers(line: SharedLink, { clock, signal }: ReachContext): Promise<boolean> {
  const lent = line.lend();
  try {
    const heard = new Promise<boolean>((resolve, reject) => {
      const tokenizer = new AtTokenizer();
      const data = (bytes: Buffer) => {
        for (const token of tokenizer.feed(bytes))
          if (token.is === "line" && finalResult(token.text, { call: false, numbers: true }) !== undefined)
            resolve(true);
      };
      lent.listen({ data, closed: reject });
    });
    heard.catch(() => undefined); // of its own end, below
    await lent.write(introduction);
    return await Promise.race([heard, sleep(clock, answerMs, signal).then(() => false)]);
  } finally {
    lent.close();
  }
}
