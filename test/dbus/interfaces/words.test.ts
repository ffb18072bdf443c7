import t from "tap";
import { ipv4SettingsOf, ipv6SettingsOf, netmaskOf } from "../../../src/dbus/interfaces/words.js";
import { distinctOperators } from "../../../src/dbus/registry/operators.js";
import type { ContextState } from "../../../src/modem/api.js";
import type { IpSettings } from "../../../src/network/types.js";
import { carrierSettings, dualSettings, homeOperator } from "../../fakes/modems.js";

const context = (settings: IpSettings, change: Partial<ContextState> = {}): ContextState => ({
  name: "Internet",
  type: "internet",
  protocol: "dual",
  apn: "internet",
  username: "",
  password: "",
  auth: "none",
  messageProxy: "",
  messageCenter: "",
  active: true,
  bearer: { interfaceName: "wwan0", settings },
  options: [],
  cause: undefined,
  origin: { source: "client", from: "set by a client", passedOver: [] },
  ...change,
});

/** `Key type value` per entry, in order. */
const listed = (dict: ReturnType<typeof ipv4SettingsOf>) =>
  Object.entries(dict).map(([key, { signature, value }]) => `${key} ${signature} ${value}`);

t.test("every prefix length as the netmask that ConnMan and NetworkManager parse", async (t) => {
  t.equal(netmaskOf(0), "0.0.0.0");
  t.equal(netmaskOf(1), "128.0.0.0");
  t.equal(netmaskOf(8), "255.0.0.0");
  t.equal(netmaskOf(22), "255.255.252.0");
  t.equal(netmaskOf(29), "255.255.255.248");
  t.equal(netmaskOf(31), "255.255.255.254");
  t.equal(netmaskOf(32), "255.255.255.255");
});

t.test("a bearer without gateway gets its own address as gateway: NetworkManager wants all five keys", async (t) => {
  t.strictSame(listed(ipv4SettingsOf(context(carrierSettings))), [
    "Interface s wwan0",
    "Method s static",
    "Address s 10.64.0.7",
    "Netmask s 255.255.255.248",
    "Gateway s 10.64.0.7",
    "DomainNameServers as 10.64.255.1,10.64.255.2",
  ]);
});

t.test("a gateway that the network named is passed on", async (t) => {
  const settings: IpSettings = {
    ipv4: { method: "static", address: "10.0.0.2", prefixLength: 30, gateway: "10.0.0.1", dns: [] },
  };
  t.equal(ipv4SettingsOf(context(settings)).Gateway?.value, "10.0.0.1");
  t.strictSame(ipv4SettingsOf(context(settings)).DomainNameServers?.value, [], "the key is there without servers too");
});

t.test("dhcp: interface and method, nothing else", async (t) => {
  t.strictSame(listed(ipv4SettingsOf(context({ ipv4: { method: "dhcp" } }))), ["Interface s wwan0", "Method s dhcp"]);
});

t.test("IPv6: the prefix length is one byte, there is no method", async (t) => {
  t.strictSame(listed(ipv6SettingsOf(context(dualSettings))), [
    "Interface s wwan0",
    "Address s 2001:db8:64::7",
    "PrefixLength y 64",
    "Gateway s fe80::1",
    "DomainNameServers as 2001:db8:64::53",
  ]);
  t.strictSame(listed(ipv6SettingsOf(context({ ipv6: { dns: [] } }))), ["Interface s wwan0", "DomainNameServers as "]);
});

t.test("a family that is not up has no settings, and an inactive context has none at all", async (t) => {
  t.strictSame(ipv6SettingsOf(context(carrierSettings)), {});
  t.strictSame(ipv4SettingsOf(context({ ipv6: { dns: [] } })), {});
  const inactive = context(dualSettings, { active: false });
  t.strictSame([ipv4SettingsOf(inactive), ipv6SettingsOf(inactive)], [{}, {}]);
});

t.test("MMS through a proxy: the client learns the interface and the proxy", async (t) => {
  const mms = context(carrierSettings, { type: "mms", messageProxy: "10.10.1.1:8080" });
  t.strictSame(listed(ipv4SettingsOf(mms)), ["Interface s wwan0", "Proxy s 10.10.1.1:8080"]);
  t.equal(
    ipv4SettingsOf(context(carrierSettings, { type: "mms" })).Method?.value,
    "static",
    "without a proxy: as internet",
  );
});

t.test("a modem that lists a network once per technology: one operator with both", async (t) => {
  const seen = [
    { ...homeOperator, status: "available", technologies: ["umts"] } as const,
    { ...homeOperator, name: "", status: "current", technologies: ["lte", "umts"] } as const,
    { ...homeOperator, mcc: "", mnc: "" },
    { ...homeOperator, mcc: "26", mnc: "../1" },
  ];
  t.strictSame(
    [...distinctOperators(seen)],
    [["26201", { ...homeOperator, status: "current", technologies: ["umts", "lte"] }]],
  );
});
