/** A policy that cuts the machine off from whoever looks after it is taken back. */
import t from "tap";
import { PolicyTrial } from "../../src/daemon/policy-trial.js";
import type { Policy } from "../../src/network/policy/types.js";
import type { Asker, OpenAsker } from "../../src/network/probe/ask.js";
import type { UplinksState } from "../../src/network/uplinks/state.js";
import { createLog } from "../../src/runtime/log.js";
import { ethernetFirst, policyOf } from "../config/policies.js";
import { settle, VirtualClock } from "../fakes/clock.js";

const confirm = (more = "") => `\n[confirm]\nreach = "icmp://203.0.113.9"\nwithin = "10s"\n${more}`;
const before = policyOf(ethernetFirst);
const next = policyOf(ethernetFirst.replace('[["eth"], ["lte"]]', '[["lte"], ["eth"]]') + confirm());

class World {
  readonly clock = new VirtualClock();
  readonly lines: string[] = [];
  readonly shown: string[] = [];
  /** Interfaces by which the target answers. */
  readonly answering = new Set<string>();
  policy: Policy = before;
  /** Traffic has not followed it yet. */
  moved: Policy | undefined;
  readonly trial = new PolicyTrial({
    uplinks: this.#uplinks(),
    openAsker: this.#openAsker(),
    clock: this.clock,
    log: createLog("info", (line) => this.lines.push(line.trimEnd())),
    onInForce: (because) => this.shown.push(because),
  });

  /** Traffic leaves by the first tier. */
  #uplinks() {
    const world = this;
    return {
      get policy() {
        return world.policy;
      },
      reload: (policy: Policy) => {
        world.policy = policy;
      },
      state: () => {
        const [first] = (world.moved ?? world.policy).group.tiers.flat();
        const uplinks = ["eth", "lte"].map((name) => ({ name, interfaceName: `${name}0`, dns: [] }));
        return { choice: { 4: first, 6: undefined }, groups: [], uplinks } as unknown as UplinksState;
      },
    };
  }

  /** No socket is to be had. */
  isOutOfSockets = false;

  #openAsker(): OpenAsker {
    return (_family, { interfaceName }) => {
      if (this.isOutOfSockets) throw new Error("EMFILE");
      return this.#asker(interfaceName);
    };
  }

  #asker(interfaceName: string): Asker {
    return {
      ask: (_target, signal) =>
        this.answering.has(interfaceName)
          ? Promise.resolve({ roundTripMs: 12 })
          : new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true })),
      close: () => undefined,
    };
  }
}

t.test("the target is reached by the new way: the policy stays", async (t) => {
  const world = new World();
  world.answering.add("eth0").add("lte0");
  const taken = world.trial.take(next);
  await world.clock.advance(20_000);
  await taken;
  t.equal(world.policy, next);
  t.match(world.lines.at(-1), /^<6>the new policy is confirmed target=icmp:\/\/203.0.113.9/);
  t.strictSame(world.shown, [""]);
});

t.test("the modem is slow to connect: ten seconds are enough", async (t) => {
  const world = new World();
  world.answering.add("eth0");
  const taken = world.trial.take(next);
  await world.clock.advance(6_000);
  t.equal(world.policy, next);
  world.answering.add("lte0");
  await world.clock.advance(4_000);
  await taken;
  t.equal(world.policy, next);
});

t.test("the target is not reached any more: what was before is back, and that is told", async (t) => {
  const world = new World();
  world.answering.add("eth0");
  const taken = world.trial.take(next);
  await world.clock.advance(20_000);
  await taken;
  t.equal(world.policy, before);
  t.match(world.lines.at(-1), /^<3>the new policy is taken back: icmp:\/\/203.0.113.9 was not reached within 10s/);
  t.strictSame(world.shown, ["", "taken back: icmp://203.0.113.9 was not reached within 10s (confirm)"]);
});

t.test("traffic moves seconds after the policy: that the old way answered till then proves nothing", async (t) => {
  const world = new World();
  world.answering.add("eth0");
  world.moved = before;
  const taken = world.trial.take(next);
  await world.clock.advance(5_000);
  world.moved = next;
  await world.clock.advance(15_000);
  await taken;
  t.equal(world.policy, before);
  t.match(world.lines, [/^<3>the new policy is taken back/]);
});

t.test("a target that nobody could reach before proves nothing", async (t) => {
  const world = new World();
  const taken = world.trial.take(next);
  await world.clock.advance(3_000);
  await taken;
  t.equal(world.policy, next);
  t.match(world.lines, [/^<5>the new policy stays unproven/]);
});

t.test("a second policy while the first is on trial: what is put back is the one that was proven", async (t) => {
  const world = new World();
  world.answering.add("eth0");
  const first = world.trial.take(next);
  await world.clock.advance(2_000);
  const second = world.trial.take({ ...next, generation: "second" });
  await first;
  await settle();
  t.equal(world.policy.generation, "second");
  await world.clock.advance(20_000);
  await second;
  t.equal(world.policy, before);
});

t.test("a question that cannot even be asked is no answer, and the policy comes into force all the same", async (t) => {
  const world = new World();
  world.isOutOfSockets = true;
  await world.trial.take(next);
  t.equal(world.policy, next);
  t.match(world.lines, [/^<5>the new policy stays unproven/]);
});

t.test("without confirm it is believed; closed on trial it stays", async (t) => {
  const world = new World();
  await world.trial.take(policyOf(ethernetFirst));
  t.strictSame(world.lines, []);
  world.answering.add("eth0");
  const taken = world.trial.take(next);
  await world.clock.advance(1_000);
  world.trial.close();
  await taken;
  t.equal(world.policy, next);
  t.equal(world.clock.armed, 0);
});
