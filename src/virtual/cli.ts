/** The command line of wwand-virtual. */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { errorText } from "../runtime/error.js";
import { createLog, type LogLevel, logLevels } from "../runtime/log.js";
import { requestStep } from "./control/client.js";
import { stepList } from "./control/steps.js";
import { startVirtualModem } from "./modem.js";
import { profileList } from "./profiles/all.js";
import { settingList } from "./settings.js";
import type { PortPlace, VirtualModem, VirtualModemOptions } from "./types.js";

/** 0: done. 1: it could not be done, or was refused. 2: the command line makes no sense. */
const exit = { ok: 0, failed: 1, usage: 2 } as const;

interface RunOptions {
  readonly unix?: string;
  readonly pty?: string;
  readonly net?: string;
  readonly carrierNetns?: string;
  readonly control?: string;
  readonly set: Readonly<Record<string, string>>;
  readonly logLevel: LogLevel;
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
    .argument("<profile>", "see profiles")
    .addOption(new Option("--unix <path>", "control port as a stream socket").conflicts("pty"))
    .option("--pty <link>", "control port as a pseudo terminal behind this symbolic link")
    .option("--net <name>", "network interface in this namespace")
    .option("--carrier-netns <ns>", "network namespace in which the carrier lives, by name or path")
    .option("--control <path>", "socket for ctl")
    .option("--set <key=value>", "change the profile; may be given again", setting, {})
    .addOption(new Option("--log-level <level>").choices(Object.keys(logLevels)).default("notice"))
    .addHelpText("after", `\nSettings:\n${settingList()}`)
    .action(async (profile: string, options: RunOptions) => {
      code = await run(profile, options, output);
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
    for (const { name, summary } of profileList()) output.out(`${name}  ${summary}\n`);
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

function placeOf({ unix, pty }: RunOptions): PortPlace | undefined {
  if (unix !== undefined) return { kind: "unix", path: unix };
  return pty === undefined ? undefined : { kind: "pty", link: pty };
}

async function run(profile: string, options: RunOptions, output: Output): Promise<number> {
  const port = placeOf(options);
  if (port === undefined) {
    say(output, "where is the control port to be? Give --unix PATH or --pty LINK");
    return exit.usage;
  }
  const { net, carrierNetns, control: controlPath, set: settings, logLevel } = options;
  const started: VirtualModemOptions = {
    profile,
    port,
    settings,
    log: createLog(logLevel, output.err),
    ...(net === undefined ? {} : { net }),
    ...(carrierNetns === undefined ? {} : { carrierNetns }),
    ...(controlPath === undefined ? {} : { controlPath }),
  };
  // Before anything is opened: a signal in the middle of it must not leave anything behind.
  const ended = signalled();
  let modem: VirtualModem;
  try {
    modem = await startVirtualModem(started);
  } catch (error) {
    say(output, errorText(error));
    return exit.failed;
  }
  const place = port.kind === "unix" ? `unix=${port.path}` : `pty=${port.link}`;
  output.out(`ready ${profile} ${place}${net ? ` net=${net}` : ""}${controlPath ? ` control=${controlPath}` : ""}\n`);
  await ended;
  await modem.close();
  return exit.ok;
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
