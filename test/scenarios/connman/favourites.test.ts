/** What ConnMan remembers, and by what it knows a service again; which contexts become services at all. */
import t from "tap";
import type { VirtualModemState } from "../../../src/virtual/types.js";
import { RecordingClient } from "../../dbus/interfaces/recording-client.js";
import { connmanMissing, startConnman } from "../../lab/connman.js";
import { buildConnmanWorld, cellularService, forClients } from "../../lab/connman-world.js";
import { startWwand, writeFiles } from "../../lab/daemon.js";
import { eventually } from "../../lab/eventually.js";
import { startModem } from "../../lab/virtual-modem.js";
import { internetHost } from "../../lab/world.js";

t.setTimeout(110_000);

const ofContext = (number: number): string => cellularService.replace("context1", `context${number}`);
const context = "org.ofono.ConnectionContext";

t.test("connmand", { skip: connmanMissing() }, async (t) => {
  const { world, settings, bus } = await buildConnmanWorld(t);
  let modem = await startModem(world);
  await writeFiles(world, { config: forClients([modem]) });
  let wwand = await startWwand(world);
  const general = { DefaultFavoriteTechnologies: "ethernet,cellular" };
  const start = () => startConnman(world, { devices: ["wwan0"], general });
  const connects = async () => {
    const service = await settings.untilState(cellularService, "ready");
    await eventually("packets flow", () => world.reaches(internetHost.ipv4, "wwan0"), Boolean);
    return service;
  };
  let connman = await start();

  await t.test("trap 15: cellular must be enabled once", async (t) => {
    await settings.until("the technology", () => settings.technology("cellular"));
    await bus.until(/^wwand: tells \/mbim_0 SimManager MobileNetworkCode/, 0);
    t.match(settings.technology("cellular"), { powered: false });
    t.strictSame(bus.lines(/Modem Online=true/), []);
    await settings.setPowered("cellular", true);
  });

  await t.test(
    "trap 14: with DefaultFavoriteTechnologies=ethernet,cellular nobody has to connect by hand",
    async (t) => {
      t.match(await connects(), { favorite: true, autoConnect: true });
    },
  );

  await t.test("trap 17: ConnMan is restarted: no second SIM start, no second registration", async (t) => {
    const modemItself = async (): Promise<VirtualModemState["model"]> => JSON.parse(await modem.step("state")).model;
    let mark = await bus.mark();
    await connman.end();
    await bus.until(/^wwand: tells \/mbim_0 Modem Powered=false/, mark);
    const between = await eventually("the connection is ended", modemItself, ({ sessions }) => sessions.length === 0);
    t.match(between, { registration: { is: "registered" }, packet: { is: "attached" } }, "the modem is kept as it is");
    mark = await bus.mark();
    const startMs = performance.now();
    connman = await start();
    await connects();
    t.comment(`connected ${(performance.now() - startMs).toFixed(0)} ms after its start`);
    t.match(bus.lines(/^wwand: tells \S+ SimManager SubscriberIdentity/, mark), { length: 1 }, "trap 4: told again");
    t.equal(wwand.lines.filter((line) => /SIM ready/.test(line)).length, 1);
    t.equal(
      (await modemItself()).nextTicket,
      between.nextTicket + 1,
      "all that the network was asked is the connection",
    );
  });

  await t.test("trap 18: wwand is restarted: the service is the same one", async (t) => {
    await wwand.end("SIGKILL");
    await settings.untilGone(cellularService);
    wwand = await startWwand(world);
    t.match(await connects(), { favorite: true });
  });

  await t.test("trap 21: the card in another modem is the same service; no serial number counts", async (t) => {
    await modem.program.end();
    await settings.untilGone(cellularService);
    modem = await startModem(world, { imei: "004999010640026" });
    t.match(await connects(), { favorite: true });
    t.match(bus.lines(/tells \S+ Modem Serial=/).at(-1), /004999010640026/);
  });

  await t.test("trap 2: a context without an APN is no service; one that gets its APN is one at once", async (t) => {
    const ofono = await RecordingClient.connect(world.bus.address);
    t.teardown(() => ofono.close());
    const [path] = await ofono.call("/mbim_0", "org.ofono.ConnectionManager", "AddContext", "s", "internet");
    t.equal(path, "/mbim_0/context2");
    t.equal(settings.service(ofContext(2)), undefined);
    await ofono.set("/mbim_0/context2", context, "AccessPointName", "s", "v4only");
    t.match(await settings.untilState(ofContext(2), "idle"), { name: "Wwand Mobile" });
  });

  await t.test("trap 1: an MMS context with a lower number does not hide the internet", async (t) => {
    const ofono = await RecordingClient.connect(world.bus.address);
    t.teardown(() => ofono.close());
    let mark = await bus.mark();
    await settings.disconnect(cellularService);
    await bus.until(/^wwand: tells \/mbim_0\/context1 ConnectionContext Active=false/, mark);
    await ofono.set("/mbim_0/context1", context, "Type", "s", "mms");
    await connman.end();
    mark = await bus.mark();
    connman = await start();
    await settings.untilState(ofContext(2), "ready");
    const listed = await bus.until(/^wwand: done GetContexts/, mark);
    t.match(listed.body, [
      [
        ["/mbim_0/context2", { Type: "internet" }],
        ["/mbim_0/context1", { Type: "mms" }],
      ],
    ]);
    t.strictSame(
      settings.services.map(({ id }) => id),
      [ofContext(2)],
    );
  });
});
