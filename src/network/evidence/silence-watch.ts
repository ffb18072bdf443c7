/** Looks at what runs over the uplinks that carry traffic, and tells when all of it falls silent. */
import type { Clock } from "../../runtime/clock.js";
import type { Choice, UplinkObservation } from "../plan/types.js";
import type { IpFamily } from "../types.js";
import { type Looked, type LookTime, Poller } from "./poller.js";

export interface Watched {
  readonly uplink: string;
  readonly family: IpFamily;
  /** Where its connections leave from. */
  readonly addresses: readonly string[];
}

/** What carries traffic; a standby has none to speak of. */
export const watchedOf = (choice: Choice, observed: readonly UplinkObservation[]): readonly Watched[] =>
  ([4, 6] as const).flatMap((family) => {
    const uplink = observed.find(({ name }) => name === choice[family]);
    return uplink ? [{ uplink: uplink.name, family, addresses: uplink.families[family].addresses }] : [];
  });

export interface Hearing extends Looked {
  /** In words; absent: something was heard, or nobody waits for anything. */
  readonly silence?: string | undefined;
}

/** Pure. @param before Of the last look; undefined: this is the first one */
export type Listener<One, State> = (found: readonly One[], at: LookTime, before?: State) => State & Hearing;

type Known<State> = State & Hearing & { readonly silentSinceMs?: number | undefined };

/** Whoever talks to a server that died goes on for minutes: it speaks for the uplink no longer than this. */
const freshMs = 5_000;

export class SilenceWatch<One, State> {
  readonly #poller: Poller<Watched, readonly One[], Known<State>>;

  /** `onSilence` comes once for each silence. */
  constructor(
    /** What leaves from an address. Rejects where the kernel cannot tell: then there is no such evidence. */
    leavingFrom: (address: string) => Promise<readonly One[]>,
    listen: Listener<One, State>,
    private readonly clock: Clock,
    onSilence: (uplink: string, family: IpFamily) => void,
  ) {
    this.#poller = new Poller(clock, {
      source: async ({ addresses }): Promise<readonly One[]> =>
        (await Promise.all(addresses.map((one) => leavingFrom(one)))).flat(),
      judge: (found, at, before) => {
        const heard = listen(found, at, before);
        return {
          ...heard,
          silentSinceMs: heard.silence === undefined ? undefined : (before?.silentSinceMs ?? at.nowMs),
        };
      },
      onLooked: ({ uplink, family }, now, before) => {
        if (now.silence !== undefined && before?.silence === undefined) onSilence(uplink, family);
      },
    });
  }

  /** Watches these from now on, and no others. */
  follow(all: readonly Watched[]): void {
    this.#poller.follow(new Map(all.map((one) => [keyOf(one.uplink, one.family), one])));
  }

  /** In words, while it lasts and is young enough to mean something. */
  silence(uplink: string, family: IpFamily): string | undefined {
    const { silence, silentSinceMs = 0 } = this.#poller.known(keyOf(uplink, family)) ?? {};
    return this.clock.nowMs() - silentSinceMs <= freshMs ? silence : undefined;
  }

  /** Idempotent. */
  close(): void {
    this.#poller.close();
  }
}

const keyOf = (uplink: string, family: IpFamily): string => `${family} ${uplink}`;
