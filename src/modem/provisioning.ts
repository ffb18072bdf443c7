/**
 * Where a card's contexts and its APN come from, in this order: the configuration, what a client stored, another
 * program's storage, what has worked before, what is known of the operator, what the modem offers, the network's choice.
 */
import { errorText } from "../runtime/error.js";
import { type Log, masked } from "../runtime/log.js";
import type { ContextSettings } from "./api.js";
import type { ApnCandidate, ApnCredentials } from "./apn-candidate.js";
import { ApnChooser } from "./apn-chooser.js";
import type { CardState } from "./card-state.js";
import { isApn } from "./context-settings.js";
import { deadlinesMs } from "./deadlines.js";
import { homeNetwork } from "./mnc.js";
import type { Operations } from "./operations.js";
import type { OfferedApnsPort } from "./ports.js";
import { isBlank, isGuess, provisioned, unconfigured, withImported } from "./provisioned.js";
import type { CardIdentity, ModemOptions, OperatorGuess } from "./setup.js";
import type { SimRecord } from "./store.js";

export interface ProvisioningRoom {
  readonly options: ModemOptions;
  readonly card: CardIdentity;
  readonly cardState: CardState;
  readonly operations: Operations;
  readonly log: Log;
  readonly offeredApns: OfferedApnsPort | undefined;
  /** What the card calls its operator, where it does. */
  serviceProviderName(): string | undefined;
}

const nothing: OperatorGuess = { internet: [], others: [] };

export class Provisioning {
  #chooser: ApnChooser | undefined;
  #guessed: Promise<OperatorGuess> | undefined;

  constructor(private readonly room: ProvisioningRoom) {}

  /** Of the context whose APN is a guess; undefined where somebody has set it. */
  get chooser(): ApnChooser | undefined {
    return this.#chooser;
  }

  /** The record with what this start adds to it. */
  async complete(): Promise<SimRecord> {
    const { cardState, card } = this.room;
    const known = isBlank(cardState.record) ? await this.#imported(card) : cardState.record;
    const record = this.#configured().length > 0 ? known : unconfigured(known);
    return this.completed(record, await this.#given(record));
  }

  /** The record as the configuration has it now; the same where it gives nothing. */
  configured(record: SimRecord): SimRecord {
    const given = this.#configured();
    return given.length === 0 ? record : provisioned(record, given, "config");
  }

  /** For a record whose contexts were all removed. */
  async anew(): Promise<(record: SimRecord) => SimRecord> {
    const given = await this.#given({ ...this.room.cardState.record, contexts: [] });
    return (record) => this.completed(record, given);
  }

  completed(record: SimRecord, given: Given): SimRecord {
    return provisioned(record, given.contexts, given.source);
  }

  #configured(): readonly Partial<ContextSettings>[] {
    const { options, card } = this.room;
    return options.provision?.(card) ?? [];
  }

  async #given(record: SimRecord): Promise<Given> {
    const { options, card, cardState, log } = this.room;
    this.#chooser = undefined;
    this.#guessed = undefined;
    const configured = this.#configured();
    if (configured.length > 0) return { contexts: configured, source: "config" };
    if (record.contexts.length > 0 && !record.contexts.some(isGuess)) return { contexts: [], source: undefined };
    const protocol = options.guessedProtocol?.(card) ?? "ip";
    // What the network chose itself has no name that could be shown.
    const hasWorked = (record.apnOutcomes?.[0]?.apn ?? "") !== "";
    const guess = hasWorked ? nothing : await this.#guess();
    const chooser = new ApnChooser({ cardState, log, candidates: () => this.#candidates() }, guess.internet);
    this.#chooser = chooser;
    const { source, from, apn } = chooser.shown;
    log.info("APN of this card", { apn, source: `${source}: ${from}` });
    return { contexts: [{ ...credentialsOf(chooser.shown), protocol }, ...guess.others], source: undefined };
  }

  /** What the modem offers is asked when there is time, or need: registration does not wait for it. */
  async #candidates(): Promise<readonly ApnCandidate[]> {
    const guess = await this.#guess();
    return [...guess.internet, ...(await this.#offered())];
  }

  #guess(): Promise<OperatorGuess> {
    this.#guessed ??= this.#askGuess();
    return this.#guessed;
  }

  async #askGuess(): Promise<OperatorGuess> {
    const { options, card } = this.room;
    const home = card.imsi === undefined ? undefined : homeNetwork(card.imsi);
    if (home === undefined) return nothing;
    const serviceProviderName = this.room.serviceProviderName();
    const guess = await this.#ask("provisioning.guess", async (signal) =>
      options.guess?.({ card, home, serviceProviderName }, signal),
    );
    return guess ?? nothing;
  }

  async #offered(): Promise<readonly ApnCandidate[]> {
    const { offeredApns } = this.room;
    const offered = await this.#ask("offeredApns.read", async (signal) => offeredApns?.read(signal));
    return (offered ?? []).filter(({ apn }) => isApn(apn)).map((one) => ({ ...one, source: "modem" as const }));
  }

  async #imported(card: CardIdentity): Promise<SimRecord> {
    const { options, cardState, log } = this.room;
    const { record } = cardState;
    const { imsi } = card;
    if (imsi === undefined || record.importedImsis?.includes(imsi)) return record;
    const imported = await this.#ask("provisioning.import", async (signal) => options.imported?.(card, signal));
    if (imported === undefined) return record;
    log.info("taken over from oFono's storage", { imsi: masked(imsi), contexts: imported.contexts.length });
    return withImported(record, imsi, imported);
  }

  /** A source that fails costs its knowledge, not the connection. */
  async #ask<T>(name: string, act: (signal: AbortSignal) => Promise<T | undefined>): Promise<T | undefined> {
    const { operations, log } = this.room;
    return operations.run(name, { timeoutMs: deadlinesMs.read }, act).catch((error) => {
      if (operations.isClosed) throw error;
      log.warning("no help in finding the APN", { from: name, cause: errorText(error) });
      return undefined;
    });
  }
}

interface Given {
  readonly contexts: readonly Partial<ContextSettings>[];
  readonly source: "config" | undefined;
}

const credentialsOf = ({ apn, username, password, auth }: ApnCredentials): ApnCredentials => ({
  apn,
  username,
  password,
  auth,
});
