/** The command line of wwand-virtual. */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { errorText } from "../runtime/error.js";
import { createLog, type LogLevel, logLevels } from "../runtime/log.js";
import { requestStep } from "./control/client.js";
import { stepList } from "./control/steps.js";
import { profileList } from "./profiles/all.js";
import { type RunOptions, run } from "./run.js";
import { settingList } from "./settings.js";
import { usbipTcpPort } from "./usb/usbip/server.js";

/** 0: done. 1: it could not be done, or was refused. 2: the command line makes no sense. */
const exit = { ok: 0, failed: 1, usage: 2 } as const;

type CommandLine = RunOptions & { readonly logLevel: LogLevel };

/** `HOST:PORT`; IPv6 addresses in brackets. */
function listen(text: string): RunOptions["listen"] {
  const [, host, port] =
    /^(?:\[([0-9a-f:]+)\]|([^:]+)):([0-9]{1,5})$/i.exec(text)?.filter((it) => it !== undefined) ?? [];
  if (host === undefined || Number(port) > 65_535) throw new InvalidArgumentError("expected HOST:PORT");
  return { host, tcpPort: Number(port) };
}

function tcpPort(text: string): number {
  if (!/^[1-9][0-9]{0,4}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError("expected a number from 1 to 65535");
  return Number(text);
}

function factor(text: string): number {
  const value = Number(text);
  if (!(value >= 0.01 && value <= 1000)) throw new InvalidArgumentError("expected a number from 0.01 to 1000");
  return value;
}

function setting(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("expected key=value");
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

/** Where the command line writes to. */
export interface Output {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

const processOutput: Output = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
};

/** Runs to its end, which for `run` is SIGINT or SIGTERM. Resolves with the exit code. */
export async function main(argv: readonly string[], output: Output = processOutput): Promise<number> {
  let code: number = exit.ok;
  const program = new Command("wwand-virtual")
    .description("A virtual modem with its card and its network")
    .exitOverride()
    .configureOutput({ writeOut: output.out, writeErr: output.err })
    .enablePositionalOptions();
  program
    .command("run")
    .argument("[profiles...]", "see profiles; more than one only with --usbip")
    .addOption(new Option("--unix <path>", "control port as a stream socket").conflicts(["pty", "tcp", "usbip"]))
    .addOption(
      new Option("--pty <link>", "control port as a pseudo terminal behind this symbolic link").conflicts([
        "tcp",
        "usbip",
      ]),
    )
    .addOption(
      new Option("--tcp <port>", "control port as a TCP socket on 127.0.0.1: for ofonod's phonesim plugin")
        .argParser(tcpPort)
        .conflicts("usbip"),
    )
    .option("--usbip", "the modem as a USB device that hosts import, as usbip attach does")
    .option("--attach", "with --usbip: plug it into this machine's own kernel (module vhci-hcd, as root)")
    .addOption(
      new Option("--listen <host:port>", "with --usbip: where hosts import from")
        .argParser(listen)
        .default({ host: "127.0.0.1", tcpPort: usbipTcpPort }, `127.0.0.1:${usbipTcpPort}`),
    )
    .option("--net <name>", "network interface in this namespace, with --unix, --pty or --tcp")
    .option("--carrier-netns <ns>", "network namespace in which the carrier lives, by name or path")
    .option("--control <path>", "socket for ctl; further modems get PATH-2, PATH-3, ...")
    .option("--set <key=value>", "change the profile; may be given again", setting, {})
    .addOption(
      new Option("--replay <trace>", "in place of a profile: answer as the modem of this exported trace did").conflicts(
        ["usbip", "carrierNetns", "control", "set"],
      ),
    )
    .option("--modem <name>", "with --replay: which modem of it, where it has several")
    .addOption(new Option("--speed <factor>", "with --replay: how often as fast").argParser(factor).default(1))
    .addOption(new Option("--log-level <level>").choices(Object.keys(logLevels)).default("notice"))
    .addHelpText("after", `\nSettings:\n${settingList()}`)
    .action(async (profiles: readonly string[], options: CommandLine) => {
      code = await runUntilSignal(profiles, options, output);
    });
  program
    .command("ctl")
    .argument("<path>", "what run got as --control")
    .argument("<step>")
    .argument("[args...]")
    .passThroughOptions()
    .allowUnknownOption()
    .addHelpText("after", `\nSteps:\n${stepList()}`)
    .action(async (path: string, step: string, args: string[]) => {
      code = await ctl(path, step, args, output);
    });
  program.command("profiles").action(() => {
    const width = Math.max(...profileList().map(({ name }) => name.length));
    for (const { name, summary } of profileList()) output.out(`${name.padEnd(width)}  ${summary}\n`);
  });
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    // commander has said what is wrong already; --help ends this way, too.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exit.ok : exit.usage;
    throw error;
  }
  return code;
}

const say = (output: Output, text: string): void => output.err(`wwand-virtual: ${text}\n`);

async function runUntilSignal(profiles: readonly string[], options: CommandLine, output: Output): Promise<number> {
  // Before anything is opened: a signal in the middle of it must not leave anything behind.
  const ended = signalled();
  const log = createLog(options.logLevel, output.err);
  const outcome = await run(profiles, options, { out: output.out, say: (text) => say(output, text), log }, ended);
  return { done: exit.ok, failed: exit.failed, usage: exit.usage }[outcome];
}

const signalled = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });

async function ctl(path: string, step: string, args: readonly string[], output: Output): Promise<number> {
  try {
    const { text, failure } = await requestStep(path, { step, args });
    if (failure === undefined) {
      output.out(`${text}\n`);
      return exit.ok;
    }
    say(output, text);
    return failure === "usage" ? exit.usage : exit.failed;
  } catch (error) {
    say(output, `${path}: ${errorText(error)}`);
    return exit.usage;
  }
}
