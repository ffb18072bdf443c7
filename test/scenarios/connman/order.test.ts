/**
 * What ConnMan builds on without ever saying so: order, promptness and completeness of what it is told. Each trap is one
 * in which it hangs, spins or connects to nothing with a daemon that does it otherwise.
 */
import t from "tap";
import { Rtnetlink } from "../../../src/netlink/rtnetlink.js";
import { RecordingClient } from "../../dbus/interfaces/recording-client.js";
import { connmanMissing, provisionedEthernet, startConnman } from "../../lab/connman.js";
import { buildConnmanWorld, cellularService, forClients } from "../../lab/connman-world.js";
import { startWwand, writeFiles } from "../../lab/daemon.js";
import { eventually } from "../../lab/eventually.js";
import { startModem } from "../../lab/virtual-modem.js";
import { internetHost } from "../../lab/world.js";

t.setTimeout(110_000);

const context = "/mbim_0/context1 ConnectionContext";
const told = (what: string) => new RegExp(`^wwand: tells ${what}`);
const activations = /^connman: SetProperty \/mbim_0\/context1 ConnectionContext Active=true$/;
const activation = {
  asked: activations,
  answered: /^wwand: done SetProperty \/mbim_0\/context1 ConnectionContext Active=true$/,
  settings: told(`${context} Settings=\\{"Interface"`),
  ipv6Settings: told(`${context} IPv6.Settings=\\{"Interface"`),
  active: told(`${context} Active=true`),
};
const deactivation = {
  settings: told(`${context} Settings=\\{\\}`),
  ipv6Settings: told(`${context} IPv6.Settings=\\{\\}`),
  inactive: told(`${context} Active=false`),
};

t.test("connmand", { skip: connmanMissing() }, async (t) => {
  const { world, settings, bus } = await buildConnmanWorld(t, { ethernet: "bare" });
  const modem = await startModem(world, { mtu: "1430" });
  await writeFiles(world, { config: forClients([modem]) });
  await startWwand(world);
  const ofono = await RecordingClient.connect(world.bus.address);
  const kernel = Rtnetlink.open({ netns: world.host.path });
  t.teardown(() => {
    ofono.close();
    kernel.close();
  });
  // It may manage every interface that it takes for its business, and keeps both connected.
  await startConnman(world, {
    provisioned: { ethernet: provisionedEthernet },
    general: { AlwaysConnectedTechnologies: "ethernet,cellular" },
  });
  await settings.until("the technology", () => settings.technology("cellular"));
  await settings.setPowered("cellular", true);
  await settings.untilState(cellularService, "idle");

  await t.test(
    "traps 3 and 4: the subscriber is told, by signal, before the contexts; each thing in its turn",
    async (t) => {
      const coldStart = {
        "GetModems answered": /^wwand: done GetModems/,
        "Powered answered": /^wwand: done SetProperty \/mbim_0 Modem Powered=true/,
        "Powered told": told("/mbim_0 Modem Powered=true"),
        "the card": told('/mbim_0 Modem Interfaces=\\["org.ofono.SimManager"\\]'),
        "its lock": told("/mbim_0 SimManager PinRequired=none"),
        "the subscriber": told("/mbim_0 SimManager SubscriberIdentity=001010123456789"),
        "his country": told("/mbim_0 SimManager MobileCountryCode=001"),
        contexts: told("/mbim_0 Modem Interfaces=.*ConnectionManager"),
        registration: told("/mbim_0 Modem Interfaces=.*NetworkRegistration"),
        status: told("/mbim_0 NetworkRegistration Status=registered"),
        operator: told("/mbim_0 NetworkRegistration Name=Wwand Mobile"),
        attached: told("/mbim_0 ConnectionManager Attached=true"),
      };
      t.strictSame(await bus.order(coldStart), Object.keys(coldStart));
      // Online is asked for by ConnMan, before or after the contexts are there.
      const online = { Online: told("/mbim_0 Modem Online=true"), registration: coldStart.registration };
      t.strictSame(await bus.order(online), Object.keys(online));
    },
  );

  await t.test("trap 9: every question is answered, and before anybody gets impatient", async (t) => {
    const said = bus.said.since();
    const questions = said.filter(({ kind, by }) => kind === "call" && by === "connman");
    const answers = said.filter(({ kind, to }) => kind === "reply" && to === "connman");
    t.ok(questions.length >= 7, "it has asked");
    // In no order between them: what the modem must do first (Online) holds up nothing that can be read at once.
    const unanswered = [...answers];
    for (const question of questions) {
      const text = String(question).replace("connman: ", "");
      const place = unanswered.findIndex((answer) => String(answer) === `wwand: done ${text}`);
      const [answer] = place < 0 ? [] : unanswered.splice(place, 1);
      const tookMs = (answer?.atMs ?? Number.NaN) - question.atMs;
      t.ok(tookMs >= 0 && tookMs < 2_000, `${text}: answered after ${tookMs.toFixed(0)} ms`);
    }
    t.strictSame(unanswered.map(String), [], "nothing is answered twice");
  });

  await t.test("trap 10: its echo of Powered is answered with success and causes nothing", async (t) => {
    t.equal(bus.lines(/^connman: SetProperty \/mbim_0 Modem Powered=true/).length, 2, "the wish and the echo");
    t.equal(bus.lines(/^wwand: done SetProperty \/mbim_0 Modem Powered=true/).length, 2);
    t.equal(bus.lines(told("/mbim_0 Modem Powered")).length, 1);
  });

  await t.test("traps 19 and 20: the modem is hardware, and its path is nobody's business", async (t) => {
    const [listed] = bus.said.since().filter((said) => /^wwand: done GetModems/.test(String(said)));
    t.match(listed?.body, [[["/mbim_0", { Type: "hardware", Powered: false, Online: false, Interfaces: [] }]]]);
    t.match(settings.service(cellularService), { type: "cellular", name: "Wwand Mobile" });
  });

  await t.test("trap 22: the strength is a byte that follows the modem", async (t) => {
    t.equal(settings.service(cellularService)?.strength, 53);
    await modem.step("signal", "-83");
    const strength = await settings.until("another strength", () => {
      const now = settings.service(cellularService)?.strength;
      return now !== 53 && now;
    });
    t.ok(strength > 0 && strength < 40, `${strength} of 100`);
  });

  await t.test("traps 5 to 8: link first, then the answer, then complete settings, then Active", async (t) => {
    const raised = new Promise<number>((resolve) => {
      kernel.watch((event) => {
        const isRaised =
          event.type === "link" && event.link.name === "wwan0" && event.link.up && event.link.mtu === 1430;
        if (isRaised) resolve(performance.now());
      });
    });
    const mark = await bus.mark();
    await settings.connect(cellularService);
    await settings.untilState(cellularService, "ready");
    t.strictSame(await bus.order(activation, mark), Object.keys(activation));
    const first = await bus.until(activation.settings, mark);
    t.match(first.body[1], {
      Interface: "wwan0",
      Method: "static",
      Address: /^10\.64\.0\.\d+$/,
      Netmask: "255.255.255.0",
      Gateway: "10.64.0.1",
      DomainNameServers: ["10.64.0.1"],
    });
    t.ok((await raised) < first.atMs, "the interface was up, with the network's MTU, before anybody heard of it");
    await eventually("packets flow", () => world.reaches(internetHost.ipv4, "wwan0"), Boolean);
  });

  await t.test("trap 16: the modem's interface is not taken for a cable", async (t) => {
    const byInterface = settings.services.map(({ type, interfaceName }) => `${interfaceName} ${type}`).sort();
    t.strictSame(byInterface, ["eth0 ethernet", "wwan0 cellular"]);
  });

  await t.test("trap 10 again: every activation tells all settings anew, for ConnMan forgets them", async (t) => {
    let mark = await bus.mark();
    await settings.disconnect(cellularService);
    await settings.untilState(cellularService, "idle");
    await bus.until(deactivation.inactive, mark);
    t.strictSame(await bus.order(deactivation, mark), Object.keys(deactivation));
    mark = await bus.mark();
    await settings.connect(cellularService);
    await settings.untilState(cellularService, "ready");
    t.strictSame(await bus.order(activation, mark), Object.keys(activation));
  });

  await t.test("trap 13: a detach ends the context before Attached falls, and the next one is a new one", async (t) => {
    let mark = await bus.mark();
    await modem.step("detach");
    await settings.untilGone(cellularService);
    const ending = { ...deactivation, detached: told("/mbim_0 ConnectionManager Attached=false") };
    t.strictSame(await bus.order(ending, mark), Object.keys(ending));
    mark = await bus.mark();
    // wwand attaches again by itself: ConnectionManager.Powered is still wished.
    await settings.untilState(cellularService, "ready");
    const again = { attached: told("/mbim_0 ConnectionManager Attached=true"), ...activation };
    t.strictSame(await bus.order(again, mark), Object.keys(again), "asked for and told, not from ConnMan's memory");
    await eventually("packets flow", () => world.reaches(internetHost.ipv4, "wwan0"), Boolean);
  });

  await t.test("ConnectionManager.Powered=false by another program is taken back by ConnMan", async () => {
    const mark = await bus.mark();
    await ofono.set("/mbim_0", "org.ofono.ConnectionManager", "Powered", "b", false);
    await bus.until(/^connman: SetProperty \/mbim_0 ConnectionManager Powered=true/, mark);
    await bus.until(activation.active, mark);
    await settings.untilState(cellularService, "ready");
    await eventually("packets flow", () => world.reaches(internetHost.ipv4, "wwan0"), Boolean);
  });

  await t.test("Online and Powered=false by another program stay so, the latter echoed by ConnMan", async (t) => {
    const mark = await bus.mark();
    await ofono.set("/mbim_0", "org.ofono.Modem", "Online", "b", false);
    await settings.untilGone(cellularService);
    await ofono.set("/mbim_0", "org.ofono.Modem", "Powered", "b", false);
    await bus.until(/^wwand: done SetProperty \/mbim_0 Modem Powered=false/, mark);
    await bus.until(/^connman: SetProperty \/mbim_0 Modem Powered=false/, mark);
    await ofono.take();
    t.equal(bus.lines(told("/mbim_0 Modem Powered"), mark).length, 1);
    t.strictSame(bus.lines(/SetProperty \/mbim_0 Modem \w+=true/, mark), []);
  });
});
