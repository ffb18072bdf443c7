/** Networks and cards that a host has forbidden the modem, beside the card's own list. @see learn.microsoft.com, "MB Network Blacklist Operations" */
import type { MbimClient } from "../../mbim/client.js";
import { networkBlacklist } from "../../mbim/services/ms-basic-connect-extensions.js";
import type { ForbiddenNetworksPort } from "../../modem/card-ports.js";
import type { Plmn } from "../../modem/types.js";
import { plmnOfNumbers } from "../plmn.js";

/** The modem keeps it over cards and power cycles, also what another system on this machine has put there. */
const blacklistPort = (client: MbimClient): ForbiddenNetworksPort => ({
  read: async (signal) => {
    const { entries } = await client.query(networkBlacklist, {}, signal);
    return entries.map(({ mcc, mnc }) => plmnOfNumbers(mcc, mnc, mnc > 99));
  },
  clear: async (signal) => {
    await client.set(networkBlacklist, { state: [], entries: [] }, signal);
  },
});

const isSame = (a: Plmn, b: Plmn): boolean => a.mcc === b.mcc && a.mnc === b.mnc;

/** Both lists as one: whoever clears them wants to be let in. */
export function withBlacklist(client: MbimClient, ofCard: ForbiddenNetworksPort | undefined): ForbiddenNetworksPort {
  const ofModem = blacklistPort(client);
  if (ofCard === undefined) return ofModem;
  return {
    read: async (signal) => {
      const [card, modem] = [await ofCard.read(signal), await ofModem.read(signal)];
      return [...card, ...modem.filter((one) => !card.some((other) => isSame(one, other)))];
    },
    clear: async (signal) => {
      await ofModem.clear(signal);
      await ofCard.clear(signal);
    },
  };
}
