import t from "tap";
import { LinkConfigurator } from "../../../src/network/link/link-configurator.js";
import { SessionLinks } from "../../../src/network/link/session-links.js";
import type { SysctlFiles } from "../../../src/network/link/sysctl.js";
import type { IpSettings } from "../../../src/network/types.js";
import { settle, VirtualClock } from "../../fakes/clock.js";
import { FakeKernel } from "../../fakes/kernel.js";

const settings: IpSettings = {
  ipv4: { method: "static", address: "198.51.100.7", prefixLength: 32, dns: [] },
};
const noSysctls: SysctlFiles = { read: () => undefined, write: () => false };

t.test("what the kernel would not let go of is withdrawn at the next attempt, at the latest at exit", async (t) => {
  const kernel = new FakeKernel();
  kernel.addLink("wwan0", 7);
  const links = new LinkConfigurator(kernel, noSysctls);
  await links.apply("wwan0", settings, "self");
  kernel.refuse("removeAddress", "EBUSY");
  await t.rejects(links.withdraw("wwan0"), { code: "EBUSY" });
  t.equal((await kernel.addresses(7)).length, 1, "it is still there");
  kernel.allow("removeAddress");
  await links.close();
  t.strictSame(await kernel.addresses(7), []);
  t.match(await kernel.link(7), { up: false });
});

t.test("a client that cannot be heard is given time", async (t) => {
  const kernel = new FakeKernel();
  kernel.addLink("wwan0", 7);
  const clock = new VirtualClock();
  const values = new Map([["accept_ra", 1]]);
  const sysctls: SysctlFiles = {
    read: (_family, _interface, name) => values.get(name),
    write: (_family, _interface, name, value) => Boolean(values.set(name, value)),
  };
  const links = new LinkConfigurator(kernel, sysctls, clock, () => {
    throw new Error("EPERM");
  });
  const deaf: string[] = [];
  links.events.on("deaf", (interfaceName, error) => deaf.push(`${interfaceName}: ${String(error)}`));
  await links.apply("wwan0", { ipv6: { address: "2001:db8::1:2:3:4", dns: [] } }, "client");
  t.strictSame(deaf, ["wwan0: Error: EPERM"]);
  t.equal(values.get("accept_ra"), 0);
  await clock.advance(2_000);
  t.equal(values.get("accept_ra"), 2);
  await links.close();
  t.equal(values.get("accept_ra"), 1);
  t.equal(clock.armed, 0);
});

/** pppd's interface with its address, and what is told of others' doings on it. */
async function overPpp() {
  const kernel = new FakeKernel();
  kernel.addLink("ppp0", 9, { kind: "ppp" });
  const clock = new VirtualClock();
  const links = new LinkConfigurator(kernel, noSysctls, clock);
  const told: string[] = [];
  links.events.on("drift", (_interface, what) => told.push(...what));
  links.events.on("gone", (name) => told.push(`${name} is gone`));
  await links.apply("ppp0", settings, "self");
  await clock.advance(60_000);
  return { kernel, clock, links, told };
}

t.test("pppd takes address and link down before its interface goes: that is no other program", async (t) => {
  const { kernel, clock, links, told } = await overPpp();
  kernel.foreign.removeAddress("198.51.100.7");
  kernel.foreign.setLink(9, { up: false });
  await clock.advance(6_000);
  kernel.unplug(9);
  await clock.advance(60_000);
  t.strictSame(told, ["ppp0 is gone"]);
  await links.close();
});

t.test("another program lowers pppd's interface: mended once that cannot be pppd's end", async (t) => {
  const { kernel, clock, links, told } = await overPpp();
  kernel.foreign.setLink(9, { up: false });
  await clock.advance(10_000);
  t.strictSame(told, ["link is down"]);
  t.match(await kernel.link(9), { up: true });
  await links.close();
});

const session1: IpSettings = {
  mtu: 1500,
  ipv4: { method: "static", address: "198.51.100.8", prefixLength: 32, dns: [] },
};

/** A device's interface with one more session on it. */
async function twoSessions() {
  const kernel = new FakeKernel();
  kernel.addLink("wwan0", 7);
  const link = await new SessionLinks(kernel, "wwan0").open(1);
  const links = new LinkConfigurator(kernel, noSysctls);
  const isUp = async (name: string) => (await kernel.link(name))?.up;
  return { kernel, link, links, isUp };
}

t.test(
  "a session's interface takes the device's up with it, which says nothing by itself; and down again",
  async (t) => {
    const { kernel, link, links, isUp } = await twoSessions();
    await links.apply("wwan0.1", session1, "self");
    t.match(await kernel.link("wwan0"), { up: true, addrGenMode: "none" });
    t.strictSame(await kernel.addresses(7), []);
    await links.withdraw("wwan0.1");
    t.strictSame([await isUp("wwan0.1"), await isUp("wwan0")], [false, false]);
    await link.close();
    t.equal(await kernel.link("wwan0.1"), undefined);
    await links.close();
  },
);

t.test("the first session ends while the second lives: the device's interface stays up for it", async (t) => {
  const { kernel, link, links, isUp } = await twoSessions();
  await links.apply("wwan0", { ...settings, mtu: 1400 }, "self");
  await links.apply("wwan0.1", session1, "self");
  t.match(await kernel.link("wwan0.1"), { up: true, mtu: 1400 }, "no larger packets than the device takes");
  await links.withdraw("wwan0");
  t.strictSame([await isUp("wwan0"), await isUp("wwan0.1")], [true, true]);
  t.strictSame(
    (await kernel.addresses()).map(({ address }) => address),
    ["198.51.100.8"],
  );
  await link.close();
  await settle();
  t.equal(await isUp("wwan0"), false, "nobody needs it any more");
  await links.close();
});

t.test("both sessions get other addresses at once", async (t) => {
  const { kernel, links } = await twoSessions();
  await Promise.all([links.apply("wwan0", settings, "self"), links.apply("wwan0.1", session1, "self")]);
  const next = (address: string): IpSettings => ({ ipv4: { method: "static", address, prefixLength: 32, dns: [] } });
  await Promise.all([
    links.apply("wwan0", next("198.51.100.17"), "self"),
    links.apply("wwan0.1", next("198.51.100.18"), "self"),
  ]);
  t.strictSame((await kernel.addresses()).map(({ ifindex, address }) => `${ifindex} ${address}`).sort(), [
    "7 198.51.100.17",
    "8 198.51.100.18",
  ]);
  await links.close();
});

t.test("another program sets the device's interface down: both sessions come back", async (t) => {
  const { kernel, links, isUp } = await twoSessions();
  await links.apply("wwan0.1", session1, "self");
  kernel.foreign.setLink(7, { up: false });
  const mended = new Promise((resolve) => links.events.once("applied", resolve));
  kernel.foreign.setLink(8, { up: false });
  await mended;
  t.strictSame([await isUp("wwan0"), await isUp("wwan0.1")], [true, true]);
  await links.close();
});
