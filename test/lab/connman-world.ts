/** A world in which ConnMan can be started, with a person at its settings and somebody who listens on the bus. */
import { BusRecorder } from "./bus-recorder.js";
import { connmanBusPolicy } from "./connman.js";
import { ConnmanClient } from "./connman-client.js";
import { secondModem, type VirtualModem } from "./virtual-modem.js";
import { World, type WorldOptions } from "./world.js";

export interface ConnmanWorld {
  readonly world: World;
  readonly settings: ConnmanClient;
  readonly bus: BusRecorder;
}

type Test = Parameters<typeof World.build>[0];

/** Built once per file; connmand, wwand and modems are the test's to start. */
export async function buildConnmanWorld(
  t: Test,
  options: Omit<WorldOptions, "busPolicies"> = {},
): Promise<ConnmanWorld> {
  const world = await World.build(t, { ...options, busPolicies: [connmanBusPolicy] });
  const bus = await BusRecorder.start(world.bus.address);
  const settings = await ConnmanClient.connect(world.bus.address);
  t.teardown(async () => {
    bus.close();
    settings.close();
  });
  return { world, settings, bus };
}

const cards = ["001010123456789", secondModem.settings.imsi];

/**
 * wwand.toml for modems that wwand leaves to its clients. `card`: keys of both cards' tables; ConnMan needs an APN.
 * `actuate`: unless wwand shall steer it, what ConnMan does is ConnMan's own idea.
 */
export function forClients(
  modems: readonly VirtualModem[],
  card = 'apn = "internet"',
  actuate: "auto" | "observe" = "observe",
): string {
  const wanted = modems.map(({ url }) => `[[modem]]\nmatch = { url = "${url}" }\n`);
  const known = cards.map((imsi) => `[[sim]]\nimsi = "${imsi}"\n${card}\n`);
  return [`actuate = "${actuate}"\n`, ...wanted, ...known].join("\n");
}

/** The service that ConnMan makes of the first internet context of the first modem's card. */
export const cellularService = `cellular_${cards[0]}_context1`;
