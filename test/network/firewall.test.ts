/** The packet filter: what it is told, how failures end, and what becomes of real packets. */
import { setTimeout as passed } from "node:timers/promises";
import t from "tap";
import { NftFirewall } from "../../src/network/firewall/nft.js";
import { NftProgram } from "../../src/network/firewall/nft-program.js";
import { firewallOf } from "../../src/network/firewall/plan.js";
import { removal, rulesetOf } from "../../src/network/firewall/ruleset.js";
import type { FirewallPlan } from "../../src/network/firewall/types.js";
import { systemClock } from "../../src/runtime/clock.js";
import { createLog } from "../../src/runtime/log.js";
import { ethernetFirst, policyOf } from "../config/policies.js";
import { settle, VirtualClock } from "../fakes/clock.js";
import { FilteredMachine } from "../fakes/nft.js";
import { lanBehindModem } from "./lan-behind-modem.js";
import { eth, lte, noBearer, up } from "./story.js";

const guarded: FirewallPlan = [{ interfaceName: "wwan0", guards: true, masquerade: false }];
const masquerading: FirewallPlan = guarded.map((uplink) => ({ ...uplink, masquerade: true }));

t.test(
  "the modem's interface is guarded with the addresses it has, ethernet only masquerades where it is told",
  async (t) => {
    const policy = policyOf(ethernetFirst);
    const both = [eth(up()), lte(up(), { v6: up() })];
    t.strictSame(firewallOf(policy, both), guarded);
    t.strictSame(firewallOf(policy, [eth(up()), lte(noBearer())]), []);
    const shared = policyOf(ethernetFirst.replace("[uplink.eth]", "[uplink.eth]\nmasquerade = true"));
    t.strictSame(firewallOf(shared, [eth(up())]), [{ interfaceName: "eth0", guards: false, masquerade: true }]);
  },
);

t.test("an interface whose name means something to nft is refused", async (t) => {
  for (const interfaceName of ['x"', "eth*", "a\\"])
    t.throws(() => rulesetOf([{ interfaceName, guards: true, masquerade: true }]), /cannot be named to nft/);
});

t.test("leftovers of a killed run go first; the same plan again changes nothing; the end takes it back", async (t) => {
  const { nft, firewall } = new FilteredMachine();
  firewall.follow([]);
  await settle();
  t.strictSame(nft.inputs, [removal]);
  firewall.follow(guarded);
  firewall.follow(structuredClone(guarded));
  await settle();
  t.equal(nft.inputs.length, 2);
  await firewall.close();
  t.equal(nft.inputs.at(-1), removal);
  t.equal(nft.ears, 0);
});

t.test("a refusal is told and tried again; what is wanted by then is put", async (t) => {
  const { nft, firewall, clock, lines } = new FilteredMachine();
  nft.fails = new Error("nft -f -: Error: Could not process rule: Operation not supported");
  firewall.follow(guarded);
  await clock.advance(0);
  t.match(lines, [/^<3>packet filter not changed; it is tried again error=".*Operation not supported"/]);
  nft.fails = undefined;
  firewall.follow(masquerading);
  await clock.advance(0);
  t.match(nft.inputs, [/masquerade/]);
  await clock.advance(60_000);
  t.equal(nft.inputs.length, 1);
});

t.test(
  "a kernel without a packet filter, and nothing to filter: nothing is said and nothing tried again",
  async (t) => {
    const { nft, firewall, clock, lines } = new FilteredMachine();
    nft.fails = new Error("nft -f -: Error: Could not process rule: Operation not supported");
    firewall.follow([]);
    await clock.advance(60_000);
    t.strictSame(lines, []);
    t.equal(clock.armed, 0);
  },
);

t.test("the end does not wait for an nft that hangs, and takes back what it may have done", async (t) => {
  const inputs: string[] = [];
  const firewall = new NftFirewall({
    clock: new VirtualClock(),
    log: createLog("info", (line) => t.fail(line)),
    nft: {
      load: (input, signal) => {
        inputs.push(input);
        if (inputs.length > 1) return Promise.resolve();
        return new Promise((_, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
        );
      },
      list: async () => undefined,
    },
  });
  firewall.follow(guarded);
  await firewall.close();
  t.equal(inputs.length, 2);
  t.equal(inputs[1], removal);
});

t.test("without nft nothing is guarded: that is said once, and nothing is tried any more", async (t) => {
  const { nft, firewall, clock, lines } = new FilteredMachine();
  nft.fails = Object.assign(new Error("spawn nft ENOENT"), { code: "ENOENT" });
  firewall.follow(guarded);
  await clock.advance(0);
  firewall.follow(masquerading);
  await clock.advance(60_000);
  t.match(lines, [/^<5>nft is not installed/]);
  t.equal(lines.length, 1);
  await firewall.close();
});

t.test(
  "packets: a stranger's address does not leave by the modem; masqueraded it does, as the modem's own",
  async (t) => {
    const { lan, host } = await lanBehindModem(t);
    await host.run("nft", "add table inet others");
    const firewall = new NftFirewall({
      clock: systemClock,
      log: createLog("debug", () => undefined),
      nft: new NftProgram(["ip", "netns", "exec", host.name]),
    });
    t.teardown(() => firewall.close());
    const ping = (from: typeof lan, ...more: string[]) =>
      from.run("ping", "-c", "1", "-W", "3", ...more, "198.51.100.1").then(
        () => "answered",
        () => "lost",
      );
    const counted = async () =>
      (await host.run("nft", "list", "table", "inet", "wwand")).includes("counter packets 0 bytes 0 drop");
    const isPut = async (text: string) => {
      while (!(await host.run("nft", "list", "ruleset")).includes(text)) await passed(20);
    };
    t.equal(await ping(lan), "answered", "without a guard it leaves as it is");
    firewall.follow(guarded);
    await isPut("fib saddr");
    t.equal(await ping(host), "answered");
    t.equal(await ping(lan), "lost");
    t.match(await host.run("nft", "list", "table", "inet", "wwand"), /counter packets 1 bytes 84 drop/);
    await host.ip("address del 198.51.100.5/24 dev wwan0");
    await host.ip("address add 198.51.100.6/24 dev wwan0");
    t.equal(await ping(host), "answered", "another address of the network's is allowed at once");
    await host.ip("address del 198.51.100.6/24 dev wwan0");
    await host.ip("address add 198.51.100.5/24 dev wwan0");
    firewall.follow(masquerading);
    await isPut("masquerade");
    t.equal(await ping(lan), "answered");
    t.ok(await counted(), "nothing was dropped");
    await firewall.close();
    t.equal((await host.run("nft", "list", "tables")).trim(), "table inet others", "others' tables are theirs");
  },
);
