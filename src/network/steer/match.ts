/** Which service of ConnMan is which uplink. Pure. */
import { type ConnmanService, isConnected } from "./service.js";
import type { SteeredUplink, SteerView } from "./types.js";

/** By interface; an idle cellular service has none, it is known by the card. Paths change: ask afresh each time. */
export function serviceOf(uplink: SteeredUplink, services: readonly ConnmanService[]): ConnmanService | undefined {
  const onInterface = services.filter(
    ({ interfaceName }) => interfaceName !== undefined && interfaceName === uplink.interfaceName,
  );
  const found = onInterface.find(isConnected) ?? onInterface[0];
  if (found || uplink.kind === "ethernet") return found;
  const ofCard = services.filter(
    ({ type, path }) => type === "cellular" && uplink.cards.some((imsi) => path.includes(`/cellular_${imsi}_`)),
  );
  return ofCard.find(isConnected) ?? ofCard[0];
}

export const uplinkNamed = ({ uplinks }: SteerView, name: string | undefined): SteeredUplink | undefined =>
  uplinks.find((uplink) => uplink.name === name);

/** Names of the uplinks that ConnMan has connected. */
export const connectedUplinks = ({ uplinks, services }: SteerView): readonly string[] =>
  uplinks
    .filter((uplink) => {
      const service = serviceOf(uplink, services ?? []);
      return service !== undefined && isConnected(service);
    })
    .map(({ name }) => name);

/** The uplink of the first connected service: ConnMan's own default. */
export function firstUplink(
  uplinks: readonly SteeredUplink[],
  services: readonly ConnmanService[],
): string | undefined {
  const first = services.find(isConnected);
  return uplinks.find((uplink) => first !== undefined && serviceOf(uplink, services)?.path === first.path)?.name;
}
