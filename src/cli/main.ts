/** `wwanctl`: asks the daemon over D-Bus. Exit 0: fine; 1: the answer is bad news; 2: usage, or no daemon. */
import { Command, CommanderError } from "commander";
import { systemBusAddress } from "../dbus/address.js";
import { Bus } from "../dbus/bus.js";
import { BusError } from "../dbus/errors.js";
import { errorText } from "../runtime/error.js";
import { silentLog } from "../runtime/log.js";
import { version } from "../runtime/version.js";
import type { Answer } from "./answer.js";
import { doctorAnswer } from "./doctor.js";
import { modemCommands } from "./modem-commands.js";
import { policyCommands } from "./policy.js";
import { type Call, readSnapshot } from "./snapshot.js";
import { statusAnswer } from "./status.js";
import { traceCommands } from "./trace-commands.js";
import { uplinkCommands } from "./uplink-commands.js";
import { watchCommands } from "./watch-commands.js";

const connectTimeoutMs = 2_000;
const exit = { fine: 0, badNews: 1, noAnswer: 2 } as const;

interface GlobalOptions {
  readonly json?: boolean;
  readonly bus?: string;
}

/** `bus` is for who connects by themselves and stays; an answer that is none was given meanwhile. */
type Ask = (call: Call, bus: Bus) => Promise<Answer | undefined>;

async function withDaemon(address: string, ask: Ask): Promise<Answer | undefined> {
  // It tries on until the timeout, which is no reason: the first failure is.
  let failure = "";
  const warning = (line: string) => {
    failure ||= line;
  };
  const bus = new Bus({ address, log: { ...silentLog, warning } });
  const connect = () =>
    bus.connect(AbortSignal.timeout(connectTimeoutMs)).catch((error: unknown) => {
      throw new Error(failure.replace("bus ", "no D-Bus at ").replace("; trying on", "") || `no D-Bus at ${address}`, {
        ...(failure === "" && { cause: error }),
      });
    });
  // A file is shown without any bus.
  let connected: Promise<void> | undefined;
  try {
    return await ask(async (destination, path, iface, member, signature = "", body = [], options = {}) => {
      connected ??= connect();
      await connected;
      return bus.call(destination, path, iface, member, signature, body, options);
    }, bus);
  } finally {
    await bus.close();
  }
}

/** What the bus itself answers, in other words than its own. */
const busAnswers: readonly (readonly [RegExp, string])[] = [
  [/ServiceUnknown|NameHasNoOwner|not provided by any/, "wwand is not running (nobody owns net.wwand on the bus)"],
  [
    /^org\.freedesktop\.DBus\.Error\.AccessDenied/,
    "the bus does not let this user ask: traces are root's, all else also for members of the group wwand",
  ],
];

function noAnswerText(error: unknown): string {
  const told = error instanceof BusError ? `${error.errorName} ${error.message}` : String(error);
  return busAnswers.find(([pattern]) => pattern.test(told))?.[1] ?? errorText(error);
}

export interface Output {
  out(text: string): void;
  err(text: string): void;
}

/** Runs one command line and resolves with the exit code. With `--json` a failure is JSON on `out` too. */
export async function main(argv: readonly string[], { out, err }: Output): Promise<number> {
  let code: number = exit.fine;
  const answer = (ask: Ask) => async (options: GlobalOptions) => {
    try {
      const said = await withDaemon(options.bus ?? systemBusAddress(), ask);
      if (said === undefined) return;
      const { text, json, bad } = said;
      out(options.json ? JSON.stringify(json, null, 2) : text);
      code = bad ? exit.badNews : exit.fine;
    } catch (error) {
      if (options.json) out(JSON.stringify({ error: noAnswerText(error) }));
      else err(`wwanctl: ${noAnswerText(error)}`);
      code = exit.noAnswer;
    }
  };
  const program = commands(answer, out);
  try {
    await program.parseAsync([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exit.fine : exit.noAnswer;
  }
  return code;
}

type Answering = (ask: Ask) => (options: GlobalOptions) => Promise<void>;

function commands(answer: Answering, out: (line: string) => void): Command {
  const program = new Command("wwanctl")
    .description("Shows what wwand knows: modems, uplinks, and why traffic goes where it goes.")
    .option("--json", "print JSON with stable keys instead of text")
    .option("--bus <address>", "D-Bus address (default: the system bus)")
    .version(version)
    .configureHelp({ showGlobalOptions: true })
    .addHelpText("after", "\nExit codes: 0 fine, 1 the answer is bad news, 2 usage error or no daemon.")
    .exitOverride();
  const run = (ask: Ask): Promise<void> => answer(ask)(program.opts<GlobalOptions>());
  program
    .command("status", { isDefault: true })
    .description("the whole picture: what carries traffic and why, every uplink, every modem")
    // What is no command's name arrives here, at the default.
    .allowExcessArguments()
    .action((_options, { args: [unknown] }: Command) => {
      if (unknown !== undefined) program.error(`error: unknown command '${unknown}' (see wwanctl --help)`);
      return run(async (call) => statusAnswer(await readSnapshot(call)));
    });
  modemCommands(program, run);
  program
    .command("doctor")
    .description("every device that is or might be a modem, what keeps it from working, and what to do")
    .action(() => run(async (call) => doctorAnswer(await readSnapshot(call))));
  uplinkCommands(program, run);
  watchCommands(program, (ask) => run((_call, bus) => ask(bus)), out);
  policyCommands(program.command("policy").description("what the policy files say, before a daemon runs them"), run);
  traceCommands(program.command("trace").description("what was said to and by modems and kernel, and why"), run);
  return program;
}
