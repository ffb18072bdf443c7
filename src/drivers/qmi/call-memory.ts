/** What a later run has to know to go on with the calls of this one, should it be killed. Checked before it is believed. */
import * as v from "valibot";
import { type ServiceName, services } from "../../qmi/services.js";
import { errorText } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import type { DataPathState } from "./data-path.js";

/** Where one modem's memory is kept for as long as the machine runs. Plain JSON data; nothing secret is in it. */
export interface KeptState {
  /** Undefined: nothing was kept. */
  read(): Promise<unknown>;
  write(value: unknown): Promise<void>;
}

const isService = (value: unknown): boolean => typeof value === "string" && value in services;
const clientId = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(254));

const call = v.object({
  apn: v.string(),
  username: v.string(),
  auth: v.picklist(["none", "pap", "chap"]),
  protocol: v.picklist(["ip", "ipv6", "dual"]),
  /** Absent: the interface itself carries it. */
  muxId: v.exactOptional(clientId),
  families: v.array(
    v.object({
      family: v.picklist(["ipv4", "ipv6"]),
      client: clientId,
      packetDataHandle: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff)),
    }),
  ),
});

const remembered = v.object({
  path: v.variant("is", [
    v.object({ is: v.literal("plain") }),
    v.object({ is: v.literal("channels"), largestPacket: v.pipe(v.number(), v.integer(), v.minValue(1)) }),
  ]),
  /** Every client id of the run. */
  clients: v.array(v.object({ service: v.custom<ServiceName>(isService), client: clientId })),
  calls: v.array(call),
});

export type RememberedCall = v.InferOutput<typeof call>;

export interface Remembered {
  readonly path: DataPathState;
  readonly clients: readonly { readonly service: ServiceName; readonly client: number }[];
  readonly calls: readonly RememberedCall[];
}

export class CallMemory {
  constructor(
    private readonly kept: KeptState,
    private readonly log: Log,
  ) {}

  /** Undefined: no run before this one left a call, as far as is known. */
  async read(): Promise<Remembered | undefined> {
    const value = await this.kept.read().catch((error: unknown) => {
      this.log.warning("what an earlier run kept cannot be read", { reason: errorText(error) });
      return undefined;
    });
    const parsed = v.safeParse(remembered, value);
    return parsed.success && parsed.output.calls.length > 0 ? parsed.output : undefined;
  }

  keep(state: Remembered): void {
    this.kept
      .write(state)
      .catch((error: unknown) => this.log.warning("calls are not kept for a later run", { reason: errorText(error) }));
  }
}
