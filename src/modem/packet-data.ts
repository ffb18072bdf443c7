/**
 * Packet data of one card: attach, roaming, contexts. Lives while the SIM is ready, whatever clients see.
 *
 * Clients see Attached only while they have ConnectionManager.Powered and the modem online in their view; a standing wish
 * keeps the packet service and its bearer beyond that. Whenever Attached falls, every context has become inactive before.
 * While clients do not see the modem registered but the packet service goes on (a short gap in coverage), a standing
 * bearer is left alone.
 */
import { EventEmitter } from "eventemitter3";
import type { IpSettings } from "../network/types.js";
import type { ModemError } from "../runtime/error.js";
import { errorText } from "../runtime/error.js";
import { type Context, type ContextType, DomainRefusal, type PacketData, type PacketDataState } from "./api.js";
import { isAttached } from "./attach.js";
import { AttachKeeper } from "./attach-keeper.js";
import type { BearerRoom } from "./bearer.js";
import { bearerTechnology } from "./bearer-technology.js";
import type { CardState } from "./card-state.js";
import { ContextPart, type ContextRoom } from "./context.js";
import { newContext } from "./context-settings.js";
import { StatePart } from "./part.js";
import type { PacketServicePort } from "./ports.js";
import { isGuess } from "./provisioned.js";
import type { Provisioning } from "./provisioning.js";
import type { CardIdentity, ModemOptions } from "./setup.js";
import { atLeastDepth, connecting, deepest, type Standing } from "./standing.js";
import type { StoredContext } from "./store.js";
import type { ProtocolOption, RegistrationStatus } from "./types.js";

export interface PacketDataRoom extends BearerRoom {
  readonly packetService: PacketServicePort | undefined;
  readonly options: ModemOptions;
  readonly card: CardIdentity;
  readonly cardState: CardState;
  readonly provisioning: Provisioning;
  /** Something that the modem's stage or its bearers show has changed. */
  moved(): void;
}

/** As many as oFono stores; also a bound for whoever calls AddContext in a loop. */
const mostContexts = 256;

export class PacketDataPart extends StatePart<PacketDataState> implements PacketData {
  readonly contextEvents = new EventEmitter<{ added: [context: Context]; removed: [context: Context] }>();
  readonly keeper: AttachKeeper;
  #contexts: readonly ContextPart[] = [];
  #powered: boolean;
  /** wwand's own reasons for a connection. */
  #standing: ReadonlySet<string> = new Set();
  /** wwand itself wants the packet service, with a connection or without. */
  #isAttachWanted = false;
  /** Clients see the modem online. */
  #shownOnline = false;
  #busy = false;
  readonly #leaving = new Set<ContextPart>();
  #wasAttached = false;
  /** Somebody has been told that the modem carries too few connections. */
  #leftOutTold = false;
  /** The network that served last, MCC and MNC in one. */
  #plmn: string | undefined;

  constructor(private readonly room: PacketDataRoom) {
    const { cardState, options, card, operations, packetService, log } = room;
    const { powered = true, roamingAllowed = options.roamingAllowed?.(card) ?? false } = cardState.record;
    super({ attached: false, bearer: "none", suspended: false, roamingAllowed, powered });
    this.#powered = powered;
    this.keeper = new AttachKeeper(
      {
        operations,
        port: packetService,
        log,
        random: () => room.random(),
        changed: () => this.#refresh(),
        leave: () => this.leaveAll(),
      },
      { roamingAllowed, wanted: powered },
    );
    this.#contexts = cardState.record.contexts.map((stored) => this.#context(stored));
  }

  /** Internet first: ConnMan stops reading at the first context of another type. */
  get contexts(): readonly ContextPart[] {
    const rank = ({ state }: ContextPart) => (state.type === "internet" ? 0 : 1);
    return [...this.#contexts].sort((a, b) => rank(a) - rank(b) || a.number - b.number);
  }

  /** Packets may flow, whoever knows. */
  get attached(): boolean {
    return isAttached(this.keeper.facts);
  }

  async setPowered(on: boolean): Promise<void> {
    if (on === this.state.powered) return;
    if (this.room.packetService === undefined)
      throw new DomainRefusal("notImplemented", "the modem cannot attach or detach by command");
    await this.#alone(async () => {
      await this.room.cardState.update((record) => ({ ...record, powered: on }));
      this.#powered = on;
      if (!on) for (const context of this.contexts) context.leaveClients();
      this.keeper.update({ wanted: this.#wanted() });
      this.#refresh();
    });
  }

  async setRoamingAllowed(on: boolean): Promise<void> {
    if (on === this.state.roamingAllowed) return;
    await this.#alone(async () => {
      await this.room.cardState.update((record) => ({ ...record, roamingAllowed: on }));
      this.keeper.update({ roamingAllowed: on });
      this.#refresh();
    });
  }

  addContext(type: ContextType): Promise<Context> {
    return this.#alone(async () => {
      if (this.#contexts.length >= mostContexts)
        throw new DomainRefusal("notAllowed", "no further context can be kept");
      let stored: StoredContext | undefined;
      await this.room.cardState.update((record) => {
        stored = { ...newContext(type), number: record.lastContextNumber + 1 };
        return { ...record, contexts: [...record.contexts, stored], lastContextNumber: stored.number };
      });
      if (stored === undefined) throw new DomainRefusal("notAvailable", "the context was not stored");
      const context = this.#context(stored);
      this.#contexts = [...this.#contexts, context];
      this.contextEvents.emit("added", context);
      this.#chooseStanding();
      return context;
    });
  }

  removeContext(context: Context): Promise<void> {
    return this.#alone(async () => {
      const part = this.#contexts.find((known) => known === context);
      if (part === undefined) throw new DomainRefusal("notFound", "there is no such context");
      await this.#withdrawn([part], async () => {
        await part.leave();
        await this.#forget([part]);
      });
    });
  }

  deactivateAll(): Promise<void> {
    return this.#alone(async () => {
      for (const context of this.contexts) await context.clientLeaves();
    });
  }

  resetContexts(): Promise<void> {
    return this.#alone(async () => {
      if (this.#powered) throw new DomainRefusal("notAllowed", "packet data is powered");
      // A standing bearer that clients do not see counts too: its context would vanish under it.
      if (this.#contexts.some(({ bearer }) => bearer.occupiesCall))
        throw new DomainRefusal("notAllowed", "a context is active");
      const { cardState, provisioning } = this.room;
      await this.#withdrawn(this.#contexts, () => this.#forget(this.#contexts));
      await cardState.update(await provisioning.anew());
      this.#contexts = cardState.record.contexts.map((stored) => this.#context(stored));
      await this.modemNamesApns();
      for (const context of this.contexts) this.contextEvents.emit("added", context);
      this.#chooseStanding();
    });
  }

  /** What the network says about us; undefined below online. */
  registered(status: RegistrationStatus | undefined, plmn?: string): void {
    if (plmn !== undefined && (status === "registered" || status === "roaming")) this.#serve(plmn);
    this.keeper.update({ status: status ?? "unknown" });
  }

  #serve(plmn: string): void {
    this.#plmn = plmn;
    for (const context of this.#contexts) context.served(plmn);
  }

  /** Whether clients see the modem online. Hiding makes their contexts inactive, then Attached false. */
  showOnline(shown: boolean): void {
    if (shown === this.#shownOnline) return;
    this.#shownOnline = shown;
    if (shown) for (const context of this.#contexts) context.unhide();
    this.#refresh();
  }

  /** A client has asked for one of the contexts. */
  get isClients(): boolean {
    return this.#contexts.some(({ isClients }) => isClients);
  }

  /** How far wwand itself keeps packet data up; for a connection it is the first internet context. */
  setStanding(standing: Standing): void {
    const ended = [...this.#standing].filter((reason) => standing.get(reason) !== "connected");
    this.#standing = connecting(standing);
    this.#isAttachWanted = atLeastDepth(deepest(standing), "attached");
    for (const context of this.#contexts)
      for (const reason of ended)
        if (standing.size > 0) context.giveBack(reason);
        else context.setStanding(reason, false);
    this.keeper.update({ wanted: this.#wanted() });
    this.#chooseStanding();
    this.#refresh();
  }

  /** Contexts that are down follow the configuration; which there are is settled when the card is read. */
  async reviewConfiguration(): Promise<void> {
    const { cardState, provisioning } = this.room;
    const { contexts } = provisioning.configured(cardState.record);
    for (const context of this.#contexts) {
      const now = contexts.find(({ number, source }) => number === context.number && source === "config");
      if (now !== undefined) await context.follow(now);
    }
  }

  reviewOwners(): void {
    for (const context of this.#contexts) context.reviewOwner();
  }

  /** Everything down, told at once: the modem goes off. */
  async leaveAll(): Promise<void> {
    await Promise.all(this.#contexts.map((context) => context.leave()));
  }

  /** Orderly end before power-off. */
  async shutDown(): Promise<void> {
    this.#standing = new Set();
    this.#isAttachWanted = false;
    for (const context of this.#contexts) context.dropStanding();
    await this.leaveAll();
    this.keeper.update({ wanted: false, status: "unknown" });
    this.#refresh();
  }

  gone(error: ModemError): void {
    for (const context of this.#contexts) context.dropStanding();
    for (const context of this.#contexts) context.gone(error);
    this.keeper.update({ status: "unknown" });
    this.#refresh();
  }

  /** Resolves when no link of ours is configured any more. */
  async released(): Promise<void> {
    await Promise.all(this.#contexts.map(({ bearer }) => bearer.released()));
  }

  /** Contexts that have no APN take one that the modem knows. */
  async modemNamesApns(): Promise<void> {
    for (const context of this.#contexts) await context.takeOffer();
  }

  callEnded(handle: number, error: ModemError): void {
    for (const { bearer } of this.#contexts) bearer.callEnded(handle, error);
  }

  callSettingsChanged(handle: number, settings: IpSettings): void {
    for (const { bearer } of this.#contexts) bearer.settingsChanged(handle, settings);
  }

  callOptionsTold(handle: number, options: readonly ProtocolOption[]): void {
    for (const { bearer } of this.#contexts) bearer.optionsTold(handle, options);
  }

  #wanted(): boolean {
    return this.#powered || this.#isAttachWanted;
  }

  #attachedShown(): boolean {
    return this.#shownOnline && this.#powered && this.attached;
  }

  /** The first internet context carries the standing wish, another one when that is gone; with it what is kept up beside. */
  #chooseStanding(): void {
    const staying = this.contexts.filter((context) => !this.#leaving.has(context));
    const first = staying.find(({ state, beside }) => state.type === "internet" && beside === undefined);
    const kept = staying.filter(({ beside }) => beside?.isKeptUp);
    const chosen = [...(first ? [first] : []), ...kept].slice(0, this.room.calls.maxCalls);
    for (const context of staying)
      for (const reason of this.#standing) context.setStanding(reason, chosen.includes(context));
    this.#tellLeftOut(kept.filter((context) => !chosen.includes(context)));
  }

  #tellLeftOut(contexts: readonly ContextPart[]): void {
    if (contexts.length === 0 || this.#standing.size === 0 || this.#leftOutTold) return;
    this.#leftOutTold = true;
    const { log, calls } = this.room;
    const names = contexts.map(({ state }) => state.name).join(", ");
    log.warning("the modem carries no further connection", { "not kept up": names, most: calls.maxCalls });
  }

  /** Contexts become inactive before Attached falls, and active after it has risen. */
  #refresh(): void {
    const attached = this.#attachedShown();
    if (this.keeper.service.state !== "attached") this.#dropAll();
    else if (!attached && this.state.attached) for (const context of this.contexts) context.leaveClients();
    const { roamingAllowed } = this.keeper.facts;
    const bearer = attached ? bearerTechnology(this.keeper.service.technology) : "none";
    this.become({ attached, bearer, suspended: false, roamingAllowed, powered: this.#powered });
    const again = this.attached && !this.#wasAttached;
    this.#wasAttached = this.attached;
    for (const context of this.contexts) {
      context.refresh();
      context.offer();
      if (again) context.attachedAgain();
      // The modem may have been told an APN.
      if (again) context.takeOffer().catch((error) => this.room.log.warning("APN", { cause: errorText(error) }));
    }
    this.room.moved();
  }

  #dropAll(): void {
    for (const context of this.#contexts)
      if (context.bearer.occupiesCall)
        context.leave().catch((error) => this.room.log.warning("context", { cause: errorText(error) }));
  }

  /** While contexts are on their way out no standing wish comes back to them; should they stay, it does. */
  async #withdrawn(contexts: readonly ContextPart[], act: () => Promise<void>): Promise<void> {
    for (const context of contexts) {
      this.#leaving.add(context);
      context.dropStanding();
    }
    try {
      await act();
    } finally {
      for (const context of contexts) this.#leaving.delete(context);
      this.#chooseStanding();
    }
  }

  async #forget(contexts: readonly ContextPart[]): Promise<void> {
    const numbers = contexts.map(({ number }) => number);
    await this.room.cardState.update((record) => ({
      ...record,
      contexts: record.contexts.filter(({ number }) => !numbers.includes(number)),
    }));
    this.#contexts = this.#contexts.filter(({ number }) => !numbers.includes(number));
    for (const context of contexts) this.contextEvents.emit("removed", context);
  }

  #context(stored: StoredContext): ContextPart {
    const { room } = this;
    const contextRoom: ContextRoom = {
      ...room,
      random: () => room.random(),
      ipOwner: (wisher) => room.ipOwner(wisher),
      tell: (fact) => room.tell(fact),
      attachedShown: () => this.#attachedShown(),
      attached: () => this.attached,
      attaching: () => this.keeper.moving,
      busy: () => this.#busy,
      beside: () => room.options.beside?.(room.card) ?? [],
      hasFreeCall: () => this.#contexts.filter(({ bearer }) => bearer.occupiesCall).length < room.calls.maxCalls,
      plmn: () => this.#plmn,
      store: (context) => this.#storeContext(context),
      moved: () => room.moved(),
    };
    const part = new ContextPart(contextRoom, stored, isGuess(stored) ? room.provisioning.chooser : undefined);
    if (this.#plmn !== undefined) part.served(this.#plmn);
    return part;
  }

  #storeContext(context: StoredContext): Promise<void> {
    return this.room.cardState.update((record) => ({
      ...record,
      contexts: record.contexts.map((other) => (other.number === context.number ? context : other)),
    }));
  }

  /** One command for all contexts at a time, as oFono's one pending slot. */
  async #alone<T>(act: () => Promise<T>): Promise<T> {
    if (this.#busy) throw new DomainRefusal("inProgress", "another command runs");
    this.#busy = true;
    try {
      return await act();
    } finally {
      this.#busy = false;
    }
  }
}
