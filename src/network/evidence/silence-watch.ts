/** Looks at the connections of the uplinks that carry traffic, and tells when all of them fall silent. */
import type { Clock } from "../../runtime/clock.js";
import type { Choice, UplinkObservation } from "../plan/types.js";
import type { IpFamily } from "../types.js";
import { hasProgress, nextLookMs, type Silence, silenceOf, silenceText } from "./silence.js";
import type { TcpConnection, TcpPort } from "./types.js";

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

/** A kernel that cannot tell is asked again after so long. */
const retryMs = 60_000;
/** A connection to a server that died keeps waiting for a quarter of an hour: it speaks for the uplink no longer than this. */
const freshMs = 5_000;

interface Watch {
  readonly identity: string;
  cancel: () => void;
  connections: readonly TcpConnection[];
  progressAtMs: number;
  /** Since when all are silent, and what was seen last. */
  silence?: { readonly sinceMs: number; readonly seen: Silence } | undefined;
}

export class SilenceWatch {
  readonly #watches = new Map<string, Watch>();

  /** `onSilence` comes once for each silence. */
  constructor(
    private readonly tcp: TcpPort,
    private readonly clock: Clock,
    private readonly onSilence: (uplink: string, family: IpFamily) => void,
  ) {}

  /** Watches these from now on, and no others. */
  follow(all: readonly Watched[]): void {
    const wanted = new Map(all.map((one) => [keyOf(one.uplink, one.family), one]));
    for (const [key, watch] of this.#watches) {
      const one = wanted.get(key);
      if (one === undefined || identityOf(one) !== watch.identity) this.#end(key);
    }
    for (const [key, one] of wanted) if (!this.#watches.has(key)) this.#begin(key, one);
  }

  /** In words, while it lasts and is young enough to mean something. */
  silence(uplink: string, family: IpFamily): string | undefined {
    const silence = this.#watches.get(keyOf(uplink, family))?.silence;
    return silence && this.clock.nowMs() - silence.sinceMs <= freshMs ? silenceText(silence.seen) : undefined;
  }

  /** Idempotent. */
  close(): void {
    this.follow([]);
  }

  #begin(key: string, one: Watched): void {
    const nothing = { connections: [], progressAtMs: this.clock.nowMs() };
    const watch: Watch = { identity: identityOf(one), cancel: () => undefined, ...nothing };
    this.#watches.set(key, watch);
    watch.cancel = this.clock.after(0, () => void this.#look(watch, one));
  }

  #end(key: string): void {
    this.#watches.get(key)?.cancel();
    this.#watches.delete(key);
  }

  async #look(watch: Watch, one: Watched): Promise<void> {
    const nextMs = await this.#see(watch, one).catch(() => retryMs);
    if (this.#isWatched(watch, one)) watch.cancel = this.clock.after(nextMs, () => void this.#look(watch, one));
  }

  /** Resolves with the time to the next look. Rejects where the kernel cannot tell: then there is no such evidence. */
  async #see(watch: Watch, one: Watched): Promise<number> {
    const found = await Promise.all(one.addresses.map((address) => this.tcp.connections(address)));
    const connections = found.flat();
    const nowMs = this.clock.nowMs();
    if (hasProgress(watch.connections, connections)) watch.progressAtMs = nowMs;
    watch.connections = connections;
    const sinceProgressMs = nowMs - watch.progressAtMs;
    const seen = silenceOf(connections, sinceProgressMs);
    const before = watch.silence;
    watch.silence = seen && { sinceMs: before?.sinceMs ?? nowMs, seen };
    if (seen && before === undefined && this.#isWatched(watch, one)) this.onSilence(one.uplink, one.family);
    return nextLookMs(connections, sinceProgressMs);
  }

  #isWatched(watch: Watch, { uplink, family }: Watched): boolean {
    return this.#watches.get(keyOf(uplink, family)) === watch;
  }
}

const keyOf = (uplink: string, family: IpFamily): string => `${family} ${uplink}`;
const identityOf = ({ addresses }: Watched): string => addresses.join(" ");
