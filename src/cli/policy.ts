/** `wwanctl policy`: files of failover policies, with and without a daemon. */
import { existsSync } from "node:fs";
import type { Command } from "commander";
import { loadDaemonConfig } from "../config/daemon.js";
import type { Answer, Run } from "./answer.js";
import { packetOptions, packetWords } from "./packet.js";
import { policyCheckAnswer } from "./policy-check.js";
import { policyPlanAnswer } from "./policy-plan.js";
import { policyRecordedAnswer } from "./policy-recorded.js";
import { policyShowAnswer } from "./policy-show.js";
import { policySimulateAnswer } from "./policy-simulate.js";
import { type Call, readDaemon, text, texts } from "./snapshot.js";

const daemonFile = "/etc/wwand/wwand.toml";

interface PlaceOptions {
  readonly config?: string;
}

interface SimulateOptions extends PlaceOptions {
  readonly policy?: readonly string[];
  readonly recorded?: boolean;
}

interface Places {
  readonly places: readonly string[];
  /** Of the daemon whose own folders these are. */
  readonly daemonGeneration: string | undefined;
}

/** What was named; else the folders of the daemon that runs; else those that wwand.toml names. */
async function placesOf(named: readonly string[], { config }: PlaceOptions, call: Call): Promise<Places> {
  for (const place of named) if (!existsSync(place)) throw new Error(`${place}: no such file or folder`);
  if (named.length > 0) return { places: named, daemonGeneration: undefined };
  const running = config === undefined ? await readDaemon(call).catch(() => undefined) : undefined;
  const folders = running === undefined ? [] : texts(running, "PolicyFolders");
  if (running !== undefined && folders.length > 0)
    return { places: folders, daemonGeneration: text(running, "PolicyGeneration") };
  const { paths } = loadDaemonConfig(config ?? daemonFile, { orDefaults: config === undefined });
  return { places: paths.policyDirs, daemonGeneration: undefined };
}

const alsoPlace = (place: string, before: readonly string[] = []): readonly string[] => [...before, place];

export function policyCommands(policy: Command, run: Run): void {
  const about = "folders and files, in the order in which they are laid over each other; default: the daemon's folders";
  const placed = (name: string, summary: string) =>
    policy
      .command(`${name} [place...]`)
      .summary(summary)
      .description(`${summary} (${about})`)
      .option("--config <file>", `take the folders from this wwand.toml (default: ${daemonFile})`);
  placed("check", "mistakes, remarks, and what the numbers promise").action(
    (places: readonly string[], options: PlaceOptions) =>
      run(async (call) => policyCheckAnswer((await placesOf(places, options, call)).places)),
  );
  placed("show", "the merged policy, each value with its origin")
    .option("--effective", "every value in force, the inherited ones and the defaults too")
    .action((named: readonly string[], options: PlaceOptions & { readonly effective?: boolean }) =>
      run(async (call) => {
        const { places, daemonGeneration } = await placesOf(named, options, call);
        return policyShowAnswer(places, { effective: options.effective ?? false, daemonGeneration });
      }),
    );
  placed("plan", "what would change in the kernel, were this in force now; changes nothing").action(
    (named: readonly string[], options: PlaceOptions) =>
      run(async (call) => policyPlanAnswer((await placesOf(named, options, call)).places, call)),
  );
  simulateCommand(policy, run);
}

function simulateCommand(policy: Command, run: Run): void {
  packetOptions(policy.command("simulate <file>"))
    .summary("what would be decided as a timeline, or a recorded run, goes by")
    .description(
      "what would be decided as a timeline of events, or a recorded run, goes by, in virtual time (-: standard input), and which way a packet would go at its end",
    )
    .option(
      "--recorded",
      "the file is a record of wwand's (/var/lib/wwand/record): its decisions are made again and compared; with --policy: those of another policy",
    )
    .option(
      "--policy <place>",
      `a folder or file, may be given several times; default: the daemon's folders`,
      alsoPlace,
    )
    .option("--config <file>", `take the folders from this wwand.toml (default: ${daemonFile})`)
    .action((file: string, options: SimulateOptions) => run((call) => simulated(file, options, call)));
}

async function simulated(file: string, options: SimulateOptions, call: Call): Promise<Answer> {
  const named = options.policy ?? [];
  const words = await packetWords({ ...options });
  if (options.recorded && words !== undefined) throw new Error("a record has no addresses: no packet of it is known");
  const another = named.length > 0 || options.config !== undefined || !options.recorded;
  const { places } = another ? await placesOf(named, options, call) : { places: [] };
  return options.recorded ? policyRecordedAnswer(places, file) : policySimulateAnswer(places, file, words);
}
