/** Puts a virtual modem together: model, face, port, data path, steps. */
import { randomBytes } from "node:crypto";
import { systemClock } from "../runtime/clock.js";
import { errorText } from "../runtime/error.js";
import { type Log, silentLog } from "../runtime/log.js";
import { Scope } from "../runtime/scope.js";
import { openCarrierNetwork } from "./carrier/network.js";
import { serveControl } from "./control/server.js";
import { runStep, type Stage, StepError } from "./control/steps.js";
import { Relay } from "./data/relay.js";
import { faces } from "./faces/all.js";
import { counted } from "./faces/counted.js";
import type { DataLink, Face, FaceContext, HostLine, LineFault, PacketCounts } from "./faces/face.js";
import { faulty } from "./faces/faulty.js";
import { ModemMachine } from "./machine.js";
import type { ModemEvent } from "./model/modem.js";
import type { VirtualProfile } from "./model/profile.js";
import type { FaceName } from "./model/words.js";
import type { PlugContext } from "./plug.js";
import { Plugging } from "./plugging.js";
import { plainPpp } from "./ppp-manner.js";
import { pppdPlace } from "./pppd-place.js";
import { profileNamed } from "./profiles/all.js";
import { withSettings } from "./settings.js";
import { shownModel } from "./shown-model.js";
import type { Faults, VirtualModem, VirtualModemOptions, VirtualModemState } from "./types.js";

/**
 * A virtual modem in this process, plugged in and powered when the promise resolves.
 * @throws when a name or place is wrong or taken; nothing stays behind then
 */
export async function startVirtualModem(options: VirtualModemOptions): Promise<VirtualModem> {
  const named = typeof options.profile === "string" ? profileNamed(options.profile) : options.profile;
  const profile = withSettings(named, options.settings ?? {});
  const isUsb = options.port.kind === "usb";
  // A serial line carries packets by itself.
  const carriesPackets = isUsb || profile.controlFace === "at";
  if (options.carrierNetns !== undefined && options.net === undefined && !carriesPackets) {
    throw new Error("a carrier without a network interface at the host: name one with net");
  }
  if (isUsb && options.net !== undefined) throw new Error("on a USB bus the host's kernel makes the network interface");
  const modem = new Assembled(profile, options);
  try {
    await modem.start();
    return modem;
  } catch (error) {
    await modem.close();
    throw error;
  }
}

/** From the command that makes a modem leave the bus until it does: the answer is out by then. */
const leaveBusMs = 100;
const noFaults: Faults = {
  silence: false,
  mute: false,
  delayMs: 0,
  lossPercent: 0,
  dhcp: "answers",
  ppp: {},
  ports: {},
};

class Assembled implements VirtualModem, Stage {
  readonly #scope = new Scope();
  readonly #log: Log;
  readonly #machine: ModemMachine;
  readonly #relay: Relay;
  #faults = noFaults;
  /** Of the host since the modem was plugged in, by interface. */
  readonly #requests = new Map<number, number>();
  readonly #plugging: Plugging;
  readonly #lineFaults = new Set<(fault: LineFault) => void>();
  #steps: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(
    private readonly profile: VirtualProfile,
    private readonly options: VirtualModemOptions,
  ) {
    this.#log = options.log ?? silentLog;
    this.#faults = { ...noFaults, ports: profile.portFaults ?? {} };
    this.#machine = this.#scope.own(new ModemMachine(profile, systemClock), (machine) => machine.close());
    const relay = new Relay({ clock: systemClock, pool: profile.pool, faults: () => this.#faults });
    this.#relay = this.#scope.own(relay, (it) => it.unplug());
    this.#plugging = new Plugging(options, this.#plugContext(), { switched: (to) => this.#enumerateLater(to) });
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
    await this.#plugging.plugIn();
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
    const { usb } = this.#plugging;
    return {
      model: shownModel(this.#machine.state),
      data: this.options.net === undefined && usb === undefined ? undefined : this.#relay.counters,
      faults: this.#faults,
      requests: Object.fromEntries(this.#requests),
      usb,
    };
  }

  close(): Promise<void> {
    // A step in the middle of its work, such as replug, would open what nobody closes.
    this.#closing ??= this.#steps.then(() => this.#closeAll());
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    await this.#plugging.unplug();
    await this.#scope.close();
  }

  send(event: ModemEvent) {
    return this.#machine.send(event);
  }

  setFaults(change: Partial<Faults>): void {
    this.#faults = { ...this.#faults, ...change };
  }

  lineFault(fault: LineFault): void {
    if (fault === "restart") for (const type of ["powerDown", "powerUp"] as const) this.#machine.send({ type });
    for (const happened of [...this.#lineFaults]) happened(fault);
  }

  sendGarbage(bytes: number): void {
    this.#plugging.send(randomBytes(bytes));
  }

  received(): Readonly<Record<number, Buffer>> {
    return this.#plugging.received();
  }

  async unplug(): Promise<void> {
    this.#mustBePluggedIn();
    await this.#plugging.unplug();
    this.#machine.send({ type: "powerDown" });
  }

  async replug(): Promise<void> {
    if (this.#plugging.isPluggedIn) throw new StepError("refused", "the modem is plugged in already");
    this.#machine.send({ type: "powerUp" });
    this.#requests.clear();
    await this.#plugging.plugIn();
  }

  async restart(): Promise<void> {
    this.#mustBePluggedIn();
    this.#machine.send({ type: "powerDown" });
    this.#machine.send({ type: "powerUp" });
    await this.#plugging.enumerateAs(this.#plugging.compositions.next ?? "");
  }

  async switchComposition(name: string): Promise<void> {
    this.#mustBePluggedIn();
    if (!this.#plugging.hasComposition(name)) {
      const known = this.#plugging.usb?.compositions.join(", ") ?? "none: it is not on a USB bus";
      throw new StepError("usage", `no composition "${name}"; there are: ${known}`);
    }
    await this.#plugging.enumerateAs(name);
  }

  #mustBePluggedIn(): void {
    if (!this.#plugging.isPluggedIn) throw new StepError("refused", "the modem is unplugged already");
  }

  #enumerateLater(composition: string): void {
    this.#later(() => this.#plugging.enumerateAs(composition));
  }

  /** Does what the host asked for when the answer is out, in turn with the steps; unless it was unplugged meanwhile. */
  #later(work: () => Promise<void>): void {
    const due = () => {
      const done = this.#steps.then(() => (this.#plugging.isPluggedIn ? work() : undefined));
      this.#steps = done.catch((error: unknown) =>
        this.#log.warning("did not come back", { reason: errorText(error) }),
      );
    };
    this.#scope.own(systemClock.after(leaveBusMs, due), (cancel) => cancel());
  }

  #plugContext(): PlugContext {
    return {
      profile: this.profile,
      machine: this.#machine,
      relay: this.#relay,
      log: this.#log,
      dhcp: () => this.#faults.dhcp,
      openFace: (name, line, dataLink, port) => this.#openFace(name, line, dataLink, port),
    };
  }

  #openFace(name: FaceName, line: HostLine, dataLink: DataLink, port: number | undefined): Face {
    const face = faulty((heard) => faces[name](heard, this.#faceContext(dataLink, port)), line, {
      clock: systemClock,
      fault: () => (this.#faults.mute ? "silent" : this.#faults.ports[port ?? 0]),
    });
    return counted(name, face, () => this.#requests.set(port ?? 0, (this.#requests.get(port ?? 0) ?? 0) + 1));
  }

  #faceContext(dataLink: DataLink, port: number | undefined): FaceContext {
    return {
      machine: this.#machine,
      log: this.#log,
      counts: (bearerId) => this.#counts(bearerId),
      dataLink,
      enterDataMode: (bearerId, toHost) => {
        const end = this.#relay.divert(bearerId, toHost);
        return { fromHost: (packet) => this.#relay.fromHost([packet], (id) => id === bearerId), end };
      },
      ppp: () => ({ ...plainPpp, ...this.profile.at?.ppp, ...this.#faults.ppp }),
      startPppd: pppdPlace(this.profile, this.options.carrierNetns, this.#log),
      port,
      compositions: this.#plugging.compositions,
      switchComposition: (name) => {
        const known = this.#plugging.hasComposition(name);
        if (known) this.#enumerateLater(name);
        return known;
      },
      restart: () => this.#later(() => this.restart()),
      watchLine: (happened) => {
        this.#lineFaults.add(happened);
        return () => {
          this.#lineFaults.delete(happened);
        };
      },
    };
  }

  #counts(bearerId: number | undefined): PacketCounts {
    const { upBytes, upPackets, downBytes, downPackets, overflow, foreignAddress, withoutSession } =
      bearerId === undefined ? this.#relay.counters : this.#relay.countersOf(bearerId);
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
