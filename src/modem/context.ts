/**
 * One packet data context as clients see it, over the bearer that it holds.
 *
 * Two parties may wish it up: clients of the bus and wwand itself (a standing wish). What a client sees follows the
 * client's own commands: after its Active=false it sees Settings {} and Active=false even while a standing wish keeps the
 * bearer. The bearer then goes on for wwand alone; had the client owned its addresses, it is started afresh with owner
 * `self`, for the owner is never flipped under a living bearer. A later Active=true shows the living bearer at once, with
 * its settings signalled again, as every activation does.
 */
import { errorText, ModemError } from "../runtime/error.js";
import { sameData } from "../runtime/same-data.js";
import { type Context, type ContextSettings, type ContextState, DomainRefusal, type Wisher } from "./api.js";
import type { ApnChooser } from "./apn-chooser.js";
import { type BearerRoom, ContextBearer } from "./bearer.js";
import { CallRequests, type CallRequestsRoom } from "./call-requests.js";
import { opened, originOf, type Written } from "./context-origin.js";
import { contextProblem } from "./context-settings.js";
import { deadlinesMs } from "./deadlines.js";
import { StatePart } from "./part.js";
import { RefusalPacer } from "./refusal-pacer.js";
import { causeClass, replyDelayMs } from "./retry.js";
import type { ContextBeside } from "./setup.js";
import type { StoredContext } from "./store.js";
import type { PacketStatistics } from "./types.js";

/** What a context asks of the packet data part that it belongs to. */
export interface ContextRoom extends BearerRoom, CallRequestsRoom {
  /** What clients see as Attached. */
  attachedShown(): boolean;
  /** Packets may flow, whoever knows. */
  attached(): boolean;
  attaching(): boolean;
  /** A command for all contexts runs. */
  busy(): boolean;
  /** What the configuration has beside the context for the internet. */
  beside(): readonly ContextBeside[];
  /** The modem can carry one call more. */
  hasFreeCall(): boolean;
  /** Puts the context on the disk. */
  store(context: StoredContext): Promise<void>;
  /** The bearer moved: the modem's stage may read differently. */
  moved(): void;
}

/**
 * What is under way by a client's command. `activating` has the end that Active=false brings it; `delaying`: it has failed,
 * the reply is held back.
 */
type Work =
  | { readonly is: "activating"; readonly end: AbortController }
  | { readonly is: "delaying" | "deactivating" | "storing" };

const dialled: readonly (keyof ContextSettings)[] = ["apn", "username", "password", "auth", "protocol"];

export class ContextPart extends StatePart<ContextState> implements Context {
  readonly bearer: ContextBearer;
  #settings: ContextSettings;
  /** Undefined: a client has set the context. */
  #written: Written | undefined;
  /** Where the APN is a guess. */
  #chooser: ApnChooser | undefined;
  #client: string | undefined;
  /** Reasons of wwand's own. */
  readonly #standing = new Set<string>();
  /** A client has said Active=false while a standing wish held the bearer. */
  #hidden = false;
  #work: Work | undefined;
  /** The last command; settles as it is answered. */
  #running: Promise<void> = Promise.resolve();
  readonly #refusals: RefusalPacer;

  constructor(
    private readonly room: ContextRoom,
    stored: StoredContext,
    chooser?: ApnChooser,
  ) {
    const { number } = stored;
    const { settings, written } = opened(stored);
    const origin = originOf(written, chooser);
    super({ ...settings, active: false, bearer: undefined, options: [], cause: undefined, origin });
    this.number = number;
    this.#refusals = new RefusalPacer(room.operations.clock);
    this.#settings = settings;
    this.#written = written;
    this.#chooser = chooser;
    this.bearer = new ContextBearer(room, {
      number,
      type: () => this.#settings.type,
      isBeside: () => this.beside !== undefined,
      requests: new CallRequests(room, {
        number,
        settings: () => this.#settings,
        chooser: () => this.#chooser,
        chosen: () => this.refresh(),
      }),
      wisher: () => this.#wisher(),
      isStanding: () => this.#standing.size > 0,
      shown: () => this.#bearerMoved(),
    });
  }

  readonly number: number;

  get stored(): StoredContext {
    return { ...this.#settings, number: this.number, ...this.#written };
  }

  /** As the configuration has it, while no client has changed it. */
  get beside(): ContextBeside | undefined {
    if (this.#written?.source !== "config") return undefined;
    return this.room.beside().find(({ name }) => name === this.#settings.name);
  }

  get isStanding(): boolean {
    return this.#standing.size > 0;
  }

  /** A client has asked for it to be active. */
  get isClients(): boolean {
    return this.#client !== undefined;
  }

  async setActive(active: boolean, wisher: Wisher): Promise<void> {
    if (wisher.is === "standing") return this.setStanding(wisher.reason, active);
    // Whoever asks for what another one waits for is told its outcome: refused, ConnMan would say Active=false.
    if (this.#work?.is === "activating" || this.#work?.is === "delaying")
      return active ? this.#running : this.#callOff(this.#work);
    const refusal = this.#refusal(active);
    if (refusal !== undefined) {
      if (active) await this.#refusals.pace();
      throw refusal;
    }
    if (this.#isSo(active)) {
      // It is up for wwand's sake; from now on it is for the client's, too.
      if (active) this.#client = wisher.name;
      return;
    }
    const end = new AbortController();
    if (active) await this.#command({ is: "activating", end }, () => this.#activate(wisher.name, end.signal));
    else await this.#command({ is: "deactivating" }, () => this.#deactivate());
  }

  #isSo(active: boolean): boolean {
    return active === this.state.active && (active || !this.#isChanging);
  }

  #refusal(active: boolean): DomainRefusal | undefined {
    if (this.room.busy() || this.#work !== undefined) return new DomainRefusal("inProgress", "the context is changing");
    if (this.#isSo(active)) return undefined;
    if (active && !this.room.attachedShown()) return new DomainRefusal("notAttached", "packet data is not attached");
    if (this.room.attaching()) return new DomainRefusal("attachInProgress", "attach or detach is running");
    if (active && !this.bearer.occupiesCall && !this.room.hasFreeCall())
      return new DomainRefusal("notImplemented", "the modem carries no further connection");
    return undefined;
  }

  async #command(work: Work, act: () => Promise<void>): Promise<void> {
    this.#work = work;
    this.#running = act().finally(() => {
      this.#work = undefined;
    });
    await this.#running;
  }

  /** Resolves when the last command has been answered, however. */
  #over(): Promise<void> {
    return this.#running.catch(() => undefined);
  }

  /** A client's last word counts: what it, or another one, still waits for is not to be. */
  async #callOff(work: Work): Promise<void> {
    if (work.is === "activating") work.end.abort(new ModemError("aborted", "a client has said Active=false"));
    this.#refusals.end();
    await this.#over();
    if (this.#work === undefined) await this.#command({ is: "deactivating" }, () => this.#deactivate());
  }

  async set<Key extends keyof ContextSettings>(key: Key, value: ContextSettings[Key]): Promise<void> {
    if (this.state.active) throw new DomainRefusal("inUse", "the context is active");
    // A failed activation waits for nothing but time; other settings may well be what it lacked.
    if (this.#work?.is === "delaying") {
      this.#refusals.end();
      await this.#over();
    }
    if (this.#work !== undefined || this.#isChanging) throw new DomainRefusal("inProgress", "the context is changing");
    const emptyApn = this.#settings.apn === "";
    const problem = contextProblem(this.#settings.type, key, value, { emptyApn });
    if (problem) throw new DomainRefusal(problem.kind, problem.message);
    if (value === this.#settings[key]) return;
    await this.#command({ is: "storing" }, async () => {
      await this.#become({ ...this.#settings, [key]: value, number: this.number });
    });
    this.refresh();
    if (dialled.includes(key)) this.#dialAnew();
  }

  /** The configuration has it so now. What is up, and what a client works on, stays as it is. */
  async follow(stored: StoredContext): Promise<void> {
    const isFree = this.bearer.bearer === undefined && !this.state.active && this.#work === undefined;
    if (!isFree || sameData(stored, this.stored)) return;
    await this.#command({ is: "storing" }, () => this.#become(stored));
    this.refresh();
    this.#dialAnew();
  }

  async #become(stored: StoredContext): Promise<void> {
    await this.room.store(stored);
    const { settings, written } = opened(stored);
    this.#settings = settings;
    this.#written = written;
    this.#chooser = undefined;
  }

  #dialAnew(): void {
    this.bearer.forgetFailures();
    // Only a bearer that no client sees can be up here: it is dialled again with what the user wants now.
    if (this.isStanding) this.bearer.restart();
  }

  async statistics(): Promise<PacketStatistics> {
    const call = this.bearer.published;
    if (call === undefined) throw new DomainRefusal("notActive", "the context is not active");
    const { operations, calls } = this.room;
    return operations.run("dataCalls.statistics", { timeoutMs: deadlinesMs.read }, (s) =>
      calls.statistics(call.handle, s),
    );
  }

  /** Adds or withdraws a reason of wwand's own; the bearer follows. */
  setStanding(reason: string, on: boolean): void {
    if (on === this.#standing.has(reason)) return;
    if (on) this.#standing.add(reason);
    else this.#standing.delete(reason);
    if (this.#standing.size > 0) this.offer();
    // What a client sees as active has become the client's.
    else if (!this.state.active && this.#work === undefined) this.#drop(false);
  }

  /** wwand does not need it any more: it ends, though clients see it, unless one has asked for it. */
  giveBack(reason: string): void {
    if (!this.#standing.delete(reason) || this.isStanding || this.isClients) return;
    this.#drop(false);
  }

  /** Activates for the standing wish whenever nothing is at work for it. */
  offer(): void {
    if (this.isStanding && this.bearer.state.is === "idle" && this.room.attached()) this.bearer.activate();
  }

  /** Packet data is to be had again: what failed for want of it need not wait any longer. */
  attachedAgain(): void {
    if (this.bearer.state.is === "backoff" && causeClass(this.bearer.lastError?.failure) === "temporary")
      this.bearer.restart();
  }

  /** Packet data is not to be had for clients any more: their wish ends, a standing one keeps what still lives. */
  leaveClients(): void {
    this.#client = undefined;
    this.#refusals.end();
    if (!this.isStanding) this.#drop(true);
    else this.#takeOver();
    this.refresh();
  }

  /** The network managers of this machine have changed: what none of them looks after any more is wwand's to do. */
  reviewOwner(): void {
    if (this.isStanding && this.room.ipOwner({ is: "client", name: "" }) === "self") this.#takeOver();
  }

  /** Nothing can be up any more; resolves when nothing is. The bus hears it at once. */
  async leave(): Promise<void> {
    this.#client = undefined;
    this.#refusals.end();
    await this.bearer.down(true);
  }

  /** The next time that clients see packet data at all, they see this context as it is. */
  unhide(): void {
    this.#hidden = false;
  }

  gone(error: ModemError): void {
    this.#refusals.end();
    this.bearer.gone(error);
    this.refresh();
  }

  /** Shows the state that follows from settings, bearer and who may see it. */
  refresh(): void {
    this.#followChoice();
    const call = this.#hidden || !this.room.attachedShown() ? undefined : this.bearer.published;
    this.become({
      ...this.#settings,
      active: call !== undefined,
      bearer: call && { interfaceName: call.interfaceName, settings: call.settings },
      options: call === undefined ? [] : this.bearer.options,
      cause: this.bearer.lastError?.failure,
      origin: originOf(this.#written, this.#chooser),
    });
  }

  /** The network that serves now may take another APN than the last one did. */
  served(plmn: string): void {
    if (!this.#chooser?.served(plmn, this.bearer.occupiesCall)) return;
    this.bearer.forgetFailures();
    this.refresh();
  }

  /** The modem may know an APN now where nobody else does. */
  async takeOffer(): Promise<void> {
    if (await this.#chooser?.takeOffer()) this.refresh();
  }

  /** What works, or is to be tried, becomes the context's; a bearer that clients see keeps the name that they saw. */
  #followChoice(): void {
    const shown = this.#chooser?.shown;
    if (shown === undefined || (this.state.active && this.#settings.apn !== "")) return;
    const { apn, username, password, auth } = shown;
    const settings = { ...this.#settings, apn, username, password, auth };
    if (sameData(settings, this.#settings)) return;
    this.#settings = settings;
    this.room
      .store(this.stored)
      .catch((error) => this.room.log.warning("the APN is not stored", { cause: errorText(error) }));
  }

  async #activate(client: string, signal: AbortSignal): Promise<void> {
    this.#client = client;
    this.#hidden = false;
    const startedMs = this.room.operations.clock.nowMs();
    try {
      // A standing start may take longer than a client waits; it then goes on without the client.
      const { operations } = this.room;
      if (this.bearer.state.is !== "active" || this.bearer.published === undefined)
        await operations.run("activate", { timeoutMs: deadlinesMs.clientReply, signal }, () => this.bearer.up());
      this.refresh();
    } catch (error) {
      this.#client = undefined;
      const final = error instanceof ModemError && (error.code === "aborted" || error.code === "unplugged");
      if (!final) await this.#delayReply(this.room.operations.clock.nowMs() - startedMs);
      throw error;
    }
  }

  /** ConnMan asks again the moment it is refused; it does not ask while it waits. Active=false ends the wait. */
  async #delayReply(elapsedMs: number): Promise<void> {
    this.#work = { is: "delaying" };
    await this.#refusals.hold(replyDelayMs(this.bearer.state.failures, elapsedMs));
  }

  /** DeactivateAll: as if a client had said Active=false here. */
  async clientLeaves(): Promise<void> {
    this.#refusals.end();
    if (this.isStanding ? this.state.active : this.bearer.state.is !== "idle") await this.#deactivate();
  }

  /** wwand withdraws every wish of its own: the modem goes off. */
  dropStanding(): void {
    this.#standing.clear();
  }

  async #deactivate(): Promise<void> {
    this.#client = undefined;
    if (!this.isStanding) return this.bearer.down(false);
    this.#hidden = true;
    this.refresh();
    this.#takeOver();
  }

  /** A client that owned the addresses takes them away: the standing wish needs a bearer of its own. */
  #takeOver(): void {
    if (this.bearer.owner === "client" && this.bearer.occupiesCall) this.bearer.restart();
  }

  #drop(sayNow: boolean): void {
    if (this.bearer.state.is === "idle") return;
    this.bearer.down(sayNow).catch((error) => this.room.log.warning("context", { cause: errorText(error) }));
  }

  #bearerMoved(): void {
    const { is } = this.bearer.state;
    if ((is === "idle" || is === "backoff") && this.#work === undefined) this.#client = undefined;
    this.refresh();
    this.offer();
    this.room.moved();
  }

  /** A client's bearer gets other addresses; until they are in place the client sees none. */
  get #isChanging(): boolean {
    return !this.isStanding && this.bearer.published === undefined && this.bearer.bearer !== undefined;
  }

  #wisher(): Wisher {
    const [reason] = this.#standing;
    if (reason !== undefined) return { is: "standing", reason };
    return { is: "client", name: this.#client ?? "" };
  }
}
