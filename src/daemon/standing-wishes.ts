/** What wwand itself wants of each modem: by `[[modem]] connect`, and by the uplink of the policy that the modem is. */
import type { LiveModem } from "../modem/setup.js";
import { type ModemStanding, standingOf } from "../network/standby/of-modem.js";
import { type ModemFacts, uplinkOfModem } from "../network/uplinks/modem.js";
import type { Uplinks } from "../network/uplinks.js";

interface Wished {
  connect: boolean | undefined;
  /** What it said when it was open last. */
  facts: ModemFacts;
  wasOpen: boolean;
  standing: ModemStanding | undefined;
  readonly release: () => void;
}

const unseen = { facts: {}, wasOpen: false, standing: undefined } as const;

export class StandingWishes {
  readonly #modems = new Map<LiveModem, Wished>();

  constructor(private readonly uplinks: Pick<Uplinks, "policy" | "standby" | "setReady" | "events">) {
    uplinks.events.on("standby", () => this.review());
  }

  /** A modem was made, or the configuration was read again. `connect` as written there. */
  configure(modem: LiveModem, connect: boolean | undefined): void {
    const known = this.#modems.get(modem);
    if (known) known.connect = connect;
    else this.#modems.set(modem, { ...unseen, connect, release: this.#listen(modem) });
    this.#review(modem);
  }

  forget(modem: LiveModem): void {
    this.#modems.get(modem)?.release();
    this.#modems.delete(modem);
    this.#tellReady();
  }

  /** Another policy, or other needs of it. */
  review(): void {
    for (const modem of [...this.#modems.keys()]) this.#review(modem);
  }

  #listen(modem: LiveModem): () => void {
    const changed = () => this.#review(modem);
    modem.events.on("changed", changed);
    modem.bearerEvents.on("up", changed).on("down", changed);
    return () => {
      modem.events.off("changed", changed);
      modem.bearerEvents.off("up", changed).off("down", changed);
    };
  }

  #review(modem: LiveModem): void {
    const wished = this.#modems.get(modem);
    if (wished === undefined) return;
    const { imei = wished.facts.imei } = modem.identity;
    const { iccid = wished.facts.iccid } = modem.card;
    wished.facts = { ...(imei === undefined ? {} : { imei }), ...(iccid === undefined ? {} : { iccid }) };
    wished.wasOpen ||= modem.actualLevel !== "off";
    const before = wished.standing;
    const { policy, standby } = this.uplinks;
    const { facts, connect, wasOpen } = wished;
    const now = standingOf(policy, standby, { ...facts, connect, wasOpen });
    wished.standing = now;
    // The new reason first: between two of them there is no moment without.
    if (now !== undefined) modem.setStanding(now.reason, now.depth);
    if (before !== undefined && before.reason !== now?.reason) modem.setStanding(before.reason, undefined);
    this.#tellReady();
  }

  #tellReady(): void {
    const ready = [...this.#modems].flatMap(([modem, { facts, standing }]) => {
      const isReady = standing?.depth === "attached" ? modem.isAttached : standing?.depth === "off";
      return (isReady && uplinkOfModem(this.uplinks.policy, facts)) || [];
    });
    this.uplinks.setReady(new Set(ready));
  }
}
