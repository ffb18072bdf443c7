/** Keeps the packet service as it shall be (attach.ts): attaches, detaches, waits after failures, one move at a time. */
import { errorText, type ModemError } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import { type AttachFacts, attachMove } from "./attach.js";
import { deadlinesMs, stableAfterMs } from "./deadlines.js";
import { modemError, type Operations } from "./operations.js";
import type { PacketServicePort } from "./ports.js";
import { retryWaitMs } from "./retry.js";
import type { PacketService } from "./types.js";

export interface AttachRoom {
  readonly operations: Operations;
  /** Absent: a modem without such a command is attached as soon as it is registered. */
  readonly port: PacketServicePort | undefined;
  readonly log: Log;
  random(): number;
  /** The facts or the move have changed. */
  changed(): void;
  /** Takes every bearer down: Settings {} and Active=false come before Attached=false. */
  leave(): Promise<void>;
}

export class AttachKeeper {
  #facts: AttachFacts;
  #service: PacketService;
  #moving: "attach" | "detach" | undefined;
  #lastError: ModemError | undefined;
  /** Moves since anything but the service changed, or since it has been steady. */
  #moves = 0;
  #cancelTimer: () => void = () => undefined;
  /** `retry`: the next move is due at its end. `steady`: at its end the moves made so far are forgotten. */
  #waiting: "retry" | "steady" | undefined;

  constructor(
    private readonly room: AttachRoom,
    wishes: Pick<AttachFacts, "roamingAllowed" | "wanted">,
  ) {
    this.#service = { state: room.port ? "unknown" : "attached" };
    this.#facts = { ...wishes, status: "unknown", service: this.#service.state };
  }

  get facts(): AttachFacts {
    return this.#facts;
  }

  get service(): PacketService {
    return this.#service;
  }

  /** Why the last attach failed; undefined once it worked. */
  get lastError(): ModemError | undefined {
    return this.#lastError;
  }

  /** A command of ours runs and the modem has not said yet that it is there, or it says that it is on its way. */
  get moving(): boolean {
    const { state } = this.#service;
    const isThere = state === (this.#moving === "attach" ? "attached" : "detached");
    return (this.#moving !== undefined && !isThere) || state === "attaching" || state === "detaching";
  }

  /** Registration or wishes changed. */
  update(change: Partial<Omit<AttachFacts, "service">>): void {
    const next = { ...this.#facts, ...change };
    const same = (["status", "roamingAllowed", "wanted"] as const).every((key) => next[key] === this.#facts[key]);
    if (same) return;
    this.#facts = next;
    this.#moves = 0;
    this.#stopWaiting();
    this.room.changed();
    this.#move();
  }

  /** The modem's word about its packet service. */
  told(service: PacketService): void {
    if (this.room.port === undefined) return;
    this.#service = service;
    this.#facts = { ...this.#facts, service: service.state };
    if (service.state === "attached") this.#lastError = undefined;
    this.room.changed();
    this.#move();
  }

  #stopWaiting(): void {
    this.#cancelTimer();
    this.#waiting = undefined;
  }

  #move(): void {
    const move = attachMove(this.#facts);
    if (this.#moving !== undefined || this.#waiting === "retry" || this.room.operations.isClosed) return;
    // A modem that moves by itself against us, or fails, is not answered at once again and again.
    if (this.#moves === 0 && move !== "none") this.#begin(move);
    else if (move === "none" && this.#moves > 0) this.#wait("steady", stableAfterMs);
    else if (move !== "none") this.#wait("retry", retryWaitMs(this.#lastError, this.#moves, this.room.random()));
  }

  #begin(move: "attach" | "detach"): void {
    this.#moving = move;
    this.#moves += 1;
    this.room.changed();
    this.#carryOut(move).then(
      (service) => this.#ended(service, undefined),
      (error) => this.#ended(undefined, modemError(error, `${move} failed`)),
    );
  }

  async #carryOut(move: "attach" | "detach"): Promise<PacketService> {
    const { operations, port } = this.room;
    if (port === undefined) return this.#service;
    if (move === "detach") await this.room.leave();
    return operations.run(`packetService.${move}`, { timeoutMs: deadlinesMs.attach }, (signal) => port[move](signal));
  }

  #ended(service: PacketService | undefined, error: ModemError | undefined): void {
    this.#moving = undefined;
    if (this.room.operations.isClosed) return;
    if (error) this.room.log.notice("packet service", { cause: errorText(error) });
    this.#lastError = error;
    // The answer may be older than an event that came meanwhile and says the same or more.
    if (service) this.#service = service;
    this.#facts = { ...this.#facts, service: this.#service.state };
    this.room.changed();
    this.#move();
  }

  #wait(kind: "retry" | "steady", delayMs: number): void {
    this.#stopWaiting();
    this.#waiting = kind;
    this.#cancelTimer = this.room.operations.clock.after(delayMs, () => {
      this.#waiting = undefined;
      const move = attachMove(this.#facts);
      if (kind === "steady") this.#moves = 0;
      else if (move !== "none") this.#begin(move);
    });
  }
}
