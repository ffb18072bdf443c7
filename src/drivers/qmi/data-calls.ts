/** Data calls over WDS: one or two families behind one handle, dual stack as a ladder. */
import { isDeepStrictEqual } from "node:util";
import type { DataCall, DataCallPort } from "../../modem/ports.js";
import type { DataCallRequest, IpProtocol, PacketStatistics } from "../../modem/types.js";
import type { IpSettings } from "../../network/types.js";
import { errorText, type FailureCause, ModemError } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import { type Family, FamilyCall, type FamilyCallRoom } from "./family-call.js";
import { ipSettingsOf } from "./ip-settings.js";

const familiesOf = { ip: ["ipv4"], ipv6: ["ipv6"], dual: ["ipv4", "ipv6"] } as const satisfies Record<
  IpProtocol,
  readonly Family[]
>;

export interface QmiDataCallsOptions extends Pick<FamilyCallRoom, "client" | "causeOf"> {
  readonly log: Log;
  readonly interfaceName: string;
  ended(handle: number, cause: FailureCause | undefined): void;
  settingsChanged(handle: number, settings: IpSettings): void;
}

interface OpenCall {
  readonly handle: number;
  /** Those that are up. */
  families: readonly FamilyCall[];
  settings: IpSettings;
}

const never = new AbortController().signal;

const settingsOf = (families: readonly FamilyCall[]): IpSettings => {
  const of = (family: Family) => families.find((call) => call.family === family)?.settings;
  return ipSettingsOf(of("ipv4"), of("ipv6"));
};

export class QmiDataCalls implements DataCallPort {
  /** One network interface without multiplexing carries one connection. */
  readonly maxCalls = 1;
  readonly #calls = new Set<OpenCall>();
  #lastHandle = 0;

  constructor(private readonly options: QmiDataCallsOptions) {}

  async start(request: DataCallRequest, signal: AbortSignal): Promise<DataCall> {
    const families: FamilyCall[] = [];
    let failure: unknown;
    for (const family of familiesOf[request.protocol]) {
      try {
        families.push(await FamilyCall.start(family, request, this.#room(), signal));
      } catch (error) {
        const mayGoOn = families.length > 0 ? isRefusal(error) : allowsOther(error);
        if (signal.aborted || !mayGoOn) {
          this.#giveUp(families);
          throw error;
        }
        failure ??= error;
      }
    }
    if (families.length === 0) throw failure;
    if (failure !== undefined)
      this.options.log.notice("the network serves one IP family only", { cause: errorText(failure) });
    const call: OpenCall = { handle: ++this.#lastHandle, families, settings: settingsOf(families) };
    this.#calls.add(call);
    return { handle: call.handle, interfaceName: this.options.interfaceName, settings: call.settings };
  }

  async stop(handle: number, signal: AbortSignal): Promise<void> {
    const call = [...this.#calls].find((one) => one.handle === handle);
    if (call === undefined) return;
    this.#calls.delete(call);
    const stopped = await Promise.allSettled(call.families.map((family) => family.stop(signal)));
    for (const outcome of stopped) if (outcome.status === "rejected") throw outcome.reason;
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

  #room(): FamilyCallRoom {
    const { client, causeOf } = this.options;
    return {
      client,
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
    if (this.#calls.delete(call)) this.options.ended(call.handle, cause);
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
    const settings = settingsOf(call.families);
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

/** The modem or the network said no, rather than nothing. */
const isRefusal = (error: unknown): boolean => error instanceof ModemError && error.failure !== undefined;

/** Not this family, but the other one. @see 3GPP TS 24.301 9.9.4.4, causes 50 and 51 */
function allowsOther(error: unknown): boolean {
  const failure = error instanceof ModemError ? error.failure : undefined;
  const isNetwork = failure?.domain === "esm" || failure?.domain === "sm";
  return isNetwork && (failure.code === 50 || failure.code === 51);
}
