/**
 * What takes minutes and hardly any work: standing idle, and peers that wait for their own timeouts. All of it at the same
 * time, each in namespaces of its own: what is idle is counted by process and by carrier, and the peers take seconds.
 */
import type { Places } from "../../src/demo/programs.js";
import type { Scope } from "../../src/runtime/scope.js";
import type { Say } from "../progress.js";
import type { Connman } from "./connman.js";
import { idleFigures } from "./idle.js";
import type { IdleFigures } from "./idle-report.js";
import type { NetworkManagerWorld } from "./network-manager.js";
import { mwan3Rows, silentRows } from "./peers.js";
import type { Row } from "./rows.js";

export interface Waiting {
  readonly scope: Scope;
  readonly places: Places;
  /** Their processor time is counted. */
  readonly connman: Connman;
  readonly manager: NetworkManagerWorld;
  /** Its ISP falls silent. */
  readonly silent: Connman;
  /** Of idling, and for the peers to leave a silent ISP. 0: neither. */
  readonly seconds: number;
  /** mwan3's algorithm has an end of its own. */
  readonly isPeerAsked: boolean;
  readonly say: Say;
}

export async function longWaits(
  waiting: Waiting,
): Promise<{ readonly rows: readonly Row[]; readonly idle: IdleFigures }> {
  const { scope, places, silent, seconds, isPeerAsked, say } = waiting;
  const [idle, silences, mwan3] = await Promise.all([
    seconds === 0 ? { policies: [], cpu: {} } : standIdle(waiting),
    seconds === 0 ? [] : silentRows(scope, places, silent, seconds * 1_000, say),
    isPeerAsked ? mwan3Rows(scope, say) : [],
  ]);
  return { rows: [...silences, ...mwan3], idle };
}

async function standIdle({ scope, connman, manager, seconds, say }: Waiting): Promise<IdleFigures> {
  await manager.restart({});
  say(`idle under the shipped policies: ${seconds} s`);
  return idleFigures(scope, { connmand: connman.pid, "NetworkManager as shipped": manager.pid }, seconds);
}
