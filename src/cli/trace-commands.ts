/** The command line of `wwanctl trace`. */
import type { Command } from "commander";
import type { Run } from "./answer.js";
import { liveTrace, type TraceShowOptions, traceExport, traceList, traceShow } from "./trace.js";

export function traceCommands(trace: Command, run: Run): void {
  trace
    .command("list", { isDefault: true })
    .description("what was kept when something failed")
    .action(() => run(traceList));
  trace
    .command("show [name]")
    .description("one line for each message and decision: of the last minutes, of a name of the list, or of ./FILE")
    .option("--modem <name>", "of this modem only, e.g. mbim_0")
    .option("--identities", "IMEI, IMSI, ICCID and numbers in full")
    .action((name: string | undefined, options: TraceShowOptions) =>
      run((call) => traceShow(call, name ?? liveTrace, options)),
    );
  trace
    .command("export <name> <file>")
    .description("a name of the list, or live, as a file for others: no secrets, identities as pseudonyms")
    .action((name: string, file: string) => run((call) => traceExport(call, name, file)));
}
