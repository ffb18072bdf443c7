import t from "tap";
import { LinkConfigurator } from "../../../src/network/link/link-configurator.js";
import type { SysctlFiles } from "../../../src/network/link/sysctl.js";
import type { IpSettings } from "../../../src/network/types.js";
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
