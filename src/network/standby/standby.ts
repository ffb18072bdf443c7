/** The uplinks that stand by, turn by turn: which are needed, told when that changes. */
import { isDeepStrictEqual } from "node:util";
import type { Log } from "../../runtime/log.js";
import { noStandby, type StandbyBasis, type StandbyPolicy, standbyStep } from "./step.js";
import type { StandbyMemory, StandbyState, StandbyStep } from "./types.js";

interface StandbyTurn extends Omit<StandbyBasis, "elapsedMs"> {
  readonly policy: StandbyPolicy;
  readonly nowMs: number;
  /** Connections are wwand's own to make. */
  readonly isActing: boolean;
}

const idle: StandbyStep = { states: noStandby, wishes: new Map() };

export class Standby {
  #step = idle;
  #steppedAtMs = 0;
  #ready: ReadonlySet<string> = new Set();
  #told = idle.wishes;

  constructor(
    private readonly log: Log,
    private readonly wished: (wishes: StandbyStep["wishes"]) => void,
  ) {}

  get wishes(): StandbyStep["wishes"] {
    return this.#step.wishes;
  }

  /** When time alone changes something; absent: never. */
  get againInMs(): number | undefined {
    return this.#step.againInMs;
  }

  state(uplink: string): StandbyState | undefined {
    return this.#step.states.get(uplink);
  }

  isReady(uplink: string): boolean {
    return this.#ready.has(uplink);
  }

  /** Uplinks of which a modem is there, as far up as they wish. True: that is news. */
  setReady(uplinks: ReadonlySet<string>): boolean {
    if (isDeepStrictEqual(uplinks, this.#ready)) return false;
    this.#ready = uplinks;
    return true;
  }

  /** True: what is seen of an uplink reads differently now. */
  follow({ policy, nowMs, isActing, ...basis }: StandbyTurn): boolean {
    const before = this.#step;
    const elapsedMs = nowMs - this.#steppedAtMs;
    this.#steppedAtMs = nowMs;
    this.#step = isActing ? standbyStep(policy, { ...basis, elapsedMs }, before.states) : idle;
    this.#note(before.states);
    return !isDeepStrictEqual(kindsOf(this.#step.states), kindsOf(before.states));
  }

  /** At the end of a turn: a modem may do at once as it is told, which is the next one. */
  tell(): void {
    const { wishes } = this.#step;
    if (isDeepStrictEqual(wishes, this.#told)) return;
    this.#told = wishes;
    this.wished(wishes);
  }

  #note(before: StandbyMemory): void {
    for (const [name, state] of this.#step.states) {
      const was = before.get(name)?.is ?? "waiting";
      if (state.is === was) continue;
      if (state.is === "needed") this.log.info(`${name} stands by no longer: it is needed`, { because: state.because });
      else if (was === "needed") this.log.info(`${name} is not needed any more`, keptText(state));
      else this.log.info(`${name} stands by again`);
    }
  }
}

const kindsOf = (states: StandbyMemory): ReadonlyMap<string, StandbyState["is"]> =>
  new Map([...states].map(([name, { is }]) => [name, is]));

const keptText = (state: StandbyState) => (state.is === "settling" ? { keptMs: state.leftMs } : {});
