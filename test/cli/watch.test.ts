/** What `wait-online` takes for online, and what `monitor` makes of signals. */
import t from "tap";
import { Follower } from "../../src/cli/monitor.js";
import type { PlainDict } from "../../src/cli/snapshot.js";
import { standingOf } from "../../src/cli/wait-online.js";
import { Variant } from "../../src/dbus/types.js";

const uplink = (Name: string, Presence: string, Verdict4: string, more: PlainDict = {}) => ({
  path: `/net/wwand/uplink/${Name}`,
  properties: {
    Name,
    Presence,
    Verdict4,
    Verdict6: "unverified",
    Eligibility: "ok",
    Because: [`IPv4 ${Verdict4}`],
    ...more,
  },
});
const carriedBy = (Ipv4Uplink: string, ...uplinks: readonly ReturnType<typeof uplink>[]) => ({
  failover: { Ipv4Uplink, Ipv6Uplink: "" },
  uplinks,
});
const wish = { timeoutMs: 0, isVerified: false };
const verified = { timeoutMs: 0, isVerified: true };

t.test("online is what carries traffic and is not known to be dead", async (t) => {
  const online = { is: "online", by: "eth" };
  t.match(standingOf(carriedBy("eth", uplink("eth", "present", "up")), wish), online);
  t.match(standingOf(carriedBy("eth", uplink("eth", "present", "unverified")), wish), online);
  t.match(
    standingOf(carriedBy("eth", uplink("eth", "present", "suspect")), verified),
    online,
    "one lost round is no end",
  );
  const v6 = {
    failover: { Ipv4Uplink: "", Ipv6Uplink: "eth" },
    uplinks: [uplink("eth", "present", "down", { Verdict6: "up" })],
  };
  t.match(standingOf(v6, verified), online, "IPv6 alone is online");
});

t.test(
  "a card past its hard cap carries what ignores that: online, though nothing else would get the card",
  async (t) => {
    const capped = { Eligibility: "capped: it has used 5 GB this month, until 5 December" };
    const snapshot = carriedBy("lte", uplink("lte", "present", "up", capped));
    t.match(standingOf(snapshot, verified), { is: "online", by: "lte" });
    t.match(standingOf(snapshot, { ...verified, uplink: "lte" }), { is: "offline" });
  },
);

t.test("what is not online says why, in one sentence", async (t) => {
  const because = (...args: Parameters<typeof standingOf>) => {
    const standing = standingOf(...args);
    return standing.is === "offline" ? standing.because : "online";
  };
  t.equal(because(undefined, wish), "wwand does not answer on the bus");
  t.equal(because(carriedBy(""), wish), "the policy has no uplinks");
  t.equal(
    because(carriedBy("", uplink("eth", "no-carrier", "unverified"), uplink("lte", "absent", "unverified")), wish),
    "no uplink carries traffic (eth is no-carrier, lte is absent)",
  );
  t.equal(because(carriedBy("eth", uplink("eth", "present", "down")), wish), "eth is not fit for traffic (IPv4 down)");
  t.equal(
    because(carriedBy("eth", uplink("eth", "present", "unverified")), verified),
    "eth is not verified (IPv4 unverified)",
  );
  t.equal(
    because(carriedBy("eth", uplink("eth", "present", "up")), { ...wish, uplink: "ltee" }),
    'there is no uplink "ltee"',
  );
});

t.test("one uplink may be waited for that carries nothing", async (t) => {
  const snapshot = carriedBy("eth", uplink("eth", "present", "up"), uplink("lte", "present", "up"));
  t.match(standingOf(snapshot, { ...verified, uplink: "lte" }), { is: "online", by: "lte" });
  const held = carriedBy(
    "eth",
    uplink("eth", "present", "up"),
    uplink("lte", "present", "up", { Eligibility: "held: x" }),
  );
  t.match(standingOf(held, { ...wish, uplink: "lte" }), { is: "offline" }, "it may not carry any");
});

const path = "/net/wwand/uplink/eth_2d0";
const changed = (properties: Readonly<Record<string, unknown>>) => ({
  ...{ sender: ":1.5", path, interface: "org.freedesktop.DBus.Properties", member: "PropertiesChanged" },
  body: [
    "net.wwand.Uplink1",
    Object.fromEntries(Object.entries(properties).map(([k, v]) => [k, new Variant("s", String(v))])),
    [],
  ],
});

t.test("a change is a line with before and after; what is the same, or of no interest, is none", async (t) => {
  const follower = new Follower();
  t.strictSame(follower.hear(changed({ Verdict4: "up" })), [], "before it is known what was");
  follower.learn({ [path]: { "net.wwand.Uplink1": { Name: "eth-0", Verdict4: "up", Presence: "present" } } });
  t.match(follower.hear(changed({ Verdict4: "suspect", Presence: "present", Gateway4: "192.0.2.1" })), [
    {
      event: "uplink",
      text: "eth-0: Verdict4 up -> suspect",
      json: { uplink: "eth-0", property: "Verdict4", from: "up", to: "suspect" },
    },
  ]);
  t.match(follower.hear(changed({ Verdict4: "down" })), [{ text: "eth-0: Verdict4 suspect -> down" }]);
});

t.test("a switch is told with its reasons, an uplink that the policy drops with its name", async (t) => {
  const follower = new Follower();
  const switched = {
    sender: ":1.5",
    path: "/net/wwand/failover",
    interface: "net.wwand.Failover1",
    member: "Switched",
  };
  t.match(follower.hear({ ...switched, body: ["ipv4", "eth-0", "", ["IPv4: no uplink", "eth-0 is no-carrier"]] }), [
    {
      event: "switch",
      text: "ipv4: eth-0 -> none: IPv4: no uplink; eth-0 is no-carrier",
      json: { group: "default", family: "ipv4", to: "" },
    },
  ]);
  const moved = { ...switched, member: "GroupSwitched", body: ["control", "ipv6", "", "lte", ["IPv6: lte: first"]] };
  t.strictSame(follower.hear(moved), [
    {
      event: "switch",
      text: "group control ipv6: none -> lte: IPv6: lte: first",
      json: { group: "control", family: "ipv6", from: "", to: "lte", because: ["IPv6: lte: first"] },
    },
  ]);
  const manager = { sender: ":1.5", path: "/net/wwand", interface: "org.freedesktop.DBus.ObjectManager" };
  const interfaces = { "net.wwand.Uplink1": { Name: new Variant("s", "eth-0") } };
  t.match(follower.hear({ ...manager, member: "InterfacesAdded", body: [path, interfaces] }), [
    { text: "eth-0: there" },
  ]);
  t.match(follower.hear({ ...manager, member: "InterfacesRemoved", body: [path, ["net.wwand.Uplink1"]] }), [
    { text: "eth-0: gone" },
  ]);
});
