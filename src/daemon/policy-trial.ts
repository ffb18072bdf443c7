/** A new policy is taken back when it cuts this machine off from the target that its `confirm` names. */

import { durationText } from "../network/policy/durations.js";
import type { ConfirmPolicy, Policy } from "../network/policy/types.js";
import { defaultGroup } from "../network/policy/types.js";
import type { Asker, OpenAsker } from "../network/probe/ask.js";
import type { IpFamily } from "../network/types.js";
import type { UplinksState } from "../network/uplinks/state.js";
import type { Uplinks } from "../network/uplinks.js";
import { type Clock, deadline, sleep } from "../runtime/clock.js";
import { errorText } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";

export interface TrialOptions {
  readonly uplinks: Pick<Uplinks, "policy" | "reload" | "state">;
  readonly openAsker: OpenAsker;
  readonly clock: Clock;
  readonly log: Log;
  /** Another policy is in force now. `because`: why it is not the one of the files. */
  readonly onInForce: (because: string) => void;
}

const askTimeoutMs = 3_000;
const pauseMs = 1_000;
const ended = new Error("another policy came, or the daemon ends");

/** What was in force before anything was tried, and whether the target was reached by it; undefined: not known yet. */
interface Before {
  readonly policy: Policy;
  isReachable: boolean | undefined;
}

export class PolicyTrial {
  #running: { readonly end: AbortController; readonly before: Before } | undefined;

  constructor(private readonly options: TrialOptions) {}

  /** Puts it in force. Resolves, never rejects, when it is certain that it stays, or what was before is back. */
  async take(policy: Policy): Promise<void> {
    // One that is on trial itself is nothing to go back to, and its way no proof that the target is away.
    const before = this.#running?.before ?? { policy: this.options.uplinks.policy, isReachable: undefined };
    this.close();
    const { confirm } = policy;
    if (confirm === undefined) return this.#inForce(policy, "");
    const running = { end: new AbortController(), before };
    this.#running = running;
    await this.#try(policy, confirm, before, running.end.signal).catch((error: unknown) => {
      if (error !== ended) throw error;
    });
    if (this.#running === running) this.#running = undefined;
  }

  /** What is in force stays so. Idempotent. */
  close(): void {
    this.#running?.end.abort(ended);
    this.#running = undefined;
  }

  async #try(policy: Policy, confirm: ConfirmPolicy, before: Before, signal: AbortSignal): Promise<void> {
    const { log } = this.options;
    const { target, withinMs } = confirm;
    before.isReachable ??= await this.#reaches(confirm, signal);
    this.#inForce(policy, "");
    if (!before.isReachable) {
      log.notice("the new policy stays unproven: its target could not be reached before either", {
        target: target.text,
      });
      return;
    }
    if (await this.#isKeptReachable(confirm, signal)) {
      log.info("the new policy is confirmed", { target: target.text, generation: policy.generation });
      return;
    }
    const because = `taken back: ${target.text} was not reached within ${durationText(withinMs)} (confirm)`;
    log.error(`the new policy is ${because}`, { generation: policy.generation });
    this.#inForce(before.policy, because);
  }

  /**
   * By the way that traffic has when the time is over: a policy that was just put in force moves it a moment later, or once
   * another uplink was steady, and until then the old way answers.
   */
  async #isKeptReachable(confirm: ConfirmPolicy, signal: AbortSignal): Promise<boolean> {
    const { uplinks, clock } = this.options;
    const wayNow = () => wayOf(uplinks.state(), confirm.group);
    const endMs = clock.nowMs() + confirm.withinMs;
    let provenBy: string | undefined;
    do {
      const way = wayNow();
      if (way !== provenBy && (await this.#reaches(confirm, signal))) provenBy = way;
      await sleep(clock, pauseMs, signal);
    } while (clock.nowMs() < endMs);
    return provenBy === wayNow() || this.#reaches(confirm, signal);
  }

  #inForce(policy: Policy, because: string): void {
    this.options.uplinks.reload(policy);
    this.options.onInForce(because);
  }

  /** By the uplink that carries the group now, in any family. */
  async #reaches({ target, group }: ConfirmPolicy, signal: AbortSignal): Promise<boolean> {
    const answers = await Promise.all(target.families.map((family) => this.#asks(target, family, group, signal)));
    signal.throwIfAborted();
    return answers.includes(true);
  }

  async #asks(target: ConfirmPolicy["target"], family: IpFamily, group: string, signal: AbortSignal): Promise<boolean> {
    const { uplinks, openAsker, clock, log } = this.options;
    const uplink = carrierOf(uplinks.state(), family, group);
    if (uplink?.interfaceName === undefined) return false;
    const { name, interfaceName, dns } = uplink;
    const limit = deadline(clock, askTimeoutMs, signal, () => new Error("no answer"));
    let asker: Asker | undefined;
    try {
      asker = openAsker(family, { uplink: name, interfaceName, nameServers: () => dns, spent: () => undefined });
      const { portal } = await asker.ask(target, limit.signal);
      return portal === undefined;
    } catch (error) {
      log.debug("the confirm target was not reached", { target: target.text, uplink: name, cause: errorText(error) });
      return false;
    } finally {
      limit.release();
      asker?.close();
    }
  }
}

const choiceOf = ({ choice, groups }: UplinksState, group: string) =>
  group === defaultGroup ? choice : groups.find(({ name }) => name === group)?.choice;

const carrierOf = (state: UplinksState, family: IpFamily, group: string) =>
  state.uplinks.find(({ name }) => name === choiceOf(state, group)?.[family]);

const wayOf = (state: UplinksState, group: string): string => {
  const choice = choiceOf(state, group);
  return `${choice?.[4]} ${choice?.[6]}`;
};
