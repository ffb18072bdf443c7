/** net.wwand.Card1 at /net/wwand/modem/NAME: slots, the card's list of forbidden networks, logical channels. */
import type { Modem } from "../../modem/api.js";
import type { SimSlot } from "../../modem/types.js";
import { masked } from "../../runtime/log.js";
import { bindStandard } from "../standard.js";
import { type Dict, Variant } from "../types.js";
import { type Answers, answering } from "./answers.js";
import type { WatchSender } from "./lockdown.js";
import { uint32 } from "./numbers.js";

export interface CardActor {
  readonly modem: Modem;
  readonly owners: ChannelOwners;
}

const common = ["NotAvailable", "NotImplemented"] as const;
const reading: Answers = { rules: common, modem: [...common, "Timedout", "AccessDenied"] };
const changing: Answers = { rules: common, modem: [...common, "Timedout", "InvalidFormat", "AccessDenied"] };
const using: Answers = { rules: [...common, "NotFound", "AccessDenied"], modem: changing.modem };

/** Watches every program that has opened a channel: what it leaves open is closed. */
export class ChannelOwners {
  readonly #watched = new Map<string, () => void>();

  constructor(
    private readonly modem: Modem,
    private readonly watchSender: WatchSender,
  ) {}

  watch(sender: string): void {
    if (this.#watched.has(sender)) return;
    const stop = this.watchSender(sender, () => {
      this.#watched.delete(sender);
      this.modem.control.closeCardChannelsOf(sender);
    });
    this.#watched.set(sender, stop);
  }

  stop(): void {
    for (const stop of this.#watched.values()) stop();
    this.#watched.clear();
  }
}

function slotOf({ number, active, card, iccid, isEuicc, eid }: SimSlot): Dict {
  return {
    number: new Variant("u", uint32(number)),
    active: new Variant("b", active),
    card: new Variant("s", card),
    ...(iccid === undefined ? {} : { iccid: new Variant("s", masked(iccid)) }),
    ...(isEuicc === undefined ? {} : { euicc: new Variant("b", isEuicc) }),
    ...(eid === undefined ? {} : { eid: new Variant("s", masked(eid)) }),
  };
}

export const cardInterface = bindStandard("net.wwand.Card1").to<undefined, CardActor>({
  properties: {},
  methods: {
    GetSlots: async ({ modem }) => (await answering(reading, () => modem.control.simSlots())).map(slotOf),
    ActivateSlot: async ({ modem }, [number]) => {
      await answering(changing, () => modem.control.activateSimSlot(number));
    },
    GetPreferredNetworks: async ({ modem }) =>
      (await answering(reading, () => modem.control.preferredNetworks())).map(({ mcc, mnc }) => mcc + mnc),
    GetForbiddenNetworks: async ({ modem }) =>
      (await answering(reading, () => modem.control.forbiddenNetworks())).map(({ mcc, mnc }) => mcc + mnc),
    ClearForbiddenNetworks: async ({ modem }) => {
      await answering(changing, () => modem.control.clearForbiddenNetworks());
    },
    OpenChannel: async ({ modem, owners }, [aid], { sender }) => {
      owners.watch(sender);
      const opened = await answering(using, () => modem.control.openCardChannel(sender, Buffer.from(aid)));
      return [opened.channel, opened.selected] as const;
    },
    Transmit: ({ modem }, [channel, apdu], { sender }) =>
      answering(using, () => modem.control.transmitToCard(sender, channel, Buffer.from(apdu))),
    CloseChannel: async ({ modem }, [channel], { sender }) => {
      await answering(using, () => modem.control.closeCardChannel(sender, channel));
    },
  },
});
