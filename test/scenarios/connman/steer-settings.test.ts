/** The same blackhole under other settings of ConnMan: what still works, and what is told where nothing can. */
import t from "tap";
import { connmanMissing, ispEthernetOnly4 } from "../../lab/connman.js";
import { cellularService } from "../../lab/connman-world.js";
import { wwanctl } from "../../lab/daemon.js";
import { eventually, within } from "../../lab/eventually.js";
import { mainDefaultMoved } from "../../lab/main-routes.js";
import { buildSteeredWorld, leavesBy, type SteeredWorld, secondEthernet, verified } from "../../lab/steered-world.js";
import { internetHost } from "../../lab/world.js";

t.setTimeout(110_000);

/** A busy machine, and the modem's own time to connect. */
const marginMs = 4_000;
const skip = connmanMissing();

const wayOut4 = ({ world }: SteeredWorld, name: string) =>
  eventually(
    `IPv4 by ${name}`,
    () => world.wayOut(4),
    (way) => way === name,
  );

/** Blackholes the ISP and returns how long IPv4's default took to leave by the modem and stay there. */
async function left(steered: SteeredWorld): Promise<number> {
  const moved = mainDefaultMoved(steered.kernel, 4, await steered.indexOf("wwan0"));
  const sinceMs = performance.now();
  await steered.world.blackhole();
  return (await within("the default route on wwan0", moved)) - sinceMs;
}

async function returned(steered: SteeredWorld): Promise<number> {
  const moved = mainDefaultMoved(steered.kernel, 4, await steered.indexOf("eth0"));
  const sinceMs = performance.now();
  await steered.world.endBlackhole();
  return (await within("the default route on eth0", moved, 30_000)) - sinceMs;
}

const asks = ({ wwand }: SteeredWorld): readonly string[] =>
  wwand.lines.filter((line) => /ConnMan is asked/.test(line));

t.test("a cold standby, and no online check that would tell ConnMan which service works", { skip }, async (t) => {
  const steered = await buildSteeredWorld(t, { standby: "cold", general: { EnableOnlineCheck: "false" } });
  const { world, settings } = steered;
  await verified(steered, "ethernet");
  await settings.until("the service", () => settings.service(cellularService));
  t.match(settings.service(cellularService), { state: "idle" });
  t.strictSame(asks(steered), [], "nothing is asked of ConnMan");

  const computedMs = Number(await steered.uplink("ethernet", "WorstCaseDetectionMs"));
  const leftMs = await left(steered);
  t.comment(
    `cold: blackhole -> default route on cellular: ${leftMs.toFixed(0)} ms, computed worst case ${computedMs} ms`,
  );
  t.ok(leftMs <= computedMs + marginMs);
  t.match(asks(steered), [/connect wwan/, /put wwan first/], "connected, then moved");
  await leavesBy(steered, "wwan0", "wwan0");

  await t.test("ConnMan sorts by itself, back to grey: it is told again", async (t) => {
    const before = asks(steered).length;
    await secondEthernet(steered);
    await world.pullCable();
    await settings.until("no cable", () => settings.services.every(({ interfaceName }) => interfaceName !== "eth0"));
    await world.plugCable();
    await eventually(
      "told again",
      () => asks(steered).length,
      (count) => count > before,
    );
    await leavesBy(steered, "wwan0", "wwan0");
    t.ok(await world.reaches(internetHost.ipv4));
  });

  const backMs = await returned(steered);
  t.comment(`cold: heal -> default route on ethernet: ${backMs.toFixed(0)} ms`);
  await leavesBy(steered, "eth0", "eth0");
  t.match(settings.service(cellularService), { state: "ready" }, "disconnecting it would make ConnMan ignore it");
});

t.test("SingleConnectedTechnology: one at a time, and the way back is tried", { skip }, async (t) => {
  const steered = await buildSteeredWorld(t, {
    standby: "cold",
    ethernet: ispEthernetOnly4,
    general: { SingleConnectedTechnology: "true" },
  });
  const { settings } = steered;
  await eventually(
    "ethernet verified",
    () => steered.uplink("ethernet", "Verdict4"),
    (verdict) => verdict === "up",
  );
  await settings.until("the service", () => settings.service(cellularService));
  const computedMs = Number(await steered.uplink("ethernet", "WorstCaseDetectionMs"));
  const leftMs = await left(steered);
  t.comment(
    `single: blackhole -> default route on cellular: ${leftMs.toFixed(0)} ms, computed worst case ${computedMs} ms`,
  );
  t.ok(leftMs <= computedMs + marginMs);
  await wayOut4(steered, "wwan0");
  await eventually(
    "told",
    () => wwanctl(steered.world, "status"),
    ({ out }) => /ConnMan disconnects one uplink when it connects another.*SingleConnectedTechnology/.test(out),
  );
  // A trial of before may be under way: only a verdict tells that this one has come to stay.
  await steered.world.endBlackhole();
  const sinceMs = performance.now();
  await eventually(
    "ethernet verified",
    () => steered.uplink("ethernet", "Verdict4"),
    (verdict) => verdict === "up",
    30_000,
  );
  await wayOut4(steered, "eth0");
  t.comment(`single: heal -> verified on ethernet: ${(performance.now() - sinceMs).toFixed(0)} ms`);
  await eventually("packets flow", () => steered.world.reaches(internetHost.ipv4), Boolean);
});

t.test(
  "PreferredTechnologies: ConnMan says yes and takes it back, so it is told and not believed",
  { skip },
  async (t) => {
    const steered = await buildSteeredWorld(t, { general: { PreferredTechnologies: "ethernet,cellular" } });
    const { world } = steered;
    await settle(steered);
    await world.blackhole();
    const { out } = await eventually(
      "the reason",
      () => wwanctl(world, "status"),
      (told) => /IPv6 by wwan.*ConnMan says yes to wwan and takes the default route back\. Preferred/s.test(told.out),
    );
    t.match(out, /^online: IPv4 by ethernet, where nothing answers; IPv6 by wwan since/, "IPv6 is wwand's own to move");
    t.match(out, /IPv4 leaves by ethernet; decided: wwan/);
    t.match(steered.wwand.text, /<4>uplinks: ConnMan says yes to wwan/);
    t.notMatch(steered.wwand.text, /IPv4 traffic: ethernet -> wwan/, "no switch is announced that was none");
    t.equal(await world.wayOut(4), "eth0");
  },
);

t.test("a modem that wwand keeps connected by itself is a service of ConnMan's all the same", { skip }, async (t) => {
  const steered = await buildSteeredWorld(t, { connect: true });
  const { world, settings } = steered;
  await settle(steered);
  t.match(steered.wwand.text, /connected interface=wwan0 .*addresses="by wwand"/);
  const leftMs = await left(steered);
  t.comment(`connect = true: blackhole -> default route on cellular: ${leftMs.toFixed(0)} ms`);
  await leavesBy(steered, "wwan0", "wwan0");
  t.ok(await world.reaches(internetHost.ipv4));
  t.equal(settings.services[0]?.id, cellularService);
  await returned(steered);
  await leavesBy(steered, "eth0", "eth0");
});

async function settle(steered: SteeredWorld): Promise<void> {
  await verified(steered, "ethernet", "wwan");
  await leavesBy(steered, "eth0", "eth0");
}
