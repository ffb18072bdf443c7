/** A modem that ConnMan has connected once, as a favourite: from then on no hand is needed, whatever happens. */
import { startConnman } from "./connman.js";
import type { ConnmanService } from "./connman-service.js";
import { buildConnmanWorld, type ConnmanWorld, cellularService, forClients } from "./connman-world.js";
import { startWwand, writeFiles, wwanctl } from "./daemon.js";
import { eventually } from "./eventually.js";
import type { Program } from "./program.js";
import { startModem, type VirtualModem } from "./virtual-modem.js";
import { internetHost, type World } from "./world.js";

export interface ConnectedWorld extends ConnmanWorld {
  readonly modem: VirtualModem;
  readonly wwand: Program;
  readonly connman: Program;
}

export interface ConnectedOptions {
  /** Keys of the card's table in wwand.toml. */
  readonly card?: string;
  /** `--set` of the virtual modem. */
  readonly modem?: Readonly<Record<string, string>>;
}

/** It manages the modems only: ethernet stays with the DHCP client that this world has. */
export const devices = ["wwan0", "wwan1"] as const;

/** Resolves when the service is ready and packets flow. */
export async function buildConnectedWorld(
  t: Parameters<typeof buildConnmanWorld>[0],
  { card = 'apn = "internet"', modem: set = {} }: ConnectedOptions = {},
): Promise<ConnectedWorld> {
  const built = await buildConnmanWorld(t);
  const { world, settings } = built;
  const modem = await startModem(world, set);
  await writeFiles(world, { config: forClients([modem], card) });
  const wwand = await startWwand(world);
  const connman = await startConnman(world, { devices });
  await settings.until("the technology", () => settings.technology("cellular"));
  await settings.setPowered("cellular", true);
  await settings.until("the service", () => settings.service(cellularService));
  await settings.connect(cellularService);
  const connected = { ...built, modem, wwand, connman };
  await inOrder(connected);
  return connected;
}

/** The IPv4 addresses of an interface; none where it is not there. */
export async function addressesOf(world: World, interfaceName = "wwan0"): Promise<readonly string[]> {
  const text = await world.host.ip(`-4 -o address show dev ${interfaceName}`).catch(() => "");
  return [...text.matchAll(/inet ([\d.]+)/g)].map(([, address]) => address ?? "");
}

/** ConnMan tells that a service is gone before it has taken everything away: addresses first, the interface last. */
export async function isGivenBack(world: World, interfaceName = "wwan0"): Promise<void> {
  // Nothing: the interface went with its modem.
  const link = () => world.host.ip(`-o link show ${interfaceName}`).catch(() => "");
  await eventually(
    "no address",
    () => addressesOf(world, interfaceName),
    (addresses) => addresses.length === 0,
  );
  await eventually("the interface is down", link, (text) => text === "" || /state DOWN/.test(text));
}

/**
 * Resolves when all is as it shall be: the service is ready, the interface has its address and no other, packets of both
 * families come back, and wwand has put nothing into the machine's routes.
 */
export async function inOrder(
  { world, settings }: Pick<ConnmanWorld, "world" | "settings">,
  service = cellularService,
  interfaceName = "wwan0",
): Promise<ConnmanService> {
  const hasItsAddress = async () => {
    const shown = settings.service(service);
    const isReady = shown?.state === "ready" || shown?.state === "online";
    const addresses = await addressesOf(world, interfaceName);
    return isReady && addresses.length === 1 && addresses[0] === shown.ipv4.Address ? shown : undefined;
  };
  const shown = await eventually(`${service} with its address`, hasItsAddress, Boolean, 30_000);
  if (shown === undefined) throw new Error(`${service} is not there`);
  for (const address of [internetHost.ipv4, internetHost.ipv6])
    await eventually(`${address} answers by ${interfaceName}`, () => world.reaches(address, interfaceName), Boolean);
  const left = () => world.ofWwand();
  await eventually("routes are ConnMan's business", left, (lines) => !lines.some((line) => /rule|route/.test(line)));
  return shown;
}

/** What `wwanctl modem mbim_0` says. */
export const told = async (world: World, modem = "mbim_0"): Promise<string> =>
  (await wwanctl(world, "modem", modem)).out;
