/** Puts a virtual modem together: model, face, port, data path, steps. */
import { randomBytes } from "node:crypto";
import { systemClock } from "../runtime/clock.js";
import { type Log, silentLog } from "../runtime/log.js";
import { Scope } from "../runtime/scope.js";
import { netnsPath, openCarrierNetwork } from "./carrier/network.js";
import { serveControl } from "./control/server.js";
import { runStep, type Stage, StepError } from "./control/steps.js";
import { Relay } from "./data/relay.js";
import { openTunDevice } from "./data/tun.js";
import { MbimFunction } from "./faces/mbim/function.js";
import { ModemMachine } from "./machine.js";
import type { ModemEvent } from "./model/modem.js";
import type { VirtualProfile } from "./model/profile.js";
import { openPort, type Port } from "./port/port.js";
import { profileNamed } from "./profiles/all.js";
import { withSettings } from "./settings.js";
import type { Faults, VirtualModem, VirtualModemOptions, VirtualModemState } from "./types.js";

/**
 * A virtual modem in this process, plugged in and powered when the promise resolves.
 * @throws when a name or place is wrong or taken; nothing stays behind then
 */
export async function startVirtualModem(options: VirtualModemOptions): Promise<VirtualModem> {
  const named = typeof options.profile === "string" ? profileNamed(options.profile) : options.profile;
  const profile = withSettings(named, options.settings ?? {});
  if (options.carrierNetns !== undefined && options.net === undefined) {
    throw new Error("a carrier without a network interface at the host: name one with net");
  }
  const modem = new Assembled(profile, options);
  try {
    await modem.start();
    return modem;
  } catch (error) {
    await modem.close();
    throw error;
  }
}

const noFaults: Faults = { silence: false, mute: false, delayMs: 0, lossPercent: 0 };

class Assembled implements VirtualModem, Stage {
  readonly #scope = new Scope();
  readonly #log: Log;
  readonly #machine: ModemMachine;
  readonly #relay: Relay;
  #faults = noFaults;
  /** What is there while plugged in. */
  #plugged: { readonly scope: Scope; readonly port: Port } | undefined;
  #steps: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(
    private readonly profile: VirtualProfile,
    private readonly options: VirtualModemOptions,
  ) {
    this.#log = options.log ?? silentLog;
    this.#machine = this.#scope.own(new ModemMachine(profile, systemClock), (machine) => machine.close());
    const relay = new Relay({ clock: systemClock, pool: profile.pool, faults: () => this.#faults });
    this.#relay = this.#scope.own(relay, (it) => it.unplug());
    this.#machine.watch(({ before, outcome: { state } }) => {
      if (before.sessions !== state.sessions) this.#relay.setSessions(state.sessions);
    });
  }

  async start(): Promise<void> {
    const { carrierNetns, controlPath } = this.options;
    if (carrierNetns !== undefined) {
      const take = (packets: readonly Buffer[]) => this.#relay.fromCarrier(packets);
      const carrier = await openCarrierNetwork(carrierNetns, this.profile, take, this.#log);
      this.#scope.own(carrier, (it) => it.close());
      this.#relay.connectCarrier(carrier.send);
    }
    await this.#plugIn();
    if (controlPath === undefined) return;
    const control = await serveControl(controlPath, (name, ...args) => this.step(name, ...args));
    this.#scope.own(control, (it) => it.close());
  }

  step(name: string, ...args: readonly string[]): Promise<string> {
    if (this.#closing !== undefined) return Promise.reject(new StepError("refused", "the virtual modem is closed"));
    const result = this.#steps.then(() => runStep(this, name, args));
    this.#steps = result.catch(() => undefined);
    return result;
  }

  state(): VirtualModemState {
    const { state } = this.#machine;
    const { pin: _pin, ...sim } = state.sim;
    const sessions = state.sessions.map((session) => {
      if (session.is === "active") return session;
      const { request: _request, ...shown } = session;
      return shown;
    });
    return {
      model: { ...state, sim, sessions },
      data: this.options.net === undefined ? undefined : this.#relay.counters,
      faults: this.#faults,
    };
  }

  close(): Promise<void> {
    // A step in the middle of its work, such as replug, would open what nobody closes.
    this.#closing ??= this.#steps.then(() => this.#closeAll());
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    await this.#plugged?.scope.close();
    this.#plugged = undefined;
    await this.#scope.close();
  }

  send(event: ModemEvent) {
    return this.#machine.send(event);
  }

  setFaults(change: Partial<Faults>): void {
    this.#faults = { ...this.#faults, ...change };
  }

  sendGarbage(bytes: number): void {
    this.#plugged?.port.send(randomBytes(bytes));
  }

  async unplug(): Promise<void> {
    if (this.#plugged === undefined) throw new StepError("refused", "the modem is unplugged already");
    const { scope } = this.#plugged;
    this.#plugged = undefined;
    await scope.close();
    this.#machine.send({ type: "powerDown" });
  }

  async replug(): Promise<void> {
    if (this.#plugged !== undefined) throw new StepError("refused", "the modem is plugged in already");
    this.#machine.send({ type: "powerUp" });
    await this.#plugIn();
  }

  /** The interface first, the control port last: who finds the port finds all of the modem. */
  async #plugIn(): Promise<void> {
    const scope = new Scope();
    try {
      this.#openHostSide(scope);
      const port = await this.#openControlSide(scope);
      this.#plugged = { scope, port };
    } catch (error) {
      await scope.close();
      throw error;
    }
  }

  #openHostSide(scope: Scope): void {
    const { net, netNetns } = this.options;
    if (net === undefined) return;
    const tun = openTunDevice(net, netNetns === undefined ? undefined : netnsPath(netNetns), {
      packets: (packets) => this.#relay.fromHost(packets),
      gone: (reason) => this.#log.warning("somebody removed the interface", { net, reason: String(reason) }),
    });
    scope.own(tun, (it) => it.close());
    this.#relay.plugIn((packet) => tun.write(packet));
    scope.own(this.#relay, (relay) => relay.unplug());
  }

  async #openControlSide(scope: Scope): Promise<Port> {
    let port: Port | undefined;
    const face = new MbimFunction({
      machine: this.#machine,
      log: this.#log,
      counts: () => this.#counts(),
      send: (frame) => {
        if (!this.#faults.mute) port?.send(frame);
      },
      flush: () => port?.flush(),
    });
    scope.own(face, (it) => it.close());
    port = await openPort(this.options.port, {
      data: (bytes) => {
        if (!this.#faults.mute) face.feed(bytes);
      },
      hostLeft: () => face.hostLeft(),
    });
    return scope.own(port, (it) => it.close());
  }

  #counts() {
    const { upBytes, upPackets, downBytes, downPackets, overflow, foreignAddress, withoutSession } =
      this.#relay.counters;
    return {
      inOctets: downBytes,
      inPackets: downPackets,
      inDiscards: overflow,
      outOctets: upBytes,
      outPackets: upPackets,
      outDiscards: foreignAddress + withoutSession,
    };
  }
}
