/** The command lines of `wwanctl uplink` and `wwanctl why`. */
import type { Command } from "commander";
import type { Run } from "./answer.js";
import { packetOptions, packetWords } from "./packet.js";
import { readSnapshot } from "./snapshot.js";
import { failbackAnswer, uplinkAnswer } from "./uplink.js";
import { whyAnswer, whyPacketAnswer } from "./why.js";

export function uplinkCommands(program: Command, run: Run): void {
  const uplink = program
    .command("uplink [name]")
    .description("all uplinks, or everything about one")
    .action((name?: string) => run(async (call) => uplinkAnswer(await readSnapshot(call), name)));
  uplink
    .command("failback")
    .description("traffic returns to the preferred uplink now if that works, whatever the policy would wait for")
    .action(() => run(failbackAnswer));
  packetOptions(
    program
      .command("why [destination]")
      .description("why traffic to an address (default: to the internet), or one packet, leaves where it does"),
  ).action((destination: string | undefined, options: Readonly<Record<string, unknown>>) =>
    run(async (call) => {
      const words = await packetWords(options);
      if (words === undefined) return whyAnswer(call, destination ?? "");
      return whyPacketAnswer(call, destination === undefined ? words : { to: destination, ...words });
    }),
  );
}
