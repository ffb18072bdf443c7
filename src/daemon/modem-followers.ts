/** What follows a modem while it is there: its bearers as uplinks, what wwand wishes of it, log and trace. */
import type { AttachedModems } from "../discovery/attached-modems.js";
import type { LiveModem } from "../modem/setup.js";
import type { Log } from "../runtime/log.js";
import type { BearersOfUplinks } from "./bearers.js";
import { type Failure, watchModem } from "./failure-watch.js";
import { journal } from "./journal.js";
import type { StandingWishes } from "./standing-wishes.js";

export interface Followed {
  readonly attached: AttachedModems;
  readonly bearers: BearersOfUplinks;
  readonly wishes: StandingWishes;
}

export function followModems(
  { attached, bearers, wishes }: Followed,
  failed: (failure: Failure) => void,
  log: Log,
): void {
  const followers = new Map<LiveModem, () => void>();
  attached.events.on("added", (modem) => {
    // First of all, so that traffic leaves a lost connection before that is told.
    bearers.follow(modem);
    const stopJournal = journal(modem, log);
    const stopWatch = watchModem(modem, failed);
    followers.set(modem, () => {
      stopJournal();
      stopWatch();
    });
  });
  attached.events.on("removed", (modem) => {
    bearers.forget(modem);
    wishes.forget(modem);
    followers.get(modem)?.();
    followers.delete(modem);
  });
}
