/** A data call of one IP family: a client id of its own in WDS, from start to the end of the network's or ours. */
import { NetworkBackoff } from "../../modem/ports.js";
import type { DataCallRequest } from "../../modem/types.js";
import type { QmiClient } from "../../qmi/client.js";
import type { IndicationOf, RequestOf } from "../../qmi/message.js";
import { qmiError, qmiErrors } from "../../qmi/result.js";
import type { QmiService } from "../../qmi/service.js";
import * as wds from "../../qmi/services/wds.js";
import { type FailureCause, ModemError, type ModemErrorOptions } from "../../runtime/error.js";
import type { CallEnd } from "./call-end.js";
import type { Channel } from "./data-path.js";
import type { CurrentSettings } from "./ip-settings.js";
import type { LivingFamily } from "./living-calls.js";
import { throttledMs } from "./throttling.js";

export type Family = "ipv4" | "ipv6";

/** The modem or the network said no; `reason` in the message's own words. */
export class CallRefused extends ModemError {
  constructor(
    message: string,
    readonly reason: CallEnd | undefined,
    options: ModemErrorOptions,
  ) {
    super("refused", message, options);
  }
}

export interface FamilyCallRoom {
  readonly client: QmiClient;
  readonly channel: Channel;
  causeOf(reason: CallEnd | undefined): FailureCause | undefined;
  /** Its start failed or was abandoned: whatever of it is open must be closed. */
  givenUp(call: FamilyCall): void;
  /** The network or the modem ended it; not told of a call that we stopped. */
  ended(call: FamilyCall, cause: FailureCause | undefined): void;
  /** The network gave it other settings. */
  changed(call: FamilyCall): void;
}

const wantedSettings: RequestOf<typeof wds.getCurrentSettings> = {
  wanted: ["dnsAddress", "ipAddress", "gatewayInfo", "mtu", "ipFamily"],
};

const authentication = { none: [], pap: ["pap"], chap: ["chap"] } as const;

/** What is asked of the network, and by which of the modem's profiles if by any. */
export interface FamilyRequest extends Omit<DataCallRequest, "protocol"> {
  readonly family: Family;
  readonly profile: number | undefined;
}

function startOf({ apn, username, password, auth, family, profile }: FamilyRequest) {
  const credentials = auth === "none" ? {} : { authentication: authentication[auth], username, password };
  return {
    ...(apn === "" ? {} : { apn }),
    ...credentials,
    ipFamily: family,
    ...(profile === undefined ? {} : { profile3gpp: profile }),
  } satisfies RequestOf<typeof wds.startNetwork>;
}

export class FamilyCall {
  #packetDataHandle: number | undefined;
  #settings: CurrentSettings = {};

  private constructor(
    readonly family: Family,
    private readonly service: QmiService,
    private readonly room: FamilyCallRoom,
  ) {}

  /**
   * @throws CallRefused, or NetworkBackoff where the network wants to be left alone, with its cause where it gave one; the call is given up then, also when the modem says yes
   * after the abort
   */
  static async start(request: FamilyRequest, room: FamilyCallRoom, signal: AbortSignal): Promise<FamilyCall> {
    const call = new FamilyCall(request.family, await room.client.allocate("wds", signal), room);
    try {
      await call.#begin(request, signal);
      return call;
    } catch (error) {
      room.givenUp(call);
      throw error;
    }
  }

  /** A call of an earlier run goes on. @throws ModemError when the modem does not tell its settings */
  static async resume(living: LivingFamily, room: FamilyCallRoom, signal: AbortSignal): Promise<FamilyCall> {
    const call = new FamilyCall(living.family, living.service, room);
    call.#packetDataHandle = living.packetDataHandle;
    await call.#listen(signal);
    await call.readSettings(signal);
    return call;
  }

  /** For a later run; undefined while it is not up. */
  get remembered() {
    const packetDataHandle = this.#packetDataHandle;
    if (packetDataHandle === undefined) return undefined;
    return { family: this.family, client: this.service.id, packetDataHandle };
  }

  get settings(): CurrentSettings {
    return this.#settings;
  }

  async readSettings(signal: AbortSignal): Promise<void> {
    this.#settings = await this.service.ask(wds.getCurrentSettings, wantedSettings, signal);
  }

  statistics(signal: AbortSignal) {
    const wanted = [
      "txPackets",
      "rxPackets",
      "txErrors",
      "rxErrors",
      "txBytes",
      "rxBytes",
      "txDropped",
      "rxDropped",
    ] as const;
    return this.service.ask(wds.getPacketStatistics, { wanted }, signal);
  }

  /** Idempotent. Giving the client id back ends a call that has no handle yet. */
  async stop(signal: AbortSignal): Promise<void> {
    const handle = this.#packetDataHandle;
    this.#packetDataHandle = undefined;
    try {
      if (handle !== undefined) await this.#stopNetwork(handle, signal);
    } finally {
      await this.service.release(signal).catch((error: unknown) => {
        // A device that is gone has no ids.
        if (!(error instanceof ModemError) || error.code !== "unplugged") throw error;
      });
    }
  }

  async #begin(request: FamilyRequest, signal: AbortSignal): Promise<void> {
    const { service, family } = this;
    await this.room.channel.bind(service, signal);
    await service.ask(wds.setIpFamily, { preference: family }, signal);
    await this.#listen(signal);
    const outcome = await service.tryAsk(wds.startNetwork, startOf(request), signal);
    if (outcome.is === "refused")
      throw await this.#refusal(request, outcome.error, Reflect.get(outcome.failure, "verboseReason"), signal);
    this.#packetDataHandle = outcome.values.packetDataHandle;
    await this.readSettings(signal);
  }

  async #listen(signal: AbortSignal): Promise<void> {
    this.service.watch(wds.packetServiceStatus, (status) => this.#statusTold(status));
    this.service.watch(wds.extendedIpConfig, () => this.room.changed(this));
    // Old firmware does not know it; addresses that change silently are then noticed by nobody.
    await this.service.tryAsk(wds.indicationRegister, { extendedIpConfig: true }, signal);
  }

  async #refusal({ apn }: FamilyRequest, error: number, reason: CallEnd | undefined, signal: AbortSignal) {
    const cause = this.room.causeOf(reason);
    const refusal = qmiError(`WDS START_NETWORK ${this.family}`, error);
    if (cause === undefined) return refusal;
    const waitMs = await throttledMs(this.service, apn, this.family, signal);
    return waitMs === undefined
      ? new CallRefused(refusal.message, reason, { failure: cause })
      : new NetworkBackoff(refusal.message, waitMs, { failure: cause });
  }

  async #stopNetwork(packetDataHandle: number, signal: AbortSignal): Promise<void> {
    const outcome = await this.service.tryAsk(wds.stopNetwork, { packetDataHandle }, signal);
    const isDown = outcome.is === "success" || downAlready.includes(outcome.error);
    if (!isDown) throw qmiError("WDS STOP_NETWORK", outcome.error);
  }

  #statusTold({ connection, verboseReason }: IndicationOf<typeof wds.packetServiceStatus>): void {
    if (connection.status !== "disconnected" || this.#packetDataHandle === undefined) return;
    this.#packetDataHandle = undefined;
    this.room.ended(this, this.room.causeOf(verboseReason));
  }
}

const downAlready: readonly number[] = [qmiErrors.noEffect, qmiErrors.outOfCall, qmiErrors.invalidHandle];
