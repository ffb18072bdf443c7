import t from "tap";
import { actuatingOf, ownerOf } from "../../src/daemon/ownership.js";

const client = { is: "client", name: ":1.7" } as const;
const standing = { is: "standing", reason: "connect = true" } as const;

t.test("whose address: a client's only beside a manager, never where wwand connects by itself", async (t) => {
  t.equal(ownerOf("auto", client, true), "client");
  t.equal(ownerOf("auto", client, false), "self", "oFono's scripts without ConnMan: somebody must set the address");
  t.equal(ownerOf("auto", standing, true), "self");
  t.equal(ownerOf("client", standing, false), "client", "a setting is a setting");
  t.equal(ownerOf("self", client, true), "self");
});

t.test("whose routes: through ConnMan beside ConnMan, told only beside NetworkManager, else wwand's own", async (t) => {
  const beside = (...names: readonly string[]) => actuatingOf("auto", new Set(names));
  t.equal(beside(), "self");
  t.equal(beside("net.connman"), "steer");
  t.equal(beside("org.freedesktop.NetworkManager"), "observe");
  t.equal(beside("net.connman", "org.freedesktop.NetworkManager"), "steer");
  t.equal(actuatingOf("self", new Set(["net.connman"])), "self");
});
