/** An ethernet that gets worse instead of dying: loss that pings through, and packets that are too large for a tunnel. */
import t from "tap";
import type { Namespace } from "../lab/netns.js";
import { bothUp, quickReturn, seenFrom, serveWeb } from "../lab/two-uplinks.js";
import { internetHost, ispEthernet } from "../lab/world.js";

t.setTimeout(110_000);

/** Answers of one uplink are counted over 3 s, at five questions a second; three in a row are seldom lost at 30 %. */
const degraded = `${quickReturn}check.internet.every.idle = "200ms"
check.internet.timeout = "200ms"
check.internet.every.suspect = "200ms"
check.internet.verdict = { down = 20, up = 2 }
check.internet.degraded = { over = "3s", loss = { enter = "15%", leave = "5%" } }
`;

/** The ISP's network loses this share of all packets that it forwards. */
async function loses(isp: Namespace, percent: number): Promise<void> {
  await isp.run("nft", "add table inet loss");
  await isp.run("nft", "add chain inet loss packets { type filter hook forward priority 0; }");
  await isp.run("nft", "flush chain inet loss packets");
  await isp.run("nft", `add rule inet loss packets numgen random mod 100 < ${percent} drop`);
}

t.test("every second packet or so is lost: degraded, not down, and the modem is better; then it heals", async (t) => {
  const { world, verdicts, because, ways } = await bothUp(t, { policy: degraded });
  await serveWeb(t, world);
  await loses(world.isp, 40);
  await verdicts("ethernet", "degraded", "degraded");
  await ways("wwan0", "wwan0");
  await because("ethernet", /IPv4 degraded: .*\d+ % of the questions lost/);
  t.match(await seenFrom(world), /^10\.64\.0\.\d+$/);
  await world.isp.run("nft", "delete table inet loss");
  await verdicts("ethernet", "up", "up");
  await ways("eth0", "eth0");
  t.equal(await seenFrom(world), ispEthernet.ipv4.address);
});

/** A request that does not fit. */
const large = ["--header", `X-Padding: ${"x".repeat(4_000)}`];
const largePing = `exec ping -n -c 1 -W 1 -M do -s 1450 -I "$WWAND_INTERFACE" ${internetHost.ipv4}`;

/** From a tunnel at the ISP's: nobody is told that a packet was too big. */
async function swallowLarge(isp: Namespace): Promise<void> {
  await isp.run("nft", "add table inet tunnel");
  await isp.run("nft", "add chain inet tunnel packets { type filter hook forward priority 0; }");
  await isp.run("nft", "add rule inet tunnel packets meta length > 1400 drop");
}

const askers = {
  "a program that sends as much": [{ command: ["/bin/sh", "-c", largePing] }],
  "an echo of that size": [
    { url: `icmp://${internetHost.ipv4}`, size: 1450 },
    { url: `icmp://[${internetHost.ipv6}]`, size: 1450 },
  ],
} as const;

for (const [what, targets] of Object.entries(askers))
  t.test(`nothing above 1400 bytes passes: ${what} can tell`, async (t) => {
    const list = targets.map((target) => {
      const keys = Object.entries(target).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
      return `{ ${keys.join(", ")} }`;
    });
    const policy = `failback = { mode = "steady", spanning = "1s" }
[check.internet]
targets = [${list.join(", ")}]
every = { down = "500ms" }
`;
    const { world, verdicts, ways } = await bothUp(t, { policy });
    await serveWeb(t, world);
    await swallowLarge(world.isp);
    t.ok(await world.reaches(internetHost.ipv4, "eth0"), "a small ping gets through");
    t.equal(await seenFrom(world, "--interface", "eth0", ...large), "", "a large request does not");
    await verdicts("ethernet", "down", "down");
    await ways("wwan0", "wwan0");
    t.match(await seenFrom(world, ...large), /^10\.64\.0\.\d+$/, "large requests pass by the modem");
  });
