/** The tests' own world (test/lab): one host with wwand and Debian's connmand, a modem, an ethernet without a cable. */
import { mkdir } from "node:fs/promises";
import type { Scope } from "../../src/runtime/scope.js";
import type { BusRecorder } from "../../test/lab/bus-recorder.js";
import { startConnman } from "../../test/lab/connman.js";
import type { ConnmanClient } from "../../test/lab/connman-client.js";
import { buildConnmanWorld, forClients } from "../../test/lab/connman-world.js";
import { spawnWwand, writeFiles } from "../../test/lab/daemon.js";
import type { Program } from "../../test/lab/program.js";
import { startModem, type VirtualModem } from "../../test/lab/virtual-modem.js";
import type { World } from "../../test/lab/world.js";
import { ownerOf } from "../owner.js";

export interface Place {
  readonly world: World;
  readonly settings: ConnmanClient;
  readonly bus: BusRecorder;
}

export async function buildPlace(scope: Scope): Promise<Place> {
  const place = await buildConnmanWorld(ownerOf(scope), { ethernet: "bare" });
  await place.world.pullCable();
  return place;
}

/** A modem whose network answers at once, but for the search. */
export const quickModem = (world: World, searchMs: number): Promise<VirtualModem> =>
  startModem(world, { attachMs: "0", connectMs: "0", searchMs: String(searchMs) });

/** wwand without a policy, so that routes are ConnMan's alone; resolves when it says that it is ready. */
export async function startDaemon(world: World, modem: VirtualModem, card?: string): Promise<Program> {
  await writeFiles(world, { config: forClients([modem], card) });
  await mkdir(world.file("no-policy"), { recursive: true });
  const daemon = spawnWwand(world, "--policy-dir", world.file("no-policy"));
  await daemon.line(/wwand is ready/);
  return daemon;
}

/** As packaging/connman/main.conf has it, but for the online check, which would ask the real internet. */
export const startConnmand = (world: World): Promise<Program> =>
  startConnman(world, {
    devices: ["eth0", "wwan0"],
    general: {
      DefaultFavoriteTechnologies: "ethernet,cellular",
      AlwaysConnectedTechnologies: "ethernet,cellular",
    },
  });

/** `connmanctl enable cellular`, once for every later start. */
export async function enableCellular(settings: ConnmanClient): Promise<void> {
  await settings.until("the cellular technology", () => settings.technology("cellular"));
  await settings.setPowered("cellular", true);
}
