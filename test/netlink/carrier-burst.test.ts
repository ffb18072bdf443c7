import t from "tap";
import { CarrierBurst } from "../../src/netlink/carrier-burst.js";
import { Rtnetlink } from "../../src/netlink/rtnetlink.js";
import type { LinkState } from "../../src/network/kernel.js";
import type { Clock } from "../../src/runtime/clock.js";
import { labFor } from "../lab/netns.js";

const eth0: LinkState = {
  ifindex: 10,
  name: "eth0",
  up: true,
  carrier: true,
  operState: "up",
  mtu: 1500,
  iflink: 10,
  noArp: false,
  loopback: false,
};

/** Time in steps of 10 ms; between them everything that was asked is answered. */
function rig(): {
  burst: CarrierBurst;
  state: { carrier: boolean; looks: number };
  told: string[];
  tick(ms: number): Promise<void>;
} {
  let nowMs = 0;
  let due: { at: number; run: () => void } | undefined;
  const clock: Clock = {
    nowMs: () => nowMs,
    after: (delayMs, run) => {
      due = { at: nowMs + delayMs, run };
      return () => {
        due = undefined;
      };
    },
  };
  const state = { carrier: true, looks: 0 };
  const told: string[] = [];
  const burst = new CarrierBurst(
    async () => {
      state.looks += 1;
      return { ...eth0, carrier: state.carrier };
    },
    (link) => told.push(`${link.name} carrier ${link.carrier}`),
    clock,
  );
  const tick = async (ms: number) => {
    for (const end = nowMs + ms; nowMs < end; ) {
      nowMs += 10;
      const ready = due !== undefined && due.at <= nowMs ? due : undefined;
      if (ready !== undefined) {
        due = undefined;
        ready.run();
      }
      await new Promise(setImmediate);
    }
  };
  return { burst, state, told, tick };
}

t.test("after any link event a held-back carrier loss is seen within 10 ms", async (t) => {
  const { burst, state, told, tick } = rig();
  burst.include(10);
  burst.linkEvent(eth0);
  await tick(300);
  t.strictSame(told, []);
  state.carrier = false;
  await tick(10);
  t.strictSame(told, ["eth0 carrier false"]);
  await tick(300);
  t.strictSame(told, ["eth0 carrier false"], "told once");
});

t.test("the burst ends by itself, begins with another interface's event, and not without one", async (t) => {
  const { burst, state, told, tick } = rig();
  burst.include(10);
  await tick(2_000);
  t.strictSame(told.splice(0), ["eth0 carrier true"], "the first look is told");
  const { looks } = state;
  await tick(5_000);
  t.equal(state.looks, looks, "a quiet machine is not looked at");
  burst.linkEvent({ ...eth0, ifindex: 99, name: "other" });
  state.carrier = false;
  await tick(20);
  t.strictSame(told, ["eth0 carrier false"]);
});

t.test("asked for twice it ends with the second release", async (t) => {
  const { burst, state, tick } = rig();
  const [first, second] = [burst.include(10), burst.include(10)];
  first();
  first();
  burst.linkEvent(eth0);
  await tick(50);
  t.ok(state.looks > 0);
  second();
  const { looks } = state;
  await tick(100);
  t.equal(state.looks, looks);
});

t.test(
  "an event overtakes the answer to an earlier look: the older answer does not bring the carrier back",
  async (t) => {
    const answers: ((link: LinkState) => void)[] = [];
    const ticks: (() => void)[] = [];
    const told: boolean[] = [];
    const burst = new CarrierBurst(
      () => new Promise((resolve) => answers.push(resolve)),
      ({ carrier }) => told.push(carrier),
      {
        nowMs: () => 0,
        after: (_delayMs, run) => {
          ticks.push(run);
          return () => undefined;
        },
      },
    );
    burst.include(10);
    burst.linkEvent(eth0);
    ticks.shift()?.();
    burst.linkEvent({ ...eth0, carrier: false });
    answers.shift()?.(eth0);
    await new Promise(setImmediate);
    t.strictSame(told, []);
    ticks.shift()?.();
    answers.shift()?.(eth0);
    await new Promise(setImmediate);
    t.strictSame(told, [true], "what a later look shows is news");
  },
);

t.test("a real NIC's paced event (equal indexes) is outrun", async (t) => {
  const lab = labFor(t);
  const host = await lab.namespace("host");
  const isp = await lab.namespace("isp");
  await lab.veth({ in: host, name: "eth0", ifindex: 30 }, { in: isp, name: "peer0", ifindex: 30 });
  const kernel = Rtnetlink.open({ netns: host.path });
  t.teardown(() => kernel.close());
  t.match(await kernel.link("eth0"), { ifindex: 30, iflink: 30 }, "paced like a real NIC");
  kernel.quickenCarrier(30);
  const seen = (carrier: boolean) =>
    new Promise<void>((resolve) => {
      const stop = kernel.watch((event) => {
        if (event.type !== "link" || event.link.ifindex !== 30 || event.link.carrier !== carrier) return;
        stop();
        resolve();
      });
    });
  const took: number[] = [];
  for (const [command, carrier] of [
    ["down", false],
    ["up", true],
    ["down", false],
    ["up", true],
  ] as const) {
    const told = seen(carrier);
    await isp.ip(`link set peer0 ${command}`);
    const startMs = performance.now();
    await told;
    took.push(Math.round(performance.now() - startMs));
  }
  t.comment(`after the command had returned: ${took.join(", ")} ms`);
});
