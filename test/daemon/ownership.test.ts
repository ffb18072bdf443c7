import t from "tap";
import { modeOf, ownerOf } from "../../src/daemon/ownership.js";

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
  const beside = (...names: readonly string[]) => modeOf("auto", new Set(names));
  t.match(beside(), { actuating: "self", because: "" });
  t.match(beside("net.connman"), { actuating: "steer", because: /ConnMan/ });
  t.match(beside("org.freedesktop.NetworkManager"), { actuating: "observe", because: /NetworkManager/ });
  t.match(beside("net.connman", "org.freedesktop.NetworkManager"), { actuating: "steer" });
  t.match(modeOf("self", new Set(["net.connman"])), { actuating: "self", because: 'actuate = "self" in wwand.toml' });
});
