/** What networks, cards and people at the plug do to a connection that ConnMan keeps: it comes back by itself. */
import t from "tap";
import { connmanMissing } from "../../lab/connman.js";
import { addressesOf, buildConnectedWorld, inOrder, isGivenBack, told } from "../../lab/connman-connected.js";
import { cellularService } from "../../lab/connman-world.js";
import { eventually } from "../../lab/eventually.js";

t.setTimeout(110_000);

interface Incident {
  readonly name: string;
  /** Steps of the virtual modem. */
  readonly comes: readonly (readonly [string, ...string[]])[];
  /** Absent: wwand and ConnMan get over it by themselves. */
  readonly until?: {
    /** What `wwanctl modem mbim_0` says meanwhile. */
    readonly shows: RegExp;
    readonly goes: readonly [string, ...string[]];
  };
}

const incidents: readonly Incident[] = [
  { name: "the network ends the session", comes: [["drop-bearer"]] },
  { name: "the network gives another address", comes: [["change-ip"]] },
  { name: "bytes without sense on the control port", comes: [["garbage", "500"]] },
  { name: "the network ends the packet service", comes: [["detach"]] },
  {
    name: "the network is lost",
    comes: [["deregister"]],
    until: { shows: /unregistered|searching/, goes: ["register"] },
  },
  {
    name: "only a foreign network is there, roaming is not allowed",
    comes: [["roam"]],
    until: { shows: /roaming is not allowed/, goes: ["home"] },
  },
  { name: "the card is pulled", comes: [["sim-remove"]], until: { shows: /no SIM is inserted/, goes: ["sim-insert"] } },
  {
    name: "the radio switch of the machine",
    comes: [["radio-switch", "off"]],
    until: { shows: /radio switch/, goes: ["radio-switch", "on"] },
  },
  { name: "the modem is pulled out", comes: [["unplug"]], until: { shows: /no modem/, goes: ["replug"] } },
];

t.test("a connection that ConnMan keeps", { skip: connmanMissing() }, async (t) => {
  const connected = await buildConnectedWorld(t);
  const { world, settings, bus, modem, wwand } = connected;
  const activations = (mark: number) => bus.lines(/^connman: SetProperty \S+ ConnectionContext Active=true/, mark);

  for (const { name, comes, until } of incidents)
    await t.test(name, async (t) => {
      const [before] = await addressesOf(world);
      const mark = await bus.mark();
      for (const step of comes) await modem.step(...step);
      if (until !== undefined) {
        await settings.untilGone(cellularService);
        await eventually(
          "wwanctl says it",
          () => told(world),
          (text) => until.shows.test(text),
        );
        await isGivenBack(world);
        await modem.step(...until.goes);
      } else if (name !== "bytes without sense on the control port")
        await eventually(
          "another address",
          () => addressesOf(world),
          (now) => now.length === 1 && now[0] !== before,
        );
      t.match(await inOrder(connected), { favorite: true });
      t.match(await told(world), /10\/10 connected/);
      t.ok(activations(mark).length <= 3, "ConnMan has not had to ask again and again");
      const order = bus.lines(/^wwand: tells .* (Attached|Active)=(true|false)$/, mark).map((line) => line.slice(-14));
      if (until !== undefined) t.match(order[0], /Active=false$/, "contexts end first");
      // With the card the whole interface goes, which may leave no time for a word of its own.
      if (until !== undefined && name !== "the card is pulled") t.match(order[1], /Attached=false$/, "then the attach");
    });

  await t.test(
    "the network ends the session and gives the same addresses again: ConnMan hears nothing of it",
    async (t) => {
      await modem.step("fixed-ip", "on");
      const before = await bus.mark();
      await settings.disconnect(cellularService);
      await bus.until(/^wwand: tells \S+ ConnectionContext Active=false/, before);
      await settings.connect(cellularService);
      await inOrder(connected);
      const [mark, line] = [await bus.mark(), wwand.lines.length];
      await modem.step("drop-bearer");
      await wwand.line(/: connected interface=wwan0/, line);
      await inOrder(connected);
      t.strictSame(bus.lines(/ConnectionContext/, mark), []);
      await modem.step("fixed-ip", "off");
    },
  );

  await t.test("the network ends every session that it gives", async (t) => {
    const mark = await bus.mark();
    const beginMs = performance.now();
    for (let sessions = 0; sessions < 4; sessions++) {
      await inOrder(connected);
      await modem.step("drop-bearer");
    }
    await inOrder(connected);
    const tookMs = performance.now() - beginMs;
    t.comment(`${activations(mark).length} activations by ConnMan in ${tookMs.toFixed(0)} ms`);
    t.ok(activations(mark).length <= 6, "and is not asked more often than it gives");
  });
  t.ok(wwand.isAlive);
  t.notMatch(wwand.text, /unhandled|uncaught|TypeError/i);
});
