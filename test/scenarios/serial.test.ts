/** A modem with one serial line and nothing else, through CMUX: commands side by side, and what becomes of the line. */
import t from "tap";
import { RecordingClient } from "../dbus/interfaces/recording-client.js";
import { startWwand, writeFiles, wwanctl } from "../lab/daemon.js";
import { eventually, within } from "../lab/eventually.js";
import type { Program } from "../lab/program.js";
import { startSerial, type VirtualModem } from "../lab/virtual-modem.js";
import { World } from "../lab/world.js";

t.setTimeout(110_000);

interface Story {
  readonly world: World;
  readonly modem: VirtualModem;
  readonly client: RecordingClient;
  readonly daemon: Program;
}

async function begin(t: Parameters<typeof World.build>[0], settings = {}): Promise<Story> {
  const world = await World.build(t);
  await writeFiles(world, { config: "" });
  const modem = await startSerial(world, "at-generic", settings);
  const client = await RecordingClient.connect(world.bus.address);
  t.teardown(async () => client.close());
  const daemon = await startWwand(world, "--modem", modem.url);
  return { world, modem, client, daemon };
}

/** As a client does; resolves when the modem is registered. */
async function power(client: RecordingClient): Promise<void> {
  for (const property of ["Powered", "Online"]) await client.set("/at_0", "org.ofono.Modem", property, "b", true);
  await within("registered", client.until('/at_0 NetworkRegistration Status="registered"'));
}

/** Another cell takes over, and the modem tells that by itself. */
async function movesOn(client: RecordingClient, modem: VirtualModem): Promise<void> {
  const registration = async () => JSON.stringify(await client.properties("/at_0", "org.ofono.NetworkRegistration"));
  const before = await registration();
  await modem.step("handover");
  await eventually("another cell", registration, (now) => now !== before, 30_000);
}

/** What a program finds that opens the line when wwand has gone. */
async function asked(world: World, modem: VirtualModem, command: string): Promise<string> {
  const script = 'exec 3<>"$1"; printf "%s\\r" "$2" >&3; timeout 2 cat <&3; true';
  const program = world.start("sh", ["-c", script, "sh", modem.socket, command]);
  await program.ended();
  return program.text;
}

t.test("registered and polled over one line; ended in order the line speaks AT again", async (t) => {
  const { world, modem, client, daemon } = await begin(t);
  await power(client);
  await daemon.line(/the line is multiplexed/);
  t.match(await client.properties("/at_0", "org.ofono.SimManager"), { SubscriberIdentity: "001010123456789" });
  t.match((await wwanctl(world, "modem", "at_0")).out, /Virtual AT Modem/);
  await movesOn(client, modem);
  t.match(await client.call("/at_0", "org.ofono.NetworkRegistration", "Scan"), [[[/operator/, {}]]]);
  t.equal((await daemon.end()).code, 0);
  t.match(await asked(world, modem, "AT"), /OK/);
});

t.test("wwand is killed: the next one finds the line multiplexed and takes it back", async (t) => {
  const { world, modem, client, daemon } = await begin(t);
  await power(client);
  await daemon.end("SIGKILL");
  t.match(await asked(world, modem, "AT"), /\ufffd/, "the line still speaks frames");
  const next = await startWwand(world, "--modem", modem.url);
  await client.take();
  await power(client);
  t.equal((await next.end()).code, 0);
});

for (const [fault, told] of [
  ["close", /was closed by the far end/],
  ["restart", /does not speak TS 27.010 any more/],
] as const)
  t.test(`the modem's own end of it (${fault}): told in words, and driven again`, async (t) => {
    const { modem, client, daemon } = await begin(t);
    await power(client);
    await client.take();
    const from = daemon.lines.length;
    await modem.step("cmux", fault);
    t.match(await daemon.line(/modem lost/, from), told);
    await within("listed again", client.until("/ Manager ModemAdded /at_0"));
    await power(client);
    t.equal((await daemon.end()).code, 0);
  });

t.test("frames are lost and corrupted, channels held back for 5 s: nobody notices", async (t) => {
  const { modem, client, daemon } = await begin(t);
  await power(client);
  for (const fault of ["hold", "corrupt", "lose"]) {
    await modem.step("cmux", fault);
    // News may be what is lost, as on every line: the next ones come.
    if (fault !== "hold") await modem.step("handover");
    await movesOn(client, modem);
  }
  t.notMatch(daemon.text, /modem lost/);
  t.equal((await daemon.end()).code, 0);
});

t.test("a modem without CMUX is driven over the plain line", async (t) => {
  const { world, modem, client, daemon } = await begin(t, { cmux: "0" });
  await power(client);
  await daemon.line(/the line cannot be multiplexed: no commands while a call lasts/);
  t.equal((await daemon.end()).code, 0);
  t.match(await asked(world, modem, "AT"), /OK/);
});
