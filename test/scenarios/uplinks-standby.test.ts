/** A modem behind ethernet that nobody but the policy wants: how it waits, what it is connected for, and what it gives back. */
import { isDeepStrictEqual } from "node:util";
import t from "tap";
import { RecordingClient } from "../dbus/interfaces/recording-client.js";
import { byPolicy, wwanctl } from "../lab/daemon.js";
import { eventually } from "../lab/eventually.js";
import { bothUp, quickReturn, seenFrom, serveWeb, type TwoUplinks, twoUplinks } from "../lab/two-uplinks.js";
import { ispEthernet } from "../lab/world.js";

t.setTimeout(110_000);

const byCarrier = /^10\.64\.0\.\d+$/;
const context = "/mbim_0/context1";

/** What is left on the modem ends at once, so that it is given back after the second that a return waits here. */
const waiting = (standby: string): string => `${quickReturn}uplink.wwan.standby = "${standby}"
group.default.flows = "reset"
`;

type Test = Parameters<typeof twoUplinks>[0] & Parameters<typeof serveWeb>[0];

/** Ethernet carries, the modem waits. */
async function standingBy(t: Test, standby: string) {
  const incident = await twoUplinks(t, { config: byPolicy, policy: waiting(standby) });
  const { world, uplink, verdicts, ways } = incident;
  await serveWeb(t, world);
  const stands = () =>
    eventually(
      "wwan stands by",
      () => uplink("wwan", "Presence"),
      (presence) => presence === "standby",
      30_000,
    );
  await verdicts("ethernet", "up", "up");
  await stands();
  await ways("eth0", "eth0");
  return { ...incident, stands };
}

/** What the network and the radio know of the modem. */
async function ofModem({ modem }: TwoUplinks): Promise<Record<string, unknown>> {
  const { softwareOn, packet, sessions } = JSON.parse(await modem.step("state")).model;
  return { radio: softwareOn ? "on" : "off", packet: packet.is, connections: sessions.length };
}

/** Resolves when it is so. */
const comesTo = (incident: TwoUplinks, wanted: object): Promise<unknown> =>
  eventually(
    JSON.stringify(wanted),
    () => ofModem(incident),
    (seen) => isDeepStrictEqual(seen, wanted),
    30_000,
  );

const idle = { radio: "on", packet: "attached", connections: 0 };

t.test("hot is the default: connected and verified, though wwand.toml says nothing of the modem", async (t) => {
  const incident = await bothUp(t, { config: byPolicy });
  t.match(await ofModem(incident), { connections: 1 });
  await incident.world.pullCable();
  await incident.ways("wwan0", "wwan0");
});

t.test("warm: no connection until ethernet goes silent, none any more once it is well again", async (t) => {
  const incident = await standingBy(t, "warm");
  const { world, daemon, because, ways, stands } = incident;
  await comesTo(incident, idle);
  await because("wwan", /^stands by: warm, connected when needed$/);
  await eventually(
    "status",
    async () => (await wwanctl(world, "status")).out,
    (text) => /^backup: wwan stands by: warm, connected when needed$/m.test(text),
  );
  await eventually(
    "why",
    async () => (await wwanctl(world, "why")).out,
    (text) => /^IPv4: ethernet: .*\nwwan stands by: warm, connected when needed$/m.test(text),
  );

  await world.blackhole();
  await ways("wwan0", "wwan0");
  t.match(await seenFrom(world), byCarrier, "a new connection");
  t.match(await ofModem(incident), { connections: 1 });
  t.ok(await daemon.line(/wwan stands by no longer: it is needed because="IPv\d: ethernet is suspect/));

  await world.endBlackhole();
  await ways("eth0", "eth0");
  await stands();
  await comesTo(incident, idle);
  t.equal(await seenFrom(world), ispEthernet.ipv4.address);
});

t.test("a client asks for the connection while wwand has it up: it stays that client's", async (t) => {
  const incident = await standingBy(t, "warm");
  const { world, daemon, ways } = incident;
  const client = await RecordingClient.connect(world.bus.address);
  t.teardown(async () => client.close());
  const set = (active: boolean) => client.set(context, "org.ofono.ConnectionContext", "Active", "b", active);
  await world.pullCable();
  await ways("wwan0", "wwan0");
  await set(true);
  await world.plugCable();
  await ways("eth0", "eth0");
  await daemon.line(/wwan stands by again/);
  t.match(await ofModem(incident), { connections: 1 });
  t.equal(await incident.uplink("wwan", "Presence"), "present");
  await set(false);
  await incident.stands();
  await comesTo(incident, idle);
});

t.test("cold: the radio is off until the cable is pulled, and again once it is back", async (t) => {
  const incident = await standingBy(t, "cold");
  const { world, ways, stands } = incident;
  const off = { radio: "off", packet: "detached", connections: 0 };
  await comesTo(incident, off);
  await world.pullCable();
  await ways("wwan0", "wwan0");
  t.match(await seenFrom(world), byCarrier);
  await world.plugCable();
  await ways("eth0", "eth0");
  await stands();
  await comesTo(incident, off);
  t.equal(await seenFrom(world), ispEthernet.ipv4.address);
});
