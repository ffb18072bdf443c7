/** Calls of an earlier run that was killed: looked at before anything is reset, for SYNC would end them. */
import type { QmiClient } from "../../qmi/client.js";
import type { QmiService } from "../../qmi/service.js";
import * as wds from "../../qmi/services/wds.js";
import { errorText, ModemError } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import type { Remembered, RememberedCall } from "./call-memory.js";
import type { DataPathState } from "./data-path.js";
import type { Family } from "./family-call.js";

export interface LivingFamily {
  readonly family: Family;
  readonly service: QmiService;
  readonly packetDataHandle: number;
}

export interface LivingCall extends Omit<RememberedCall, "families"> {
  readonly families: readonly LivingFamily[];
}

export interface Living {
  readonly path: DataPathState;
  readonly calls: readonly LivingCall[];
}

/**
 * Undefined when none lives: then SYNC harms nobody. Else their client ids are held, and the earlier run's others given back.
 * @throws ModemError `timeout`, `unplugged`, `aborted`
 */
export async function findLiving(
  client: QmiClient,
  { path, calls, clients }: Remembered,
  log: Log,
  signal: AbortSignal,
): Promise<Living | undefined> {
  const living: LivingCall[] = [];
  for (const { families: before, ...call } of calls) {
    const families: LivingFamily[] = [];
    for (const { family, client: id, packetDataHandle } of before) {
      const service = client.resume("wds", id);
      if (await isConnected(service, signal)) families.push({ family, service, packetDataHandle });
    }
    if (families.length > 0) living.push({ ...call, families });
  }
  if (living.length === 0) {
    log.info("no connection of the earlier run lives any more");
    return undefined;
  }
  const held = living.flatMap(({ families }) => families.map(({ service }) => service));
  for (const service of held) client.keep(service);
  const isHeld = (name: string, id: number) => held.some((service) => service.name === name && service.id === id);
  for (const { service, client: id } of clients)
    if (!isHeld(service, id)) await giveBack(client.resume(service, id), log, signal);
  return { path, calls: living };
}

async function isConnected(service: QmiService, signal: AbortSignal): Promise<boolean> {
  const outcome = await service.tryAsk(wds.getPacketServiceStatus, {}, signal);
  return outcome.is === "success" && outcome.values.status === "connected";
}

/** The modem may not know it any more. */
async function giveBack(service: QmiService, log: Log, signal: AbortSignal): Promise<void> {
  await service.release(signal).catch((error: unknown) => {
    if (!(error instanceof ModemError) || error.failure?.domain !== "qmi") throw error;
    log.debug("an id of the earlier run is void", { reason: errorText(error) });
  });
}
