/** A second connection beside the one to the internet, from wwand.toml to the virtual modem's sessions. */
import t, { type Test } from "tap";
import { daemonConfigFrom } from "../../src/config/daemon.js";
import { type BuildSetup, optionsOf } from "../../src/daemon/build-modem.js";
import { openMbimDriver } from "../../src/drivers/mbim.js";
import type { Bearer } from "../../src/modem/link-port.js";
import { createModem } from "../../src/modem/modem.js";
import { ModemError } from "../../src/runtime/error.js";
import { createLog } from "../../src/runtime/log.js";
import { mbimGeneric } from "../../src/virtual/profiles/mbim-generic.js";
import { FaceCable } from "../drivers/face-cable.js";
import { sessionInterfaces } from "../drivers/mbim-rig.js";
import { settle, VirtualClock } from "../fakes/clock.js";
import { MemoryStore } from "../fakes/store.js";
import { FakeLink } from "../modem/rig.js";

const fleet = `
[[sim]]
any = true
apn = "internet"

[[sim.context]]
name = "iot"
apn = "v4only"

[[sim.context]]
name = "voice"
apn = "v6only"
connect = false
`;

const noGuesses = { guess: async () => ({ internet: [], others: [] }) };
const noOfono = { subscriber: async () => undefined };

/** A modem that wwand keeps connected by itself, as the daemon builds it; `sessions`: how many it has at once. */
async function started(t: Test, { text = fleet, sessions = 8, store = new MemoryStore() } = {}) {
  const clock = new VirtualClock();
  const device = { ...mbimGeneric.device, maxSessions: sessions };
  const cable = new FaceCable("mbim", { ...mbimGeneric, device }, clock);
  const warnings: string[] = [];
  const log = createLog("warning", (line) => warnings.push(line));
  const links: string[] = [];
  const shared = { ipOwner: () => "self", guesses: noGuesses, ofono: noOfono } as unknown as BuildSetup["shared"];
  const config = daemonConfigFrom("/etc/wwand/wwand.toml", text);
  const modem = createModem({
    path: "/mbim_0",
    driverName: "mbim",
    openDriver: (signal) =>
      openMbimDriver(cable.link, {
        ...{ interfaceName: "wwan0", log, clock, signal },
        sessionLinks: sessionInterfaces().sessionLinks,
      }),
    options: optionsOf({ config: () => config, shared }),
    ...{ store, link: new FakeLink((line) => links.push(line)), clock, log, random: () => 0.5 },
  });
  modem.setStanding("connect = true", "connected");
  t.teardown(() => modem.close(new ModemError("aborted", "the test is over")));
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 20) {
      for (let turn = 0; turn < 30; turn++) await settle();
      await clock.advance(20);
    }
    for (let turn = 0; turn < 30; turn++) await settle();
  };
  await pass(1_500);
  const bearers = () => modem.bearers.map(({ interfaceName, isBeside }) => `${interfaceName} ${isBeside}`);
  return { modem, machine: cable.machine, links, warnings, pass, bearers, store };
}

t.test(
  "after the start both are up, each with its own interface and address; a third waits for a client",
  async (t) => {
    const { modem, machine, links, bearers } = await started(t);
    t.strictSame(bearers(), ["wwan0 false", "wwan0.1 true"]);
    t.strictSame(
      modem.packetData?.contexts.map(({ state: { name, apn, active } }) => [name, apn, active]),
      [
        ["Internet", "internet", true],
        ["iot", "v4only", true],
        ["voice", "v6only", false],
      ],
    );
    t.match(machine.state.sessions, [
      { id: 0, is: "active", pdn: "ipv4v6" },
      { id: 1, is: "active", pdn: "ipv4" },
    ]);
    t.match(links, [/^link wwan0 up 10\.64\.0\.2 for self$/, /^link wwan0\.1 up 10\.64\.0\.3 for self$/]);
    t.match(modem.state.stage, /^10\/10/);
  },
);

t.test("one that the network drops comes back alone", async (t) => {
  const { modem, machine, bearers, pass } = await started(t);
  const heard: string[] = [];
  const note =
    (event: string) =>
    ({ interfaceName }: Bearer): void =>
      void heard.push(`${event} ${interfaceName}`);
  modem.bearerEvents.on("up", note("up")).on("lost", note("lost")).on("down", note("down"));
  machine.send({ type: "dropBearer", cause: 36, id: 1 });
  await pass(2_000);
  t.strictSame(heard, ["lost wwan0.1", "up wwan0.1"]);
  t.strictSame(bearers(), ["wwan0 false", "wwan0.1 true"]);
  machine.send({ type: "dropBearer", cause: 36, id: 0 });
  await pass(2_000);
  t.strictSame(heard.slice(2), ["lost wwan0", "up wwan0"], "and the other way round");
});

t.test("a modem with one session keeps the internet, and says so once", async (t) => {
  const { bearers, warnings, machine, pass } = await started(t, { sessions: 1 });
  t.strictSame(bearers(), ["wwan0 false"]);
  machine.send({ type: "dropBearer", cause: 36 });
  await pass(2_000);
  t.strictSame(bearers(), ["wwan0 false"]);
  t.equal(warnings.filter((line) => /no further connection.*iot/.test(line)).length, 1, warnings.join("\n"));
});

t.test("a client that changes it has made it its own", async (t) => {
  const { modem, bearers, pass } = await started(t);
  const iot = modem.packetData?.contexts.find(({ state }) => state.name === "iot");
  await iot?.setActive(false, { is: "client", name: ":1.7" });
  await pass(200);
  t.strictSame(bearers(), ["wwan0 false", "wwan0.1 true"], "its Active=false is about itself");
  await iot?.set("apn", "secure");
  modem.setStanding("policy", "connected");
  await pass(500);
  t.equal(iot?.state.apn, "secure");
});

t.test("each keeps its number while the file changes; what is not there any more goes", async (t) => {
  const first = await started(t);
  const numbers = (modem: (typeof first)["modem"]) =>
    modem.packetData?.contexts.map(({ number, state: { name } }) => `${number} ${name}`);
  t.strictSame(numbers(first.modem), ["1 Internet", "2 iot", "3 voice"]);
  const other = fleet.replace(/\[\[sim\.context\]\]\nname = "iot"\napn = "v4only"\n/, "");
  const second = await started(t, { text: other, store: first.store });
  t.strictSame(numbers(second.modem), ["1 Internet", "3 voice"]);
  const third = await started(t, { text: "", store: first.store });
  t.strictSame(numbers(third.modem), ["1 Internet"]);
});
