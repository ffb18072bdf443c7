import t from "tap";
import { SessionLinks } from "../../../src/network/link/session-links.js";
import { FakeKernel } from "../../fakes/kernel.js";

const machine = (name = "wwan0") => {
  const kernel = new FakeKernel();
  kernel.addLink(name, 7);
  return { kernel, sessions: new SessionLinks(kernel, name) };
};

t.test("what a killed run left is made anew, with nothing of the old on it", async (t) => {
  const { kernel, sessions } = machine();
  await sessions.open(1);
  const left = await kernel.link("wwan0.1");
  const { interfaceName, close } = await sessions.open(1);
  t.equal(interfaceName, "wwan0.1");
  t.match(await kernel.link("wwan0.1"), { kind: "vlan", iflink: 7, up: false });
  t.not((await kernel.link("wwan0.1"))?.ifindex, left?.ifindex);
  await close();
  await close();
  t.equal(await kernel.link("wwan0.1"), undefined);
});

t.test("another program's interface for the session is used, and stays", async (t) => {
  const { kernel, sessions } = machine();
  kernel.addLink("wwan0.1", 8, { kind: "vlan", iflink: 7 });
  const { close } = await sessions.open(1);
  await close();
  t.equal((await kernel.link("wwan0.1"))?.ifindex, 8);
});

t.test("a name of fifteen letters leaves no room for the session", async (t) => {
  const { kernel, sessions } = machine("wwx0250f3000000");
  t.equal((await sessions.open(255)).interfaceName, "ww7.255");
  t.match(await kernel.link("ww7.255"), { iflink: 7 });
});

t.test("unplugged in the middle", async (t) => {
  const { kernel, sessions } = machine();
  const { close } = await sessions.open(1);
  await kernel.removeLink(7);
  await close();
  await t.rejects(sessions.open(1), { code: "unplugged" });
});

t.test("a kernel without VLANs: its own word for it", async (t) => {
  const { kernel, sessions } = machine();
  kernel.refuse("addVlan", "EOPNOTSUPP");
  await t.rejects(sessions.open(1), { code: "EOPNOTSUPP" });
});
