import t from "tap";
import { ResolvedDns } from "../../src/network/dns/resolved.js";
import type { BusCall } from "../../src/network/dns/types.js";
import type { DnsPlan } from "../../src/network/plan/types.js";

const never = new AbortController().signal;

/** What resolved knows of each link, kept by the rules of the real one (dns-resolved-live); prints itself like `resolvectl`. */
class Resolved {
  readonly #links = new Map<number, { servers: string[]; domains: string[]; defaultRoute: boolean }>();
  readonly present = new Set([2, 7]);
  /** Links of networkd's. */
  readonly managed = new Set<number>();
  /** Methods that do not get through. */
  readonly deaf = new Set<string>();
  flushes = 0;

  readonly call: BusCall = async ({ destination, path, interface: name, member, signature, body }) => {
    if (destination !== "org.freedesktop.resolve1" || path !== "/org/freedesktop/resolve1")
      throw new Error("no such object");
    if (name !== "org.freedesktop.resolve1.Manager") throw new Error("no such interface");
    if (this.deaf.has(member)) throw new Error("no answer");
    if (member === "FlushCaches") this.flushes += 1;
    else this.#change(`${member} ${signature}`, body);
    return [];
  };

  #change(method: string, [ifindex, value]: readonly unknown[]): void {
    if (typeof ifindex !== "number" || !this.present.has(ifindex))
      throw refusal("NoSuchLink", `Link ${ifindex} not known`);
    if (this.managed.has(ifindex)) throw refusal("LinkBusy", `Link ${ifindex} is managed.`);
    const link = this.#links.get(ifindex) ?? { servers: [], domains: [], defaultRoute: false };
    this.#links.set(ifindex, link);
    if (method === "SetLinkDNS ia(iay)" && Array.isArray(value)) link.servers = value.map(addressText);
    else if (method === "SetLinkDomains ia(sb)" && Array.isArray(value))
      link.domains = value.map(([domain, routing]) => `${routing ? "~" : ""}${domain}`);
    else if (method === "SetLinkDefaultRoute ib") link.defaultRoute = value === true;
    else if (method === "RevertLink i") this.#links.delete(ifindex);
    else throw new Error(`${method}: no such method`);
  }

  toString(): string {
    return [...this.#links]
      .map(([ifindex, { servers, domains, defaultRoute }]) => {
        const route = defaultRoute ? "+DefaultRoute" : "-DefaultRoute";
        return `${ifindex}: ${servers.join(" ")} domain ${domains.join(" ")} ${route}`;
      })
      .join("\n");
  }
}

const refusal = (name: string, text: string): Error =>
  Object.assign(new Error(text), { errorName: `org.freedesktop.resolve1.${name}` });

const addressText = ([family, bytes]: readonly [number, Uint8Array]): string =>
  family === 2 ? bytes.join(".") : (Buffer.from(bytes).toString("hex").match(/.{4}/g)?.join(":") ?? "");

const byLte = (servers: readonly string[] = ["198.51.100.53", "2001:db8::53"]): DnsPlan => ({
  links: [{ uplink: "lte", interfaceName: "wwan0", ifindex: 7, servers }],
  idle: [],
});

t.test("the modem carries: its servers take every query, caches are flushed; then the link is as it was", async (t) => {
  const resolved = new Resolved();
  const dns = new ResolvedDns(resolved.call);
  await dns.apply(byLte(), never);
  t.equal(`${resolved}`, "7: 198.51.100.53 2001:0db8:0000:0000:0000:0000:0000:0053 domain ~. +DefaultRoute");
  t.equal(resolved.flushes, 1);
  await dns.apply(byLte(), never);
  t.equal(resolved.flushes, 1, "nothing changed, caches stay");
  await dns.apply({ links: [], idle: [7] }, never);
  t.equal(`${resolved}`, "");
  t.equal(resolved.flushes, 2);
});

t.test("other servers on the same bearer", async (t) => {
  const resolved = new Resolved();
  const dns = new ResolvedDns(resolved.call);
  await dns.apply(byLte(), never);
  await dns.apply(byLte(["198.51.100.54"]), never);
  t.equal(`${resolved}`, "7: 198.51.100.54 domain ~. +DefaultRoute");
});

t.test("a killed run left its servers on the modem's link: the next one takes them away", async (t) => {
  const resolved = new Resolved();
  await new ResolvedDns(resolved.call).apply(byLte(), never);
  const next = new ResolvedDns(resolved.call);
  await next.apply({ links: [], idle: [7] }, never);
  t.equal(`${resolved}`, "");
  const { flushes } = resolved;
  await next.apply({ links: [], idle: [7] }, never);
  t.equal(resolved.flushes, flushes, "once");
});

t.test("the modem is unplugged: nothing is left to revert, and that is no error", async (t) => {
  const resolved = new Resolved();
  const dns = new ResolvedDns(resolved.call);
  await dns.apply(byLte(), never);
  resolved.present.delete(7);
  await t.resolves(dns.apply({ links: [], idle: [] }, never));
  await t.resolves(dns.restore(never));
});

t.test("resolved does not know the link yet: the reason comes up, and the next attempt is a whole one", async (t) => {
  const resolved = new Resolved();
  resolved.present.delete(7);
  const dns = new ResolvedDns(resolved.call);
  await t.rejects(dns.apply(byLte(), never), { message: "Link 7 not known" });
  resolved.present.add(7);
  await dns.apply(byLte(["198.51.100.53"]), never);
  t.equal(`${resolved}`, "7: 198.51.100.53 domain ~. +DefaultRoute");
});

t.test("one of two links is networkd's: said so each time, the other has its servers, caches stay warm", async (t) => {
  const resolved = new Resolved();
  resolved.managed.add(2);
  const dns = new ResolvedDns(resolved.call);
  const both: DnsPlan = {
    links: [{ uplink: "eth", interfaceName: "eth0", ifindex: 2, servers: ["192.0.2.53"] }, ...byLte(["::1"]).links],
    idle: [],
  };
  const networkds = { message: /^eth0 is systemd-networkd's/, cause: { message: "Link 2 is managed." } };
  await t.rejects(dns.apply(both, never), networkds);
  t.equal(`${resolved}`, "7: 0000:0000:0000:0000:0000:0000:0000:0001 domain ~. +DefaultRoute");
  await t.rejects(dns.apply(both, never), networkds);
  t.equal(resolved.flushes, 1);
  await dns.apply({ links: [], idle: [2, 7] }, never);
  t.equal(`${resolved}`, "", "a link of networkd's has nothing to take back");
});

t.test(
  "resolved falls silent in the middle: what it may have taken is taken back, caches are flushed after all",
  async (t) => {
    const resolved = new Resolved();
    const dns = new ResolvedDns(resolved.call);
    resolved.deaf.add("SetLinkDomains").add("FlushCaches");
    await t.rejects(dns.apply(byLte(), never), AggregateError);
    resolved.deaf.clear();
    await dns.apply({ links: [], idle: [] }, never);
    t.equal(`${resolved}`, "");
    t.equal(resolved.flushes, 1);
    resolved.deaf.add("FlushCaches");
    await t.rejects(dns.apply(byLte(), never), { message: "no answer" });
    resolved.deaf.clear();
    await dns.apply(byLte(), never);
    t.equal(resolved.flushes, 2, "an unchanged plan still owes the flush");
  },
);

t.test("resolved was restarted and has kept its notes: the end takes them away", async (t) => {
  const resolved = new Resolved();
  const dns = new ResolvedDns(resolved.call);
  await dns.apply(byLte(), never);
  dns.forget();
  await dns.restore(never);
  t.equal(`${resolved}`, "");
});

t.test("resolved was restarted: everything is told again", async (t) => {
  const dns = new ResolvedDns((request, signal) => now.call(request, signal));
  let now = new Resolved();
  await dns.apply(byLte(["198.51.100.53"]), never);
  now = new Resolved();
  dns.forget();
  await dns.apply(byLte(["198.51.100.53"]), never);
  t.equal(`${now}`, "7: 198.51.100.53 domain ~. +DefaultRoute");
});
