/** Tells the failover engine which modem's bearer is which uplink, as modems and policies come and go. */
import type { Bearer } from "../modem/link-port.js";
import type { LiveModem } from "../modem/setup.js";
import type { ServingNetwork } from "../network/types.js";
import { uplinkOfModem } from "../network/uplinks/modem.js";
import type { Uplinks } from "../network/uplinks.js";

export class BearersOfUplinks {
  readonly #released = new Map<LiveModem, () => void>();
  /** The uplink that a modem's bearer was given to. */
  readonly #given = new Map<LiveModem, string>();

  constructor(private readonly uplinks: Pick<Uplinks, "policy" | "setBearer" | "setCards" | "setNetworks">) {}

  follow(modem: LiveModem): void {
    const update = () => this.#give(modem);
    const lost = (bearer: Bearer) => {
      if (isWayOut(bearer)) this.#take(modem);
    };
    const cards = () => this.#tellCards();
    modem.bearerEvents.on("up", update).on("changed", update).on("lost", lost).on("down", update);
    const networks = () => this.#tellNetworks();
    modem.events.on("changed", cards);
    modem.servingEvents.on("changed", networks);
    this.#released.set(modem, () => {
      modem.events.off("changed", cards);
      modem.servingEvents.off("changed", networks);
      modem.bearerEvents.off("up", update).off("changed", update).off("lost", lost).off("down", update);
    });
    update();
    cards();
    networks();
  }

  forget(modem: LiveModem): void {
    this.#released.get(modem)?.();
    this.#released.delete(modem);
    this.#take(modem);
    this.#tellCards();
    this.#tellNetworks();
  }

  /** A new policy may give a modem to another uplink. */
  policyChanged(): void {
    for (const modem of this.#released.keys()) this.#give(modem);
    this.#tellCards();
    this.#tellNetworks();
  }

  /** The modem's first internet bearer is the uplink's: one interface carries the default route. */
  #give(modem: LiveModem): void {
    const bearer = modem.bearers.find(isWayOut);
    const uplink = this.#uplinkOf(modem);
    if (this.#given.get(modem) !== uplink || bearer === undefined) this.#take(modem);
    if (bearer === undefined || uplink === undefined || this.#isTaken(uplink, modem)) return;
    this.#given.set(modem, uplink);
    // First where it is, so that not one packet goes where it may not.
    this.#tellNetworks();
    this.uplinks.setBearer(uplink, { interfaceName: bearer.interfaceName, settings: bearer.settings });
  }

  /** Of the modem that is the uplink; while none is connected, of the first that could be it. */
  #tellNetworks(): void {
    const networks = new Map<string, ServingNetwork>();
    const rest = [...this.#released.keys()].filter((modem) => !this.#given.has(modem));
    for (const modem of [...this.#given.keys(), ...rest]) {
      const uplink = this.#given.get(modem) ?? this.#uplinkOf(modem);
      if (uplink !== undefined && modem.serving && !networks.has(uplink)) networks.set(uplink, modem.serving);
    }
    this.uplinks.setNetworks(networks);
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
    this.#tellNetworks();
    for (const other of this.#released.keys()) if (other !== modem && !this.#given.has(other)) this.#give(other);
  }
}

/** Not what goes to another network beside the internet. */
const isWayOut = ({ contextType, isBeside }: Bearer): boolean => contextType === "internet" && !isBeside;
