/**
 * What one context asks the network for: its settings with the IP family that this network takes and, where its APN is a
 * guess, the name that comes next.
 */
import { errorText, ModemError } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import { sameData } from "../runtime/same-data.js";
import type { ContextSettings } from "./api.js";
import type { ApnCandidate } from "./apn-candidate.js";
import type { ApnChooser } from "./apn-chooser.js";
import { isApnRefusal } from "./apn-ladder.js";
import { otherFamily, rememberFamily, withFamily } from "./apn-memory.js";
import type { CardState } from "./card-state.js";
import { NetworkBackoff } from "./ports.js";
import type { DataCallRequest } from "./types.js";

export interface CallRequestsRoom {
  readonly cardState: CardState;
  readonly log: Log;
  /** The serving network, MCC and MNC in one. */
  plmn(): string | undefined;
}

/** The context whose requests these are. */
export interface CallRequestsOwner {
  readonly number: number;
  settings(): ContextSettings;
  /** Undefined: somebody has set the APN, and nothing else is tried. */
  chooser(): ApnChooser | undefined;
  /** What works is known now; clients have not seen the bearer yet. */
  chosen(): void;
}

/** What may be changed about a request. `quick`: clients still see the bearer that it replaces. */
export type Attempt = "first" | "quick";

export class CallRequests {
  /** What the latest request asked for, where the APN is a guess. */
  #candidate: ApnCandidate | undefined;

  constructor(
    private readonly room: CallRequestsRoom,
    private readonly context: CallRequestsOwner,
  ) {}

  first(): DataCallRequest {
    const { protocol, ...settings } = this.context.settings();
    this.#candidate = this.context.chooser()?.current;
    const { apn, username, password, auth } = this.#candidate ?? settings;
    const wished = { apn, username, password, auth: username === "" ? ("none" as const) : auth, protocol };
    return withFamily(wished, this.#families, this.room.plmn());
  }

  /** What to ask for after the refusal of `asked`; undefined: the refusal stands. */
  async after(asked: DataCallRequest, error: unknown, attempt: Attempt): Promise<DataCallRequest | undefined> {
    const failure = error instanceof ModemError ? error.failure : undefined;
    const only = otherFamily(this.context.settings().protocol, asked.protocol, failure);
    if (only !== undefined) {
      this.room.log.notice("the network serves one IP family only", { context: this.context.number, protocol: only });
      return { ...asked, protocol: only };
    }
    if (attempt === "quick" || this.#candidate === undefined) return undefined;
    const next = await this.context.chooser()?.next(this.#candidate, failure);
    return next && this.first();
  }

  /** The network objected to what was asked, and the next attempt asks for something else. */
  hasOther(error: ModemError): boolean {
    if (error instanceof NetworkBackoff || !isApnRefusal(error.failure)) return false;
    return this.context.chooser()?.hasUntried ?? false;
  }

  /** The network granted `asked`. */
  granted(asked: DataCallRequest): void {
    if (this.#candidate !== undefined) this.context.chooser()?.worked(this.#candidate);
    this.context.chosen();
    const plmn = this.room.plmn();
    if (this.context.settings().protocol !== "dual" || plmn === undefined) return;
    if (sameData(rememberFamily(this.#families, plmn, asked), this.#families)) return;
    this.room.cardState
      .update((record) => ({ ...record, ipFamilies: rememberFamily(record.ipFamilies ?? [], plmn, asked) }))
      .catch((error) => this.room.log.warning("the IP family is not remembered", { cause: errorText(error) }));
  }

  get #families() {
    return this.room.cardState.record.ipFamilies ?? [];
  }
}
