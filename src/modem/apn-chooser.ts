/**
 * The APN of the context that nobody has set: carries out the ladder (apn-ladder.ts) against what the card's record
 * remembers, what the setup guesses and what the modem offers.
 */
import { errorText, type FailureCause } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import type { ApnCandidate } from "./apn-candidate.js";
import {
  type ApnLadder,
  type ApnRefusal,
  extended,
  isApnRefusal,
  isExhausted,
  ladderOf,
  led,
  provenBy,
  refusedWith,
  standingAt,
} from "./apn-ladder.js";
import { rememberApn, rememberedApns } from "./apn-memory.js";
import type { CardState } from "./card-state.js";

export interface ApnChooserRoom {
  readonly cardState: CardState;
  readonly log: Log;
  /** Asked for where what is remembered does not suffice. Never rejects but at the end of the modem. */
  candidates(): Promise<readonly ApnCandidate[]>;
}

export const noApnKnown =
  "no APN is known for this card: the network chooses one, and ConnMan offers no service until it tells its name; set apn in [[sim]] of wwand.toml";

export class ApnChooser {
  #ladder: ApnLadder;
  /** The serving network, MCC and MNC in one. */
  #plmn: string | undefined;
  #asked = false;
  #toldUnknown = false;
  #offer: Promise<boolean> | undefined;

  /** @param guessed Known without a question to the modem; empty where something has worked before. */
  constructor(
    private readonly room: ApnChooserRoom,
    guessed: readonly ApnCandidate[],
  ) {
    const remembered = rememberedApns(room.cardState.record.apnOutcomes ?? [], undefined);
    this.#ladder = ladderOf([...remembered, ...guessed]);
  }

  get current(): ApnCandidate {
    return this.#ladder.current;
  }

  /**
   * What clients see: what works, else the best guess; a name wherever there is one, for they offer no service without.
   */
  get shown(): ApnCandidate {
    const { current, candidates, proven } = this.#ladder;
    const named = candidates.filter(({ apn }) => apn !== "");
    const [best = current] = named;
    if (!proven) return best;
    return current.apn !== "" ? current : (named.find(({ source }) => source === "modem") ?? best);
  }

  /** Refused on the way to `current`. */
  get passedOver(): readonly ApnRefusal[] {
    return this.#ladder.refused;
  }

  /** Something is left that the network has not refused in this round. */
  get hasUntried(): boolean {
    return !isExhausted(this.#ladder);
  }

  /** The network that serves now. True: another APN has worked there and, while nothing is up, is the one to ask for. */
  served(plmn: string, isUp: boolean): boolean {
    if (plmn === this.#plmn) return false;
    this.#plmn = plmn;
    if (isUp) return false;
    const known = this.room.cardState.record.apnOutcomes ?? [];
    const [here] = rememberedApns(
      known.filter((outcome) => outcome.plmn === plmn),
      plmn,
    );
    if (here === undefined) return false;
    this.#ladder = led(this.#ladder, here);
    return true;
  }

  /** The modem may have an APN stored, or know the network's own choice now. True: there is a name where there was none. */
  takeOffer(): Promise<boolean> {
    this.#offer ??= this.#takeOffer().finally(() => {
      this.#offer = undefined;
    });
    return this.#offer;
  }

  async #takeOffer(): Promise<boolean> {
    if (this.current.apn !== "" || this.#ladder.candidates.length > 1) return false;
    const [first] = await this.room.candidates();
    if (this.current.apn !== "") return false;
    if (first === undefined) {
      if (!this.#toldUnknown) this.room.log.notice(noApnKnown);
      this.#toldUnknown = true;
      return false;
    }
    // What works already is asked for again; the name is for clients.
    this.#ladder = this.#ladder.proven ? extended(this.#ladder, [first]) : led(this.#ladder, first);
    return true;
  }

  /** `asked` was refused: the next to try, or undefined where the cause speaks of something else or nothing is left. */
  async next(asked: ApnCandidate, failure: FailureCause | undefined): Promise<ApnCandidate | undefined> {
    if (!isApnRefusal(failure)) return undefined;
    if (!this.#asked) {
      this.#asked = true;
      this.#ladder = extended(this.#ladder, await this.room.candidates());
    }
    this.#ladder = refusedWith(standingAt(this.#ladder, asked), failure);
    this.room.log.notice("the network refused this APN", {
      apn: asked.apn,
      source: `${asked.source}: ${asked.from}`,
      cause: `${failure.domain} ${failure.code} ${failure.name}`,
      next: this.hasUntried ? this.current.apn || "the network's choice" : "none is left, from the first one again",
    });
    return this.hasUntried ? this.current : undefined;
  }

  /** `asked` works; on this network it comes first from now on. */
  worked(asked: ApnCandidate): void {
    this.#ladder = provenBy(standingAt(this.#ladder, asked));
    const plmn = this.#plmn;
    if (plmn === undefined) return;
    const { cardState, log } = this.room;
    const known = cardState.record.apnOutcomes ?? [];
    const next = rememberApn(known, plmn, asked);
    if (next[0] === known[0]) return;
    cardState
      .update((record) => ({ ...record, apnOutcomes: rememberApn(record.apnOutcomes ?? [], plmn, asked) }))
      .catch((error) => log.warning("the APN that works is not remembered", { cause: errorText(error) }));
  }
}
