/** Data calls over WDS: one or two families behind one handle, dual stack as a ladder. */
import { isDeepStrictEqual } from "node:util";
import type { DataCall, DataCallPort } from "../../modem/ports.js";
import type { DataCallRequest, PacketStatistics } from "../../modem/types.js";
import type { IpSettings } from "../../network/types.js";
import { errorText, type FailureCause, ModemError } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import type { RememberedCall } from "./call-memory.js";
import type { Channel } from "./data-path.js";
import { type Family, FamilyCall, type FamilyCallRoom } from "./family-call.js";
import { type Started, startFamilies } from "./family-ladder.js";
import { ipSettingsOf } from "./ip-settings.js";
import type { LatePath } from "./late-path.js";
import type { LivingCall } from "./living-calls.js";
import { dualStackProfile } from "./profiles.js";

export interface QmiDataCallsOptions extends Pick<FamilyCallRoom, "client" | "causeOf"> {
  readonly log: Log;
  readonly path: LatePath;
  ended(handle: number, cause: FailureCause | undefined): void;
  settingsChanged(handle: number, settings: IpSettings): void;
  /** Which calls there are has changed. */
  kept(): void;
}

/** A request without what is secret. */
type Asked = Pick<DataCallRequest, "apn" | "username" | "auth" | "protocol">;

interface OpenCall {
  readonly handle: number;
  readonly asked: Asked;
  /** False: of an earlier run, and nobody has asked for it in this one. */
  isClaimed: boolean;
  readonly channel: Channel;
  /** Those that are up. */
  families: readonly FamilyCall[];
  settings: IpSettings;
}

const never = new AbortController().signal;

const askedOf = ({ apn, username, auth, protocol }: DataCallRequest): Asked => ({ apn, username, auth, protocol });

const dataCallOf = ({ handle, channel: { interfaceName }, settings }: OpenCall): DataCall => ({
  handle,
  interfaceName,
  settings,
});

function settingsOf(families: readonly FamilyCall[], { largestPacket }: Channel): IpSettings {
  const of = (family: Family) => families.find((call) => call.family === family)?.settings;
  const settings = ipSettingsOf(of("ipv4"), of("ipv6"));
  if (largestPacket === undefined) return settings;
  return { ...settings, mtu: Math.min(settings.mtu ?? largestPacket, largestPacket) };
}

export class QmiDataCalls implements DataCallPort {
  readonly #calls = new Set<OpenCall>();
  #lastHandle = 0;

  constructor(private readonly options: QmiDataCallsOptions) {}

  get maxCalls(): number {
    return this.options.path.maxCalls;
  }

  async prepare(): Promise<void> {
    await this.options.path.agreed();
  }

  async start(request: DataCallRequest, signal: AbortSignal): Promise<DataCall> {
    const asked = askedOf(request);
    const living = this.#unclaimed.find((call) => isDeepStrictEqual(call.asked, asked));
    if (living !== undefined) {
      living.isClaimed = true;
      return dataCallOf(living);
    }
    await this.endUnclaimed("something else is asked for", signal);
    const channel = await this.options.path.take();
    try {
      const { calls: families, ...served } = await this.#startFamilies(request, channel, signal);
      return { ...dataCallOf(this.#opened(asked, channel, families, true)), ...served };
    } catch (error) {
      channel.release();
      throw error;
    }
  }

  async stop(handle: number, signal: AbortSignal): Promise<void> {
    const call = [...this.#calls].find((one) => one.handle === handle);
    if (call === undefined) return;
    this.#calls.delete(call);
    this.options.kept();
    const stopped = await Promise.allSettled(call.families.map((family) => family.stop(signal)));
    call.channel.release();
    for (const outcome of stopped) if (outcome.status === "rejected") throw outcome.reason;
  }

  /** A call of an earlier run goes on, for whoever asks for the same. @throws ModemError when it cannot */
  async adopt({ families: before, muxId, ...asked }: LivingCall, signal: AbortSignal): Promise<void> {
    const channel = await this.options.path.take(muxId);
    const room = this.#room(channel);
    try {
      const families: FamilyCall[] = [];
      for (const family of before) families.push(await FamilyCall.resume(family, room, signal));
      const { handle } = this.#opened(asked, channel, families, false);
      this.options.log.notice("a connection of an earlier run goes on", { interface: channel.interfaceName, handle });
    } catch (error) {
      channel.release();
      throw error;
    }
  }

  /** What nobody wants any more must not stay open. */
  async endUnclaimed(why: string, signal: AbortSignal): Promise<void> {
    for (const { handle, channel } of this.#unclaimed) {
      this.options.log.notice("a connection of an earlier run is ended", { interface: channel.interfaceName, why });
      await this.stop(handle, signal);
    }
  }

  /** What a later run would have to know. */
  get remembered(): readonly RememberedCall[] {
    return [...this.#calls].map(({ asked, channel: { muxId }, families }) => ({
      ...asked,
      ...(muxId === undefined ? {} : { muxId }),
      families: families.flatMap((family) => family.remembered ?? []),
    }));
  }

  get #unclaimed(): readonly OpenCall[] {
    return [...this.#calls].filter(({ isClaimed }) => !isClaimed);
  }

  #opened(asked: Asked, channel: Channel, families: readonly FamilyCall[], isClaimed: boolean): OpenCall {
    const settings = settingsOf(families, channel);
    const call = { handle: ++this.#lastHandle, asked, isClaimed, channel, families, settings };
    this.#calls.add(call);
    this.options.kept();
    return call;
  }

  async statistics(handle: number, signal: AbortSignal): Promise<PacketStatistics> {
    const call = [...this.#calls].find((one) => one.handle === handle);
    if (call === undefined) throw new ModemError("notReady", "the data call is not up");
    const told = await Promise.all(call.families.map((family) => family.statistics(signal)));
    const sum = (key: keyof (typeof told)[number]) =>
      told.reduce((total, counts) => total + Number(counts[key] ?? 0), 0);
    return {
      rxBytes: sum("rxBytes"),
      txBytes: sum("txBytes"),
      rxPackets: sum("rxPackets"),
      txPackets: sum("txPackets"),
      rxErrors: sum("rxErrors"),
      txErrors: sum("txErrors"),
      rxDrops: sum("rxDropped"),
      txDrops: sum("txDropped"),
    };
  }

  /** Every call that is up, in order; for closing. */
  async endAll(signal: AbortSignal): Promise<void> {
    await Promise.allSettled([...this.#calls].map(({ handle }) => this.stop(handle, signal)));
  }

  /** The modem has forgotten every call. */
  lostAll(): void {
    for (const call of [...this.#calls]) this.#lost(call, undefined);
  }

  /** Both families share the channel. */
  #startFamilies({ protocol, ...request }: DataCallRequest, channel: Channel, signal: AbortSignal): Promise<Started> {
    const { client, log } = this.options;
    return startFamilies(protocol, {
      start: (family, profile) => FamilyCall.start({ ...request, family, profile }, this.#room(channel), signal),
      stop: (call) => call.stop(signal),
      giveUp: (calls) => this.#giveUp(calls),
      profile: () => dualStackProfile(client, { ...request, protocol }, signal),
      log,
      signal,
    });
  }

  #room(channel: Channel): FamilyCallRoom {
    const { client, causeOf } = this.options;
    return {
      client,
      channel,
      causeOf,
      givenUp: (family) => this.#giveUp([family]),
      ended: (family, cause) => this.#familyEnded(family, cause),
      changed: (family) => this.#reread(family),
    };
  }

  #callOf(family: FamilyCall): OpenCall | undefined {
    return [...this.#calls].find(({ families }) => families.includes(family));
  }

  /** The other family may go on: then only the settings are others. */
  #familyEnded(family: FamilyCall, cause: FailureCause | undefined): void {
    const call = this.#callOf(family);
    this.#giveUp([family]);
    if (call === undefined) return;
    call.families = call.families.filter((other) => other !== family);
    if (call.families.length === 0) this.#lost(call, cause);
    else this.#tellSettings(call);
  }

  #lost(call: OpenCall, cause: FailureCause | undefined): void {
    if (!this.#calls.delete(call)) return;
    this.options.kept();
    call.channel.release();
    this.options.ended(call.handle, cause);
  }

  #reread(family: FamilyCall): void {
    family.readSettings(never).then(
      () => {
        const call = this.#callOf(family);
        if (call !== undefined) this.#tellSettings(call);
      },
      (error: unknown) => this.options.log.warning("addresses not read", { reason: errorText(error) }),
    );
  }

  #tellSettings(call: OpenCall): void {
    const settings = settingsOf(call.families, call.channel);
    if (isDeepStrictEqual(settings, call.settings)) return;
    call.settings = settings;
    this.options.settingsChanged(call.handle, settings);
  }

  /** Whoever wanted them has left: nobody waits for their end. */
  #giveUp(families: readonly FamilyCall[]): void {
    for (const family of families)
      family
        .stop(never)
        .catch((error: unknown) =>
          this.options.log.warning("a call may still be up in the modem", { reason: errorText(error) }),
        );
  }
}
