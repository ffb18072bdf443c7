/** What the card reports by itself, as the state of the card with the identities that its files hold. */
import type { SimState } from "../../modem/types.js";
import type { IndicationOf } from "../../qmi/message.js";
import type { QmiService } from "../../qmi/service.js";
import * as uim from "../../qmi/services/uim.js";
import * as refresh from "../../qmi/services/uim-refresh.js";
import { errorText } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import { type QmiSim, session } from "./sim.js";

type Refresh = IndicationOf<typeof refresh.refreshed>["event"];

/** Those in which the card starts anew; the others only name files. */
const needsWord: readonly string[] = ["reset", "init", "initFcn", "initFullFcn", "applicationReset"];

export interface CardReportsRoom {
  readonly card: QmiService;
  readonly sim: QmiSim;
  readonly log: Log;
  /** Aborted when the driver has ended. */
  readonly ended: AbortSignal;
  changed(state: SimState): void;
}

export class CardReports {
  /** Counts reports: what a slow reading of files completes must still be the last one. */
  #reports = 0;

  constructor(private readonly room: CardReportsRoom) {}

  watch(): void {
    const { card } = this.room;
    card.watch(uim.cardStatusChanged, ({ cardStatus }) => this.#reported(() => Promise.resolve(cardStatus)));
    card.watch(refresh.refreshed, ({ event }) => this.#refreshed(event));
  }

  /** The card waits for a word before it goes on. Then its files are others: IMSI and number may have changed. */
  #refreshed(event: Refresh): void {
    if (event === undefined) return;
    if (event.stage === "start" && needsWord.includes(event.mode)) this.#sayRefreshed();
    if (event.stage === "success") this.#reported((signal) => this.room.sim.status(signal));
  }

  #sayRefreshed(): void {
    const { card, ended, log } = this.room;
    card
      .ask(refresh.completeRefresh, { session, success: true }, ended)
      .catch((error: unknown) => log.warning("card not told to go on", { reason: errorText(error) }));
  }

  #reported(read: (signal: AbortSignal) => ReturnType<QmiSim["status"]>): void {
    const { sim, ended, log, changed } = this.room;
    const report = ++this.#reports;
    const state = async () => sim.stateFrom(await read(ended), ended);
    state().then(
      (state) => {
        if (report === this.#reports && !ended.aborted) changed(state);
      },
      (error: unknown) => log.warning("card state not read", { reason: errorText(error) }),
    );
  }
}
