/** A cache behind the servers: flushed when they have changed, and again where that failed. */
import t from "tap";
import { HostsCacheFlushed } from "../../src/network/dns/hosts-cache.js";
import { noDns } from "../../src/network/dns/types.js";
import type { DnsPlan } from "../../src/network/plan/types.js";

const by = (uplink: string): DnsPlan => ({
  links: [{ uplink, interfaceName: "wwan0", ifindex: 7, servers: ["198.51.100.53"] }],
  idle: [],
});
const signal = AbortSignal.timeout(10_000);

function cache() {
  const told: string[] = [];
  let refusal: Error | undefined;
  const flushed = new HostsCacheFlushed(noDns, async () => {
    told.push("flush");
    if (refusal) throw refusal;
  });
  const refuse = (error: Error | undefined) => {
    refusal = error;
  };
  return { flushed, told, refuse };
}

t.test("flushed at the first word and whenever the servers are others, not for the same ones", async (t) => {
  const { flushed, told } = cache();
  for (const uplink of ["eth", "eth", "lte", "lte"]) await flushed.apply(by(uplink), signal);
  t.equal(told.length, 2);
  await flushed.restore(signal);
  t.equal(told.length, 3);
});

t.test("a cache that refuses is told again with the next try, and at the end", async (t) => {
  const { flushed, told, refuse } = cache();
  refuse(new Error("EPERM"));
  await t.rejects(flushed.apply(by("lte"), signal), /EPERM/);
  refuse(undefined);
  await flushed.apply(by("lte"), signal);
  t.equal(told.length, 2);
  refuse(new Error("EPERM"));
  await t.rejects(flushed.apply(by("eth"), signal));
  refuse(undefined);
  await flushed.restore(signal);
  t.equal(told.length, 4);
});
