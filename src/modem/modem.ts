/**
 * A modem as one object over the replug of drivers and the coming and going of cards: the level machine's runner, and
 * what clients see of it (wishes.ts says what that is while a standing wish holds the modem on).
 */
import { isDeepStrictEqual } from "node:util";
import { EventEmitter } from "eventemitter3";
import type { ServingNetwork } from "../network/types.js";
import { errorText, ModemError } from "../runtime/error.js";
import { DomainRefusal, type Modem, type ModemLevel, type ModemState, type PartName, type Wisher } from "./api.js";
import type { BearerFact } from "./bearer.js";
import { ControlRunner } from "./control-runner.js";
import { isOnline } from "./level.js";
import { LevelRunner } from "./level-runner.js";
import type { Bearer, BearerEvents } from "./link-port.js";
import type { PacketDataPart } from "./packet-data.js";
import { packetFacts } from "./packet-facts.js";
import { StatePart } from "./part.js";
import { type ChangeOutcome, PendingChange } from "./pending-change.js";
import { PinMemory } from "./pin.js";
import type { RegistrationPart } from "./registration.js";
import { servingNetwork } from "./serving.js";
import type { CardIdentity, LiveModem, ModemSetup } from "./setup.js";
import type { SimPart } from "./sim.js";
import type { MessagesPart } from "./sms/part.js";
import { type Stage, stageOf } from "./stage.js";
import { atLeastDepth, deepest, isHeld, type Standing, type StandingDepth, withReason } from "./standing.js";
import type { Identity } from "./types.js";
import type { UssdPart } from "./ussd.js";
import { levelOfStep, steps, View, type ViewStep } from "./view.js";
import { noWishes, radioOffBecause, viewLimit, type Wishes, wanted } from "./wishes.js";

export function createModem(setup: ModemSetup): LiveModem {
  return new ModemRunner(setup);
}

/**
 * The parts that clients find from each step on, in the order of coming. The registration is the last of its step: where
 * its status is known at once, it is told after the one signal that names all interfaces of the step.
 */
const partsOf: Partial<Record<ViewStep, readonly PartName[]>> = {
  sim: ["sim"],
  offline: ["packetData", "messages"],
  online: ["ussd", "registration"],
};

const initialState: ModemState = {
  level: "off",
  powered: false,
  online: false,
  lockdown: false,
  emergency: false,
  identity: {},
  stage: "",
  hasFailed: false,
  cause: undefined,
  radioOffBecause: [],
};

class ModemRunner extends StatePart<ModemState> implements LiveModem {
  readonly parts: Modem["parts"] = new EventEmitter();
  readonly bearerEvents = new EventEmitter<BearerEvents>();
  readonly lifecycle: LiveModem["lifecycle"] = new EventEmitter();
  readonly servingEvents: LiveModem["servingEvents"] = new EventEmitter();
  serving: ServingNetwork | undefined;
  readonly control: ControlRunner;
  readonly #setup: ModemSetup;
  readonly #levels: LevelRunner;
  readonly #view: View;
  #wishes: Wishes = noWishes;
  readonly #change = new PendingChange(() => this.#withdraw());
  #lockdownShown = false;
  #cancelKeeping: () => void = () => undefined;
  readonly #shownParts = new Set<PartName>();
  #closing: Promise<void> | undefined;

  constructor(setup: ModemSetup) {
    super(initialState);
    this.#setup = setup;
    this.#levels = new LevelRunner({
      setup: this.#setup,
      pins: setup.pins ?? new PinMemory(),
      standing: () => this.#wishes.standing,
      fallen: () => this.#view.follow(),
      moved: () => this.#moved(),
      gone: (reason) => this.#gone(reason),
      tell: (fact) => this.#tellUplinks(fact),
    });
    this.#view = new View({
      clock: this.#levels.operations.clock,
      goal: () => this.#viewGoal(),
      risen: (step) => this.#risen(step),
      fallen: (to, from) => this.#fallen(to, from),
      settled: () => this.#levels.session?.firstSteps.shown(),
    });
    this.control = new ControlRunner(() => this.#levels.session);
    this.#refresh();
    this.#levels.want(wanted(this.#wishes));
  }

  get path(): string {
    return this.#setup.path;
  }

  get driverName(): string {
    return this.#setup.driverName;
  }

  get systemPath(): string | undefined {
    return this.#setup.systemPath;
  }

  get sim(): SimPart | undefined {
    return this.#shownParts.has("sim") ? this.#levels.session?.sim : undefined;
  }

  get registration(): RegistrationPart | undefined {
    return this.#shownParts.has("registration") ? this.#levels.session?.registration : undefined;
  }

  get packetData(): PacketDataPart | undefined {
    return this.#shownParts.has("packetData") ? this.#levels.session?.packetData : undefined;
  }

  get ussd(): UssdPart | undefined {
    return this.#shownParts.has("ussd") ? this.#levels.session?.ussd : undefined;
  }

  get messages(): MessagesPart | undefined {
    return this.#shownParts.has("messages") ? this.#levels.session?.messages : undefined;
  }

  get actualLevel(): ModemLevel {
    return this.#levels.level;
  }

  get identity(): Partial<Identity> {
    return this.#levels.session?.identity ?? {};
  }

  get card(): CardIdentity {
    const { iccid, imsi } = this.#levels.session?.sim?.facts ?? {};
    return { ...(iccid === undefined ? {} : { iccid }), ...(imsi === undefined ? {} : { imsi }) };
  }

  get isAttached(): boolean {
    return this.#levels.session?.packetData?.attached ?? false;
  }

  get bearers(): readonly Bearer[] {
    return (this.#levels.session?.packetData?.contexts ?? []).flatMap(({ bearer }) =>
      bearer.bearer ? [bearer.bearer] : [],
    );
  }

  /** Standing wishers are recorded at once; what becomes of it shows in the state. */
  async setPowered(on: boolean, wisher: Wisher): Promise<void> {
    this.#levels.operations.throwIfClosed();
    if (wisher.is === "standing") return this.setStanding(wisher.reason, on ? "connected" : undefined);
    if (this.#change.isRunning) throw new DomainRefusal("inProgress", "Powered or Online is changing");
    // Same value: answered, and kept as the client's own wish.
    if (on === this.state.powered) return this.#wish({ powered: on });
    if (this.#wishes.lockdown !== undefined) throw new DomainRefusal("accessDenied", "the modem is locked down");
    if (!on) this.#levels.session?.sim?.forgetPin();
    if (on) this.#wish({ powered: true });
    else this.#wish({ powered: false, online: undefined, kept: this.#keep() });
    if (on) this.#levels.pursue();
    await this.#change.run(() => (on ? this.#poweredOn() : this.#poweredOff()));
  }

  async setOnline(on: boolean, wisher: Wisher): Promise<void> {
    this.#levels.operations.throwIfClosed();
    if (wisher.is === "standing") return this.setStanding(wisher.reason, on ? "connected" : undefined);
    if (this.#change.isRunning) throw new DomainRefusal("inProgress", "Powered or Online is changing");
    if (!this.state.powered) throw new DomainRefusal("notAvailable", "the modem is not powered");
    if (on === this.state.online) return this.#wish({ powered: true, online: on, kept: undefined });
    if (this.#levels.state.radio === "fixed")
      throw new DomainRefusal("notImplemented", "the modem's radio cannot be switched");
    this.#levels.forgetRadioError();
    this.#wish({ powered: true, online: on, kept: undefined });
    if (on) this.#levels.pursue();
    await this.#change.run(() => (on ? this.#wentOnline() : this.#wentOffline()));
  }

  async setLockdown(on: boolean, wisher: Wisher): Promise<void> {
    this.#levels.operations.throwIfClosed();
    const name = wisher.is === "client" ? wisher.name : wisher.reason;
    const holder = this.#wishes.lockdown;
    if (holder !== undefined && holder !== name) throw new DomainRefusal("accessDenied", `locked down by ${holder}`);
    if (on === (holder !== undefined)) return;
    if (this.#change.isRunning) throw new DomainRefusal("inProgress", "Powered or Online is changing");
    if (!on) return this.#endLockdown();
    this.#wish({ lockdown: name, powered: undefined, online: undefined, kept: undefined });
    // Should the holder leave meanwhile, the driver may be opening again before anybody has seen it closed.
    const isOver = () => this.#wishes.lockdown !== name || this.#levels.state.driver === "closed";
    await this.#change.run(() => isOver() || undefined);
    if (this.#wishes.lockdown !== name) return;
    this.#lockdownShown = true;
    this.#refresh();
  }

  clientGone(name: string): void {
    if (this.#wishes.lockdown === name) this.#endLockdown();
  }

  setStanding(reason: string, depth: StandingDepth | undefined): void {
    const before = this.#wishes.standing;
    if (this.#levels.operations.isClosed || depth === before.get(reason)) return;
    const standing = withReason(before, reason, depth);
    this.#wish({ standing, ...(this.#isLeftToClients(before, standing) ? this.#shownWish() : {}) });
    this.#levels.session?.packetData?.setStanding(standing);
    this.#view.follow();
  }

  /** Without any reason left what clients see stays true; while there is one, only what a client has asked for does. */
  #isLeftToClients(before: Standing, now: Standing): boolean {
    if (now.size === 0) return true;
    const isLess = !atLeastDepth(deepest(now), deepest(before));
    return isLess && (this.#levels.session?.packetData?.isClients ?? false);
  }

  #shownWish(): Pick<Wishes, "powered" | "online"> {
    const { powered = this.state.powered || undefined, online = this.state.online || undefined } = this.#wishes;
    return { powered, online };
  }

  reviewConfiguration(): void {
    this.#levels.session?.packetData?.reviewConfiguration().catch((error: unknown) => {
      this.#setup.log.warning("the configuration is not taken over", { cause: errorText(error) });
    });
  }

  reviewOwners(): void {
    this.#levels.session?.packetData?.reviewOwners();
  }

  close(reason: ModemError): Promise<void> {
    this.#closing ??= this.#close(reason);
    return this.#closing;
  }

  pending(): readonly string[] {
    return [
      ...this.#levels.operations.open,
      ...(this.#levels.session?.operations.open ?? []),
      ...(this.#change.isWaiting ? ["command"] : []),
    ];
  }

  #close(reason: ModemError): Promise<void> {
    this.#change.reject(reason);
    const closed = this.#levels.close(reason);
    // Not before: what clients could not see shall not appear while it goes.
    this.#wishes = noWishes;
    this.#moved();
    return closed;
  }

  #wish(change: Partial<Wishes>): void {
    this.#wishes = { ...this.#wishes, ...change };
    if (this.#wishes.kept === undefined) this.#cancelKeeping();
    this.#levels.want(wanted(this.#wishes));
  }

  /** Keeps a modem that works for a moment: the radio and the card for a client that comes back. */
  #keep(): Wishes["kept"] {
    const { keepMs = 0 } = this.#setup.options;
    const { want, driver } = this.#levels.state;
    if (keepMs === 0 || isHeld(this.#wishes.standing) || driver !== "open" || want === "off") return undefined;
    this.#cancelKeeping();
    this.#cancelKeeping = this.#levels.operations.clock.after(keepMs, () => this.#wish({ kept: undefined }));
    return want;
  }

  #endLockdown(): void {
    this.#lockdownShown = false;
    this.#wish({ lockdown: undefined });
  }

  #poweredOn(): ChangeOutcome {
    if (this.state.powered) return true;
    if (this.#levels.state.driver !== "closed" || this.#levels.openError === undefined) return undefined;
    const error = this.#levels.openError;
    return error.code === "timeout" ? new DomainRefusal("timedOut", error.message, { cause: error }) : error;
  }

  #poweredOff(): ChangeOutcome {
    const staysOn = isHeld(this.#wishes.standing) || this.#wishes.kept !== undefined;
    return this.state.powered || (!staysOn && this.#levels.state.driver !== "closed") ? undefined : true;
  }

  #wentOnline(): ChangeOutcome {
    if (this.state.online) return true;
    if (!this.state.powered) return new ModemError("notReady", "the modem is not powered any more");
    return this.#levels.state.radio === "off" ? (this.#levels.radioError ?? undefined) : undefined;
  }

  #wentOffline(): ChangeOutcome {
    if (!this.state.online) return true;
    return this.#levels.state.radio === "stuck" && this.#levels.radioError ? this.#levels.radioError : undefined;
  }

  /** A client's change has failed: it is told so, and its wish is not kept to surprise it later. */
  #withdraw(): void {
    const { powered, online } = this.state;
    this.#wishes = { ...this.#wishes, powered: powered || undefined, online: online || undefined };
    queueMicrotask(() => this.#levels.want(wanted(this.#wishes)));
  }

  #tellUplinks(fact: BearerFact): void {
    if (fact.what === "lost") this.bearerEvents.emit("lost", fact.bearer, fact.error);
    else this.bearerEvents.emit(fact.what, fact.bearer);
  }

  /** From the session that is open or is being opened; one that has ended does not listen any more. */
  #gone(reason: ModemError): void {
    this.#setup.log.notice("the modem is gone", { cause: errorText(reason) });
    this.close(reason).catch((error) => this.#setup.log.error("close", { cause: errorText(error) }));
    this.lifecycle.emit("gone", reason);
  }

  #moved(): void {
    this.#noteServing();
    this.#view.follow();
    this.#refresh();
    this.#change.settle();
  }

  /** A modem that searches has not come home yet. */
  #noteServing(): void {
    const registration = this.#levels.session?.registration?.registration;
    const serving = registration && servingNetwork(registration);
    if (serving === undefined || isDeepStrictEqual(serving, this.serving)) return;
    this.serving = serving;
    this.servingEvents.emit("changed");
  }

  #viewGoal(): ViewStep {
    const level = this.actualLevel;
    const subscriber = level === "sim" && this.#levels.session?.sim?.facts.imsi !== undefined;
    const goal = subscriber ? "subscriber" : level;
    return steps[Math.min(steps.indexOf(goal), steps.indexOf(viewLimit(this.#wishes)))] ?? "off";
  }

  #risen(step: ViewStep): void {
    if (step === "sim") this.#levels.session?.sim?.showIdentity(false);
    this.#refresh();
    for (const part of partsOf[step] ?? []) {
      if (this.#levels.session?.[part] === undefined) continue;
      this.#shownParts.add(part);
      this.parts.emit("added", part);
    }
    if (step === "offline") this.#levels.session?.messages?.show(true);
    if (step === "subscriber") this.#levels.session?.sim?.showIdentity(true);
    if (step === "online") this.#levels.session?.packetData?.showOnline(true);
  }

  #fallen(to: ViewStep, from: ViewStep): void {
    if (steps.indexOf(to) < steps.indexOf("online")) this.#levels.session?.packetData?.showOnline(false);
    if (steps.indexOf(to) < steps.indexOf("offline")) this.#levels.session?.messages?.show(false);
    this.#refresh();
    for (let at = steps.indexOf(from); at > steps.indexOf(to); at--) {
      for (const part of [...(partsOf[steps[at] ?? "off"] ?? [])].reverse())
        if (this.#shownParts.delete(part)) this.parts.emit("removed", part);
    }
    if (steps.indexOf(to) < steps.indexOf("subscriber")) this.#levels.session?.sim?.showIdentity(false);
  }

  /** What clients see of the modem itself follows from level, wishes and view. */
  #refresh(): void {
    const limit = viewLimit(this.#wishes);
    const powered = this.actualLevel !== "off" && limit !== "off";
    const isUp = this.#levels.state.radio === "fixed" ? this.actualLevel === "online" : isOnline(this.#levels.state);
    this.become({
      level: powered ? levelOfStep(this.#view.step) : "off",
      powered,
      online: powered && isUp && limit === "online",
      lockdown: this.#lockdownShown,
      emergency: false,
      identity: powered ? this.identity : {},
      ...this.#stage(),
      radioOffBecause: radioOffBecause(this.#wishes, this.#levels.session?.radioHeldBy ?? []),
    });
  }

  #stage(): Stage {
    const { kept, powered } = this.#wishes;
    return stageOf({
      level: this.#levels.state,
      isKept: kept !== undefined && powered === false,
      openError: this.#levels.openError,
      radioError: this.#levels.radioError,
      radioOffBecause: radioOffBecause(this.#wishes, this.#levels.session?.radioHeldBy ?? []),
      simProblem: this.#levels.session?.sim?.problem,
      registration: this.#levels.session?.registration?.state,
      packet: packetFacts(this.#levels.session?.packetData),
    });
  }
}
