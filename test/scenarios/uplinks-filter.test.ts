/** The packet filter beside others: somebody loads a firewall again, somebody kills wwand. */
import t from "tap";
import { standing, startWwand, writeFiles } from "../lab/daemon.js";
import { eventually } from "../lab/eventually.js";
import { bothUp } from "../lab/two-uplinks.js";

t.setTimeout(110_000);

/** Of nobody's network: what a program that chose the wrong address sends. */
const foreign = "203.0.113.77";

t.test("`nft flush ruleset` while the modem carries; then kill -9, and wwand only observes", async (t) => {
  const { world, modem, daemon, ways } = await bothUp(t);
  const nft = (...command: string[]) => world.host.run("nft", ...command);
  const ours = () => nft("--stateless", "list", "table", "inet", "wwand").catch(() => "");
  await world.host.ip(`address add ${foreign}/32 dev lo`);
  await world.pullCable();
  await ways("wwan0", "wwan0");
  const asPut = await eventually("the guard", ours, (text) => /oifname "wwan0" .*fib saddr/.test(text));
  await world.carrier.run("nft", "add table ip seen");
  await world.carrier.run("nft", "add chain ip seen incoming { type filter hook prerouting priority 0; }");
  await world.carrier.run("nft", `add rule ip seen incoming ip saddr ${foreign} counter`);
  /** Packets with that address at the far end of the modem's connection. */
  const arrived = async () =>
    Number(/counter packets (\d+)/.exec(await world.carrier.run("nft", "list", "table", "ip", "seen"))?.[1]);
  const send = () => world.host.run("ping", "-n", "-c", "1", "-W", "1", "-I", foreign, "203.0.113.10").catch(() => "");

  await nft("flush", "ruleset");
  await nft("add", "table", "inet", "others");
  await eventually("the guard is back", ours, (text) => text === asPut);
  await daemon.line(/another program changed wwand's packet filter; it is put back by=nft/);
  const before = await arrived();
  await send();
  t.equal(await arrived(), before, "nothing leaves with that address");
  t.match(await nft("list", "table", "inet", "wwand"), /counter packets [1-9]\d* bytes \d+ drop/);

  await daemon.end("SIGKILL");
  t.equal(await ours(), asPut, "nobody took it away");
  await writeFiles(world, { config: `actuate = "observe"\n${standing(modem.url)}` });
  const observing = await startWwand(world);
  await eventually("the leftover is gone", ours, (text) => text === "");
  t.equal((await nft("list", "tables")).trim(), "table inet others");
  t.equal((await observing.end()).code, 0);
});
