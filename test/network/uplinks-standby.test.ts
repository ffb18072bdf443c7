/** A modem that waits warm behind ethernet, in virtual time: what the engine asks of it, shows of it, and when it lets go. */
import t from "tap";
import { ethernetFirst } from "../config/policies.js";
import { eth0, Machine } from "./machine.js";

const warm = `${ethernetFirst.replace('modem = "any" }', 'modem = "any" }\nstandby = "warm"')}
[group.default]
tiers = [["eth"], ["lte"]]
flows = "reset"
`.replace('[group]\ndefault = { tiers = [["eth"], ["lte"]] }\n', "");

const overEth = "default via 192.0.2.1 dev eth0 proto 200 metric 1024";
const overLte = "default dev wwan0 proto 200 scope link metric 1024";

/** With a modem that does as it is asked. */
async function waiting(actuating: "self" | "observe" = "self") {
  const machine = new Machine(warm, actuating);
  const { uplinks, kernel } = machine;
  const asked: string[] = [];
  uplinks.events.on("standby", (wishes) => {
    asked.push(wishes.get("lte") ?? "nothing");
    uplinks.setReady(new Set(wishes.get("lte") === "attached" ? ["lte"] : []));
    if (wishes.get("lte") === "connected") machine.connect();
    else uplinks.setBearer("lte", undefined);
  });
  machine.dhcp();
  await uplinks.start();
  await machine.pass(60_000);
  const presence = () => uplinks.state().uplinks.find(({ name }) => name === "lte")?.families[4].presence;
  return { machine, uplinks, kernel, asked, presence };
}

t.test(
  "needed in the turn in which the cable is pulled; given back when traffic has returned and time has passed",
  async (t) => {
    const { machine, uplinks, kernel, asked, presence } = await waiting();
    t.strictSame(asked, ["attached"]);
    t.equal(presence(), "standby");
    t.ok(uplinks.state().because.includes("lte stands by: warm, connected when needed"));
    kernel.setCarrier(eth0, false);
    await machine.pass(0);
    t.strictSame(asked, ["attached", "connected"]);
    t.equal(machine.table, overLte);

    kernel.setCarrier(eth0, true);
    await machine.pass(40_000);
    t.equal(machine.table, overEth, "after the 30 s of failback");
    await machine.pass(100_000);
    t.equal(presence(), "present", "not yet: it is metered, and would have to be steady for 120 s itself");
    await machine.pass(30_000);
    t.strictSame(asked, ["attached", "connected", "attached"]);
    t.equal(presence(), "standby");
    t.strictSame(machine.switches, ["IPv4 none -> eth", "IPv4 eth -> none", "IPv4 none -> lte", "IPv4 lte -> eth"]);
    t.match(
      machine.lines.filter((line) => /^(<\d>)?lte /.test(line)).map((line) => line.replace(/^<\d>/, "")),
      [
        /^lte stands by no longer: it is needed because="IPv4: eth is no-carrier: eth0 has no carrier"$/,
        /^lte is not needed any more keptMs=120000$/,
        /^lte stands by again$/,
      ],
    );
    await uplinks.close();
  },
);

t.test(
  "a single failed round connects it; traffic stays where it is, and no connection is made for each such round",
  async (t) => {
    const { machine, uplinks, asked } = await waiting();
    for (let blip = 0; blip < 3; blip++) {
      machine.silent.add("eth0");
      await machine.pass(2_200);
      machine.silent.delete("eth0");
      await machine.pass(20_000);
    }
    t.strictSame(asked, ["attached", "connected"]);
    t.equal(machine.table, overEth);
    t.strictSame(machine.switches, ["IPv4 none -> eth"]);
    await uplinks.close();
  },
);

t.test("where wwand only observes nothing is asked of a modem, and what it did ask is taken back", async (t) => {
  t.strictSame((await waiting("observe")).asked, []);
  const { machine, uplinks, asked } = await waiting();
  await uplinks.setMode({ actuating: "observe", because: "NetworkManager is on the bus" });
  await machine.pass(0);
  t.strictSame(asked, ["attached", "nothing"]);
  await uplinks.close();
});
