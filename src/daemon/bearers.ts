/** Tells the failover engine which modem's bearer is which uplink, as modems and policies come and go. */
import type { Bearer } from "../modem/link-port.js";
import type { LiveModem } from "../modem/setup.js";
import { uplinkOfModem } from "../network/uplinks/modem.js";
import type { Uplinks } from "../network/uplinks.js";

export class BearersOfUplinks {
  readonly #released = new Map<LiveModem, () => void>();
  /** The uplink that a modem's bearer was given to. */
  readonly #given = new Map<LiveModem, string>();

  constructor(private readonly uplinks: Pick<Uplinks, "policy" | "setBearer" | "setCards">) {}

  follow(modem: LiveModem): void {
    const update = () => this.#give(modem);
    const lost = (bearer: Bearer) => {
      if (isWayOut(bearer)) this.#take(modem);
    };
    const cards = () => this.#tellCards();
    modem.bearerEvents.on("up", update).on("changed", update).on("lost", lost).on("down", update);
    modem.events.on("changed", cards);
    this.#released.set(modem, () => {
      modem.events.off("changed", cards);
      modem.bearerEvents.off("up", update).off("changed", update).off("lost", lost).off("down", update);
    });
    update();
    cards();
  }

  forget(modem: LiveModem): void {
    this.#released.get(modem)?.();
    this.#released.delete(modem);
    this.#take(modem);
    this.#tellCards();
  }

  /** A new policy may give a modem to another uplink. */
  policyChanged(): void {
    for (const modem of this.#released.keys()) this.#give(modem);
    this.#tellCards();
  }

  /** The modem's first internet bearer is the uplink's: one interface carries the default route. */
  #give(modem: LiveModem): void {
    const bearer = modem.bearers.find(isWayOut);
    const uplink = this.#uplinkOf(modem);
    if (this.#given.get(modem) !== uplink || bearer === undefined) this.#take(modem);
    if (bearer === undefined || uplink === undefined || this.#isTaken(uplink, modem)) return;
    this.#given.set(modem, uplink);
    this.uplinks.setBearer(uplink, { interfaceName: bearer.interfaceName, settings: bearer.settings });
  }

  #uplinkOf(modem: LiveModem): string | undefined {
    // The facts, not what clients see: a client's power-off does not change which modem this is.
    const { imei } = modem.identity;
    const { iccid } = modem.card;
    return uplinkOfModem(this.uplinks.policy, {
      ...(imei === undefined ? {} : { imei }),
      ...(iccid === undefined ? {} : { iccid }),
    });
  }

  #tellCards(): void {
    const cards = new Map<string, readonly string[]>();
    for (const modem of this.#released.keys()) {
      const [uplink, { imsi }] = [this.#uplinkOf(modem), modem.card];
      if (uplink !== undefined && imsi !== undefined) cards.set(uplink, [...(cards.get(uplink) ?? []), imsi]);
    }
    this.uplinks.setCards(cards);
  }

  /** With `modem = "any"` the first modem that has a bearer is the uplink. */
  #isTaken(uplink: string, modem: LiveModem): boolean {
    return [...this.#given].some(([other, given]) => other !== modem && given === uplink);
  }

  #take(modem: LiveModem): void {
    const uplink = this.#given.get(modem);
    if (uplink === undefined) return;
    this.#given.delete(modem);
    this.uplinks.setBearer(uplink, undefined);
    for (const other of this.#released.keys()) if (other !== modem && !this.#given.has(other)) this.#give(other);
  }
}

/** Not what goes to another network beside the internet. */
const isWayOut = ({ contextType, isBeside }: Bearer): boolean => contextType === "internet" && !isBeside;
