/**
 * The modems that are there: one per place (a `--modem` URL, a configured one, a found one), made when it is plugged in,
 * closed and taken off the list when it is unplugged or says itself that it is gone. A modem that is gone while it stays
 * plugged in (mute firmware, a port that somebody else holds) is made again after a pause.
 */
import { EventEmitter } from "eventemitter3";
import { ModemList } from "../modem/modems.js";
import type { LiveModem } from "../modem/setup.js";
import type { Clock } from "../runtime/clock.js";
import { errorText, ModemError } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import type { PathListener, PathWatch } from "../transport/watch-path.js";

export interface ModemPlace {
  /** What makes it the same place after the configuration was read again: the URL as written, a found modem's number. */
  readonly key: string;
  /** Of the port: names the place in the log, and two places over one port never have a modem at the same time. */
  readonly path: string;
  /** Another value under the same key: another plugging-in, whose modem is made anew. */
  readonly plugging: string;
  /** Tells when the modem is plugged in and unplugged, beginning in a later turn; a found one is there while it is a place. */
  watch(listener: PathListener): PathWatch;
  /** Why its modem ends when the place is one no more. */
  readonly ending: ModemError;
  /** Makes the modem object; its port is opened later, when it is powered. */
  make(): LiveModem;
  /** The configuration was read again: brings a modem that is here to it. */
  refresh(modem: LiveModem): void;
}

export interface AttachedModemsSetup {
  readonly clock: Clock;
  readonly log: Log;
}

const firstPauseMs = 1_000;
const longestPauseMs = 60_000;
/** A modem that lived this long was not lost to whatever lost the one before it. */
const stableMs = 120_000;

type PlaceState =
  | { readonly is: "vacant" }
  | { readonly is: "occupied"; readonly modem: LiveModem; readonly sinceMs: number; readonly release: () => void }
  | { readonly is: "pausing"; readonly cancel: () => void };

/** One place: at most one modem object at a time, the next one only after the last has let go of port and link. */
class Occupancy implements PathListener {
  #state: PlaceState = { is: "vacant" };
  #present = false;
  #pauseMs = firstPauseMs;

  /** `closing`: the end of the modem that was here before, perhaps by an earlier configuration. */
  constructor(
    private place: ModemPlace,
    private closing: Promise<void>,
    private readonly setup: AttachedModemsSetup,
    private readonly tell: { added(modem: LiveModem): void; removed(modem: LiveModem): void },
  ) {}

  get path(): string {
    return this.place.path;
  }

  appeared(): void {
    this.#present = true;
    this.#pauseMs = firstPauseMs;
    this.#occupyWhenFree();
  }

  vanished(): void {
    this.#present = false;
    if (this.#state.is === "occupied") {
      const { modem } = this.#state;
      this.setup.log.info("modem unplugged", { modem: modem.path, port: modem.driverName });
    }
    void this.vacate(new ModemError("unplugged", `${this.place.path} is gone`));
  }

  refresh(place: ModemPlace): void {
    const isSame = place.plugging === this.place.plugging;
    const { ending } = this.place;
    this.place = place;
    if (isSame && this.#state.is === "occupied") place.refresh(this.#state.modem);
    if (isSame) return;
    void this.vacate(ending);
    this.#pauseMs = firstPauseMs;
    this.#occupyWhenFree();
  }

  /** Closes the modem that is here, if any; resolves when it has let go of everything. */
  vacate(reason: ModemError): Promise<void> {
    const state = this.#state;
    this.#state = { is: "vacant" };
    if (state.is === "pausing") state.cancel();
    if (state.is === "occupied") {
      state.release();
      this.closing = state.modem.close(reason).catch((error: unknown) => {
        this.setup.log.warning("modem did not close cleanly", { path: this.place.path, error: errorText(error) });
      });
      this.tell.removed(state.modem);
    }
    return this.closing;
  }

  /** @param reason Absent: the place is none any more. */
  end(reason: ModemError = this.place.ending): Promise<void> {
    this.#present = false;
    return this.vacate(reason);
  }

  #occupyWhenFree(): void {
    this.closing
      .then(() => {
        if (this.#present && this.#state.is === "vacant") this.#occupy();
      })
      .catch((error: unknown) => {
        this.setup.log.error("modem not made", { path: this.place.path, error: errorText(error) });
      });
  }

  #occupy(): void {
    const { clock, log } = this.setup;
    const modem = this.place.make();
    const gone = (reason: ModemError) => this.#lost(reason);
    modem.lifecycle.once("gone", gone);
    const release = () => modem.lifecycle.off("gone", gone);
    this.#state = { is: "occupied", modem, sinceMs: clock.nowMs(), release };
    log.info("modem found", { modem: modem.path, port: modem.driverName });
    this.tell.added(modem);
  }

  #lost(reason: ModemError): void {
    const { clock, log } = this.setup;
    const livedMs = this.#state.is === "occupied" ? clock.nowMs() - this.#state.sinceMs : 0;
    if (livedMs >= stableMs) this.#pauseMs = firstPauseMs;
    log.warning("modem lost", { path: this.place.path, reason: errorText(reason) });
    void this.vacate(reason);
    if (!this.#present) return;
    const cancel = clock.after(this.#pauseMs, () => {
      this.#state = { is: "vacant" };
      this.#occupyWhenFree();
    });
    this.#state = { is: "pausing", cancel };
    this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
  }
}

export class AttachedModems {
  /** As the bus shows them. */
  readonly modems = new ModemList();
  /** The same facts with the ends that only the daemon sees: after a modem is on the list, before it is off. */
  readonly events = new EventEmitter<{ added: [modem: LiveModem]; removed: [modem: LiveModem] }>();
  readonly #watched = new Map<string, { readonly occupancy: Occupancy; readonly watch: PathWatch }>();
  /** By key and by path: places that are not watched any more, and when the last modem there has let go. */
  readonly #ending = new Map<string, Promise<void>>();
  #closed = false;

  constructor(private readonly setup: AttachedModemsSetup) {}

  /** From now on these are the places. One that stays keeps its modem; one that is not named any more is vacated. */
  follow(places: readonly ModemPlace[]): void {
    if (this.#closed) return;
    const wanted = new Set(places.map(({ key }) => key));
    for (const key of [...this.#watched.keys()]) if (!wanted.has(key)) this.#end(key);
    for (const place of places) {
      const known = this.#watched.get(place.key);
      if (known) known.occupancy.refresh(place);
      else this.#watch(place);
    }
  }

  /** Closes every modem in order and watches no more. */
  async close(): Promise<void> {
    this.#closed = true;
    const reason = new ModemError("aborted", "wwand is ending");
    for (const key of [...this.#watched.keys()]) this.#end(key, reason);
    await Promise.all(this.#ending.values());
  }

  #watch(place: ModemPlace): void {
    const before = [this.#ending.get(place.key), this.#ending.get(place.path)];
    const closing = Promise.all(before).then(() => undefined);
    const occupancy = new Occupancy(place, closing, this.setup, {
      added: (modem) => {
        this.modems.add(modem);
        this.events.emit("added", modem);
      },
      removed: (modem) => {
        this.events.emit("removed", modem);
        this.modems.remove(modem);
      },
    });
    this.#watched.set(place.key, { occupancy, watch: place.watch(occupancy) });
  }

  #end(key: string, reason?: ModemError): void {
    const watched = this.#watched.get(key);
    if (watched === undefined) return;
    this.#watched.delete(key);
    watched.watch.close();
    const ended = watched.occupancy.end(reason);
    this.#ending.set(key, ended).set(watched.occupancy.path, ended);
  }
}
