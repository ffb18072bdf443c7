/** Data calls of an AT modem, one at a time: what is the same however it dials. */
import type { DataCall, DataCallPort } from "../../modem/ports.js";
import type { DataCallRequest, PacketStatistics } from "../../modem/types.js";
import type { IpSettings } from "../../network/types.js";
import { abortable, abortError } from "../../runtime/abort.js";
import { errorText, ModemError } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import { CallCounters, type ReadCounters } from "./call-counters.js";

/** A connection that is up. */
export interface Connection {
  readonly interfaceName: string;
  readonly settings: IpSettings;
  readonly only?: "ip" | "ipv6";
  /** Resolves when the modem has let go of it; bounded by itself. Not after `ended`. */
  hangUp(): Promise<void>;
}

export interface ConnectionEvents {
  ended(error: ModemError): void;
  settingsChanged(settings: IpSettings): void;
}

/** One way to connect. */
export interface Dialler {
  /** What it leaves in the modem when it is aborted or fails, it takes back by itself before it rejects. */
  dial(request: DataCallRequest, events: ConnectionEvents, signal: AbortSignal): Promise<Connection>;
  /** News of the modem. @throws RangeError when the line cannot be read */
  hears?(line: string): void;
}

export interface DataCallsContext {
  /** `choice` is asked at each call. */
  readonly diallers: { readonly choice: Dialler | undefined };
  readonly log: Log;
  /** Absent: nothing counts. */
  readonly counters?: ReadCounters | undefined;
  ended(handle: number, error: ModemError): void;
  settingsChanged(handle: number, settings: IpSettings): void;
}

interface Call {
  readonly handle: number;
  readonly dialler: Dialler;
  readonly over: AbortController;
  /** Settled when the modem holds nothing of it any more. */
  released: Promise<void>;
  connection?: Connection;
  counters?: CallCounters;
  isStopping?: true;
}

export class AtDataCalls implements DataCallPort {
  readonly maxCalls = 1;
  #call: Call | undefined;
  #lastHandle = 0;

  constructor(private readonly context: DataCallsContext) {}

  async start(request: DataCallRequest, signal: AbortSignal): Promise<DataCall> {
    await this.#leaving(signal);
    if (this.#call !== undefined) throw new ModemError("busy", "the modem has one connection at a time");
    const { choice: dialler } = this.context.diallers;
    if (dialler === undefined) throw new ModemError("unsupported", "the modem makes no calls");
    const call: Call = {
      handle: ++this.#lastHandle,
      dialler,
      over: new AbortController(),
      released: Promise.resolve(),
    };
    this.#call = call;
    const dialling = this.#dial(call, request, AbortSignal.any([signal, call.over.signal]));
    call.released = dialling.then(
      () => undefined,
      () => this.#forget(call),
    );
    const { interfaceName, settings, only } = await abortable(dialling, "the connection", signal);
    return { handle: call.handle, interfaceName, settings, ...(only === undefined ? {} : { only }) };
  }

  async stop(handle: number, signal: AbortSignal): Promise<void> {
    if (this.#call?.handle === handle) await abortable(this.#stop(this.#call), "stop", signal);
  }

  async statistics(handle: number): Promise<PacketStatistics> {
    const counters = this.#call?.handle === handle ? this.#call.counters : undefined;
    if (counters === undefined) throw new ModemError("notReady", "the data call is not up");
    return counters.sinceStart();
  }

  /** The port is being closed or gone: nobody waits any more. Resolves when nothing of the call is left here. */
  async close(reason: ModemError): Promise<void> {
    const call = this.#call;
    if (call === undefined) return;
    call.over.abort(reason);
    await this.#stop(call);
  }

  async #dial(call: Call, request: DataCallRequest, signal: AbortSignal): Promise<Connection> {
    const connection = await call.dialler.dial(
      request,
      {
        ended: (error) => {
          if (this.#call !== call || call.connection === undefined || call.isStopping) return;
          this.#forget(call);
          this.context.ended(call.handle, error);
        },
        settingsChanged: (settings) => {
          if (this.#call === call && call.connection !== undefined) this.context.settingsChanged(call.handle, settings);
        },
      },
      signal,
    );
    if (signal.aborted) {
      await connection.hangUp().catch((error: unknown) => this.#complain(error));
      throw abortError("the connection", signal);
    }
    call.connection = connection;
    call.counters = new CallCounters(this.context.counters, connection.interfaceName);
    return connection;
  }

  /** Idempotent. */
  async #stop(call: Call): Promise<void> {
    const { connection } = call;
    if (connection !== undefined && !call.isStopping) {
      call.isStopping = true;
      call.released = connection.hangUp().then(
        () => this.#forget(call),
        (error: unknown) => {
          delete call.isStopping;
          throw error;
        },
      );
    }
    await call.released;
  }

  /** Waits for a call that is on its way out. */
  async #leaving(signal: AbortSignal): Promise<void> {
    const call = this.#call;
    if (call === undefined || (call.connection !== undefined && !call.isStopping)) return;
    await abortable(call.released, "start", signal).catch((error: unknown) => {
      if (signal.aborted) throw error;
    });
  }

  #forget(call: Call): void {
    if (this.#call === call) this.#call = undefined;
  }

  #complain(error: unknown): void {
    this.context.log.warning("the connection may still be up in the modem", { reason: errorText(error) });
  }
}
