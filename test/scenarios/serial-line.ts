/** A modem on one serial line, multiplexed, and wwand with it. */
import { RecordingClient } from "../dbus/interfaces/recording-client.js";
import { leftToClients, startWwand, writeFiles } from "../lab/daemon.js";
import { eventually, within } from "../lab/eventually.js";
import type { Program } from "../lab/program.js";
import { startSerial, type VirtualModem } from "../lab/virtual-modem.js";
import { World } from "../lab/world.js";

/** Longer than a frame that is asked for N2 times, a pause and a start, on a machine with other work to do. */
export const limitMs = 45_000;

export interface Story {
  readonly world: World;
  readonly modem: VirtualModem;
  readonly client: RecordingClient;
  readonly daemon: Program;
}

export async function begin(t: Parameters<typeof World.build>[0], settings = {}): Promise<Story> {
  const world = await World.build(t);
  await writeFiles(world, { config: leftToClients });
  const modem = await startSerial(world, "at-generic", settings);
  const client = await RecordingClient.connect(world.bus.address);
  t.teardown(async () => client.close());
  const daemon = await startWwand(world, "--modem", modem.url);
  return { world, modem, client, daemon };
}

/** As a client does; resolves when the modem is registered. */
export async function power(client: RecordingClient): Promise<void> {
  for (const property of ["Powered", "Online"]) await client.set("/at_0", "org.ofono.Modem", property, "b", true);
  await within("registered", client.until('/at_0 NetworkRegistration Status="registered"'), limitMs);
}

/** Another cell takes over, and the modem tells that by itself. */
export async function movesOn(client: RecordingClient, modem: VirtualModem): Promise<void> {
  const registration = async () => JSON.stringify(await client.properties("/at_0", "org.ofono.NetworkRegistration"));
  const before = await registration();
  await modem.step("handover");
  await eventually("another cell", registration, (now) => now !== before, limitMs);
}
