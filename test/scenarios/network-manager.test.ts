/** Debian's NetworkManager keeps the ethernet: wwand judges, tells, and changes nothing. */
import t from "tap";
import { standing, startWwand, writeFiles, wwanctl } from "../lab/daemon.js";
import { eventually } from "../lab/eventually.js";
import { networkManagerBusPolicy, networkManagerMissing, startNetworkManager } from "../lab/network-manager.js";
import { startModem } from "../lab/virtual-modem.js";
import { internetHost, World } from "../lab/world.js";

t.setTimeout(110_000);

t.test("NetworkManager", { skip: networkManagerMissing() }, async (t) => {
  const world = await World.build(t, { ethernet: "bare", busPolicies: [networkManagerBusPolicy] });
  const modem = await startModem(world);
  const manager = await startNetworkManager(world);
  await manager.line(/device \(eth0\): Activation: successful/);
  await eventually(
    "NetworkManager's routes",
    async () => `${await world.wayOut(4)},${await world.wayOut(6)}`,
    (ways) => ways === "eth0,eth0",
  );
  /** The modem's own interface is wwand's, as `connect = true` says. */
  const others = async () => (await world.networkState()).split("\n").filter((line) => !/wwan0/.test(line));
  const [before, names] = [await others(), await world.resolvConf()];
  t.match(before.join("\n"), /default via 192\.0\.2\.1 dev eth0 proto static metric \d+/);

  await writeFiles(world, { config: standing(modem.url) });
  const wwand = await startWwand(world);
  t.match(wwand.text, /observing only: NetworkManager is on the bus/);
  const status = (pattern: RegExp) =>
    eventually(
      String(pattern),
      () => wwanctl(world, "status"),
      ({ out }) => pattern.test(out),
    );

  await t.test("status says who carries traffic, that wwand only observes, and why", async (t) => {
    const { out, code } = await status(/ethernet +eth0 +present +up +up .*wwan +wwan0 +present +up /s);
    t.equal(code, 0);
    t.match(out, /^online by ethernet since \S+\n/);
    t.match(out, /^observing only\n {2}NetworkManager is on the bus and moves routes itself$/m);
    t.strictSame(await others(), before, "no rule, no route, no address beside the modem's");
  });

  await t.test("a blackhole is seen, the way out named, and not taken", async (t) => {
    await world.blackhole();
    const { out } = await status(/ethernet +eth0 +present +down +down/);
    t.match(
      out,
      /^OFFLINE: traffic goes by ethernet, where nothing answers\n {2}IPv4 leaves by ethernet; decided: wwan$/m,
      "which is what the kernel does",
    );
    t.match((await wwanctl(world, "why")).out, /decided: wwan\n(.*\n)*NetworkManager is on the bus/);
    const packet = await wwanctl(world, "why", "--to", internetHost.ipv4);
    t.equal(packet.code, 0, "what is not wwand's to do is no bad news of it");
    t.match(
      packet.out,
      /^IPv4 to \S+ leaves by ethernet \(eth0\)\n(.*\n)*decided: by wwan \(wwan0\); wwand only observes here\n(.*\n)*NetworkManager is on the bus/,
    );
    t.match(wwand.text, /IPv4 would be carried by wwan because=.*ethernet is down/);
    t.strictSame(await others(), before);
    await world.endBlackhole();
  });

  t.equal((await wwand.end()).code, 0);
  t.strictSame((await world.networkState()).split("\n"), before);
  t.equal(await world.resolvConf(), names);
  t.ok(manager.isAlive);
});
