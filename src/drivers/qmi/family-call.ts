/** A data call of one IP family: a client id of its own in WDS, from start to the end of the network's or ours. */
import type { DataCallRequest } from "../../modem/types.js";
import type { QmiClient } from "../../qmi/client.js";
import type { IndicationOf, RequestOf } from "../../qmi/message.js";
import { qmiError, qmiErrors } from "../../qmi/result.js";
import type { QmiService } from "../../qmi/service.js";
import * as wds from "../../qmi/services/wds.js";
import { type FailureCause, ModemError } from "../../runtime/error.js";
import type { CurrentSettings } from "./ip-settings.js";

export type Family = "ipv4" | "ipv6";
type CallEnd = IndicationOf<typeof wds.packetServiceStatus>["verboseReason"];

export interface FamilyCallRoom {
  readonly client: QmiClient;
  causeOf(reason: CallEnd): FailureCause | undefined;
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

function startOf({ apn, username, password, auth }: DataCallRequest, ipFamily: Family) {
  const credentials = auth === "none" ? {} : { authentication: authentication[auth], username, password };
  return { ...(apn === "" ? {} : { apn }), ...credentials, ipFamily } satisfies RequestOf<typeof wds.startNetwork>;
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
   * @throws ModemError with the network's cause where it gave one; the call is given up then, also when the modem says yes
   * after the abort
   */
  static async start(
    family: Family,
    request: DataCallRequest,
    room: FamilyCallRoom,
    signal: AbortSignal,
  ): Promise<FamilyCall> {
    const call = new FamilyCall(family, await room.client.allocate("wds", signal), room);
    try {
      await call.#begin(request, signal);
      return call;
    } catch (error) {
      room.givenUp(call);
      throw error;
    }
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

  async #begin(request: DataCallRequest, signal: AbortSignal): Promise<void> {
    const { service, family } = this;
    await service.ask(wds.setIpFamily, { preference: family }, signal);
    service.watch(wds.packetServiceStatus, (status) => this.#statusTold(status));
    service.watch(wds.extendedIpConfig, () => this.room.changed(this));
    // Old firmware does not know it; addresses that change silently are then noticed by nobody.
    await service.tryAsk(wds.indicationRegister, { extendedIpConfig: true }, signal);
    const outcome = await service.tryAsk(wds.startNetwork, startOf(request, family), signal);
    if (outcome.is === "refused") {
      const cause = this.room.causeOf(Reflect.get(outcome.failure, "verboseReason"));
      const refusal = qmiError(`WDS START_NETWORK ${family}`, outcome.error);
      throw cause === undefined ? refusal : new ModemError("refused", refusal.message, { failure: cause });
    }
    this.#packetDataHandle = outcome.values.packetDataHandle;
    await this.readSettings(signal);
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
