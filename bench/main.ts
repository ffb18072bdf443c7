/** `npm run bench -- QUESTION`: wwand beside its peers, in a laboratory of its own. */
import { Command } from "commander";
import { errorText } from "../src/runtime/error.js";
import { at } from "./at.js";
import { codec } from "./codec.js";
import { connman } from "./connman.js";
import { failover } from "./failover.js";
import { plug } from "./plug.js";
import { trace } from "./trace.js";

const program = new Command("npm run bench --").description(
  "Measures wwand beside its peers in a laboratory of its own. Nothing of the host is touched.",
);

/** For questions whose worlds write files: they lie in the laboratory's own /run and go with it, however the run ends. */
const inLaboratory =
  <Options>(question: (options: Options) => Promise<void>) =>
  (options: Options) => {
    process.env.TMPDIR = "/run";
    return question(options);
  };

program
  .command("failover")
  .description("How long after the cable was pulled, or went silent, does traffic leave by the modem?")
  .option("--rounds <n>", "cable pulls of wwand and connmand, by turns", Number, 50)
  .option("--blackholes <n>", "times that the ISP goes silent, with and without TCP traffic", Number, 5)
  .option("--incidents <n>", "rounds of everything else that happens to wwand", Number, 5)
  .option("--idle-seconds <n>", "of doing nothing under each shipped policy; 0: not measured", Number, 300)
  .option("--json", "one JSON object instead of tables", false)
  .action(inLaboratory(failover));

program
  .command("connman")
  .description(
    "How long from registration to ConnMan's default route on cellular, and does a refusal make ConnMan spin?",
  )
  .option("--rounds <n>", "ways of each kind", Number, 15)
  .option("--refusal-seconds <n>", "how long refusals are counted", Number, 60)
  .option("--json", "one JSON object instead of tables", false)
  .action(inLaboratory(connman));

program
  .command("at")
  .description("How many AT commands until registered, and until attached, for wwand and ofonod on the same AT port?")
  .option("--rounds <n>", "of each daemon with each modem", Number, 3)
  .option("--json", "one JSON object instead of a table", false)
  .action(inLaboratory(at));

program
  .command("codec")
  .description(
    "How many messages a second are read and written, beside libqmi and libmbim, and at what cost in memory?",
  )
  .option("--rounds <n>", "rounds of every message, by turns", Number, 5)
  .option("--seconds <n>", "of each message in each round", Number, 0.5)
  .option("--json", "one JSON object instead of a table", false)
  .action(codec);

program
  .command("trace")
  .description("What does it cost to record every message, and to keep, mask and show a full ring?")
  .option("--rounds <n>", "of 20000 messages each", Number, 10)
  .action(trace);

program
  .command("plug")
  .description("How long from a modem's last port to listed, and to registered, for wwand, ModemManager and ofonod?")
  .option("--rounds <n>", "pluggings of each modem for each daemon", Number, 3)
  .option("--at-rounds <n>", "the same for modems that speak AT only", Number, 3)
  .option("--silent-rounds <n>", "the same for modems with silent ports", Number, 3)
  .option("--only <text>", "modems whose name contains one of these, with commas between", "")
  .option("--keep-logs", "keep what the daemons wrote, and say where", false)
  .option("--json", "one JSON object instead of tables", false)
  .action(plug);

if (process.argv.length <= 2) {
  console.log(program.helpInformation());
} else if (process.env.WWAND_LAB === undefined) {
  console.error(`the benchmarks must not touch this host's network: run them as "npm run bench"`);
  process.exitCode = 2;
} else {
  try {
    await program.parseAsync();
    process.exitCode = 0;
  } catch (error) {
    console.error(`bench: could not be measured: ${errorText(error)}`);
    process.exitCode = 1;
  }
}
// Whatever a failed measurement left running ends with the laboratory.
process.exit();
