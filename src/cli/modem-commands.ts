/** The command lines of `wwanctl modem` and `wwanctl sim`. */
import { createInterface } from "node:readline";
import type { Command } from "commander";
import type { Run } from "./answer.js";
import { orRefusal } from "./command.js";
import { compositionActions } from "./composition.js";
import { hardwareActions } from "./hardware.js";
import { modemAnswer } from "./modem.js";
import { radioActions } from "./radio.js";
import { simActions } from "./sim.js";
import { readSnapshot } from "./snapshot.js";

type Actions<A> = Readonly<Record<string, A>>;

const actionList = (actions: Actions<{ readonly help: string }>): string =>
  ["", "Actions:", ...Object.entries(actions).map(([name, { help }]) => `  ${name.padEnd(16)} ${help}`)].join("\n");

/** Ends the program with a usage error where there is no such action, or nothing that may follow it. */
function actionOf<A extends { readonly takesWords: boolean }>(
  program: Command,
  actions: Actions<A>,
  name: string,
  words: readonly string[],
): A {
  const found = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (found === undefined) program.error(`error: no action '${name}'; there are: ${Object.keys(actions).join(", ")}`);
  if (!found.takesWords && words.length > 0) program.error(`error: nothing may follow '${name}'`);
  return found;
}

/** One line of standard input. */
async function readSecret(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) return line;
  throw new Error("nothing came on standard input");
}

const modemActions = { ...radioActions, ...hardwareActions, ...compositionActions };

type ModemWords = [name: string | undefined, action: string | undefined, words: readonly string[]];

/** `compositions [NAME]` and `switch NAME MBIM` as well: no modem is called like that, and not all are modems with names. */
function inOrder(first: string | undefined, second: string | undefined, words: readonly string[]): ModemWords {
  return first !== undefined && Object.hasOwn(compositionActions, first)
    ? [second, first, words]
    : [first, second, words];
}

export function modemCommands(program: Command, run: Run): void {
  program
    .command("modem [name] [action] [words...]")
    .description("all modems and what is not driven, or everything about one modem (its name as listed, e.g. mbim_0)")
    .addHelpText("after", actionList(modemActions))
    .action((...given: ModemWords) => {
      const [name, action, words] = inOrder(...given);
      if (action === undefined) return run(async (call) => modemAnswer(await readSnapshot(call), name));
      const chosen = actionOf(program, modemActions, action, words);
      return run((call) => orRefusal(name ?? "", () => chosen.run(call, name ?? "", words)));
    });
  program
    .command("sim <name> [action] [words...]")
    .description("the cards of a modem; slots by default")
    .addHelpText("after", actionList(simActions))
    .action((name: string, action = "slots", words: readonly string[]) => {
      const chosen = actionOf(program, simActions, action, words);
      return run((call) => orRefusal(name, () => chosen.run(call, name, words, readSecret)));
    });
}
