import t from "tap";
import { LinkConfigurator } from "../../../src/network/link/link-configurator.js";
import type { SysctlFiles } from "../../../src/network/link/sysctl.js";
import type { IpSettings } from "../../../src/network/types.js";
import { VirtualClock } from "../../fakes/clock.js";
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
