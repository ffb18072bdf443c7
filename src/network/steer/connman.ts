/** ConnMan by its bus API. @see ConnMan's doc/manager-api.txt, doc/service-api.txt */
import { type Clock, deadline } from "../../runtime/clock.js";
import { ModemError } from "../../runtime/error.js";
import type { BusCall } from "../dns/types.js";
import { type ConnmanService, servicesOf } from "./service.js";
import type { SteerCall } from "./types.js";

/** The part of a bus connection that steering needs. Calls end with their signal. */
export interface SteerBus {
  readonly call: BusCall;
  /** @returns the end of the subscription */
  subscribe(
    rule: { readonly sender: string; readonly interface: string; readonly member: string },
    listener: (signal: { readonly body: readonly unknown[] }) => void,
  ): () => void;
  watchName(name: string, listener: (owner: string | undefined) => void): () => void;
}

export interface ConnmanListener {
  /** A connmand came (`true`), also in place of another one, or went. */
  owned(present: boolean): void;
  /** Order, state or interface of a service may be another now. */
  changed(): void;
}

/** What steering asks of ConnMan. Every call ends by its answer, its deadline or the signal. */
export interface ConnmanPort {
  watch(listener: ConnmanListener): () => void;
  services(signal: AbortSignal): Promise<readonly ConnmanService[]>;
  ask(call: SteerCall, signal: AbortSignal): Promise<void>;
}

const connman = "net.connman";
const managerInterface = "net.connman.Manager";
const serviceInterface = "net.connman.Service";
const promptMs = 5_000;
/** ConnMan itself gives up connecting after 120 s. */
const connectMs = 130_000;
/** Strength and the like change all the time and mean nothing here. */
const telling = new Set<unknown>(["State", "Ethernet", "IPv4", "IPv6"]);

export class ConnmanOnBus implements ConnmanPort {
  constructor(
    private readonly bus: SteerBus,
    private readonly clock: Clock,
  ) {}

  watch(listener: ConnmanListener): () => void {
    const stops = [
      this.bus.watchName(connman, (owner) => listener.owned(owner !== undefined)),
      this.bus.subscribe({ sender: connman, interface: managerInterface, member: "ServicesChanged" }, () =>
        listener.changed(),
      ),
      this.bus.subscribe({ sender: connman, interface: serviceInterface, member: "PropertyChanged" }, ({ body }) => {
        if (telling.has(body[0])) listener.changed();
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  async services(signal: AbortSignal): Promise<readonly ConnmanService[]> {
    const [reply] = await this.#call("/", managerInterface, "GetServices", [], promptMs, signal);
    return servicesOf(reply);
  }

  async ask(call: SteerCall, signal: AbortSignal): Promise<void> {
    if (call.do === "move")
      await this.#call(call.path, serviceInterface, "MoveBefore", [call.before], promptMs, signal);
    else await this.#call(call.path, serviceInterface, "Connect", [], connectMs, signal);
  }

  async #call(
    path: string,
    iface: string,
    member: string,
    body: readonly string[],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<readonly unknown[]> {
    const late = () => new ModemError("timeout", `ConnMan did not answer ${member} within ${timeoutMs / 1_000} s`);
    const limit = deadline(this.clock, timeoutMs, signal, late);
    const to = { destination: connman, path, interface: iface, member, signature: "o".repeat(body.length), body };
    try {
      return await this.bus.call(to, limit.signal);
    } finally {
      limit.release();
    }
  }
}
