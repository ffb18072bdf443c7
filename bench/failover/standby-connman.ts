/**
 * connmand with a modem that it connects when it has nothing better: its cold standby. The modem is wwand's by org.ofono,
 * without a policy: what is decided is ConnMan's own idea.
 */
import { MAIN_TABLE } from "../../src/network/routing/tables.js";
import type { Scope } from "../../src/runtime/scope.js";
import { connmanBusPolicy, provisionedEthernet, startConnman } from "../../test/lab/connman.js";
import { ConnmanClient } from "../../test/lab/connman-client.js";
import { startModem } from "../../test/lab/virtual-modem.js";
import type { World } from "../../test/lab/world.js";
import { enableCellular, startDaemon } from "../connman/world.js";
import { type Decider, readyTimeoutMs, StandbyMachine } from "./standby-machine.js";

/**
 * Without AlwaysConnectedTechnologies nothing is connected beside a connected ethernet. SingleConnectedTechnology takes
 * cellular down again when ethernet is back: the same state before each pull.
 */
const general = {
  PreferredTechnologies: "ethernet,cellular",
  DefaultFavoriteTechnologies: "ethernet,cellular",
  SingleConnectedTechnology: "true",
} as const;

export const coldConnman = (scope: Scope): Promise<StandbyMachine> =>
  StandbyMachine.build(scope, { ethernet: "bare", busPolicies: [connmanBusPolicy] }, startDeciding);

async function startDeciding(world: World, scope: Scope): Promise<Decider> {
  const settings = scope.own(await ConnmanClient.connect(world.bus.address), (client) => client.close());
  await startDaemon(world, await startModem(world));
  await startConnman(world, { devices: ["eth0", "wwan0"], provisioned: { ethernet: provisionedEthernet }, general });
  await enableCellular(settings);
  const isCold = () => {
    const ofType = (type: string) => settings.services.find((service) => service.type === type);
    const [ethernet, cellular] = [ofType("ethernet"), ofType("cellular")];
    return ethernet?.state === "ready" && cellular?.state === "idle" && cellular.autoConnect;
  };
  return {
    table: MAIN_TABLE,
    rests: () => settings.until("ethernet connected, cellular not", isCold, readyTimeoutMs),
  };
}
