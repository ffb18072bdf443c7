/** Whose card it is, and what it prefers. @see MBIM 1.0 10.5.6, 10.5.7 */
import type { MbimClient } from "../../mbim/client.js";
import { homeProvider, preferredProviders } from "../../mbim/services/basic-connect.js";
import type { HomeNetworkPort, PreferredNetworksPort } from "../../modem/card-ports.js";
import type { Plmn } from "../../modem/types.js";
import { ModemError } from "../../runtime/error.js";

const plmnOf = (providerId: string): Plmn | undefined =>
  /^[0-9]{5,6}$/.test(providerId) ? { mcc: providerId.slice(0, 3), mnc: providerId.slice(3) } : undefined;

export const homeNetworkPort = (client: MbimClient): HomeNetworkPort => ({
  read: async (signal) => {
    const { providerId, providerName } = await client.query(homeProvider, {}, signal);
    const plmn = plmnOf(providerId);
    if (plmn === undefined) throw new ModemError("protocol", `HOME_PROVIDER: ${providerId || "nothing"} is no network`);
    return { ...plmn, ...(providerName === "" ? {} : { name: providerName }) };
  },
});

export const preferredNetworksPort = (client: MbimClient): PreferredNetworksPort => ({
  read: async (signal) => {
    const { providers } = await client.query(preferredProviders, {}, signal);
    return providers.flatMap(({ providerId }) => plmnOf(providerId) ?? []);
  },
});
