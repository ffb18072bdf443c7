/** The question "how many AT commands until registered, and until attached?", asked wwand and ofonod on the same face. */
import { Scope } from "../src/runtime/scope.js";
import { ofonodMissing } from "../test/lab/phonesim.js";
import { contestants, type Daemon } from "./at/contestants.js";
import { print } from "./at/report.js";
import { type Round, round } from "./at/round.js";
import { thisMachine } from "./machine.js";
import { progress } from "./progress.js";

export interface AtOptions {
  readonly rounds: number;
  readonly json: boolean;
}

/** Of each family one whose AT face is its only way, with a network interface so that wwand has packet service to offer. */
const profiles = ["huawei-ncm", "simcom-sim7600-rndis", "simcom-a7670e"] as const;

export async function at({ rounds, json }: AtOptions): Promise<void> {
  const missing = ofonodMissing();
  if (missing !== false) throw new Error(missing);
  const say = progress();
  const done: Round[] = [];
  for (const profile of profiles)
    for (const daemon of Object.keys(contestants) as Daemon[])
      for (let number = 1; number <= rounds; number++) {
        say(`${profile}, ${daemon} ${number} of ${rounds}`);
        const scope = new Scope();
        try {
          done.push(...(await round(scope, profile, daemon)));
        } finally {
          await scope.close();
        }
      }
  say("");
  print({ machine: thisMachine(), rounds: done }, json);
}
