/** Networks that the card prefers: its user's list, then its operator's. */
import type { PreferredNetworksPort } from "../../modem/card-ports.js";
import type { Plmn } from "../../modem/types.js";
import type { ResponseOf } from "../../qmi/message.js";
import type { QmiService } from "../../qmi/service.js";
import { getPreferredNetworks } from "../../qmi/services/nas-selection.js";
import { plmnOfNumbers } from "../plmn.js";

type Told = ResponseOf<typeof getPreferredNetworks>;

const plmnsOf = (list: Told["preferred"] = [], digits: Told["preferredDigits"] = []): readonly Plmn[] =>
  list.map(({ mcc, mnc }) => {
    const told = digits.find((one) => one.mcc === mcc && one.mnc === mnc)?.hasThreeDigits;
    return plmnOfNumbers(mcc, mnc, told ?? mnc > 99);
  });

export const preferredNetworksPort = (network: QmiService): PreferredNetworksPort => ({
  read: async (signal) => {
    const told = await network.ask(getPreferredNetworks, {}, signal);
    return [
      ...plmnsOf(told.preferred, told.preferredDigits),
      ...plmnsOf(told.operatorPreferred, told.operatorPreferredDigits),
    ];
  },
});
