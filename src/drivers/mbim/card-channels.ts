/** Logical channels to the card. @see learn.microsoft.com, "MB low level UICC access" */
import type { MbimClient } from "../../mbim/client.js";
import { uiccApdu, uiccCloseChannel, uiccOpenChannel } from "../../mbim/services/ms-uicc-low-level-access.js";
import { status as statusOf } from "../../mbim/status.js";
import type { CardChannelsPort } from "../../modem/card-ports.js";
import { ModemError } from "../../runtime/error.js";
import { onChannel } from "../apdu.js";

/** Ours among the groups of all hosts of this function: whoever else asks through mbim-proxy has another one. */
const channelGroup = 0x7777;

/** SW1 stands in the lowest byte. */
const statusWords = (status: number): Buffer => Buffer.from([status & 0xff, (status >>> 8) & 0xff]);

export const cardChannelsPort = (client: MbimClient): CardChannelsPort => ({
  open: async (aid, signal) => {
    const request = { appId: aid, selectP2: 0, channelGroup };
    const { channel, status, response } = await client.set(uiccOpenChannel, request, signal);
    return { channel, selected: Buffer.concat([response, statusWords(status)]) };
  },
  transmit: async (channel, apdu, signal) => {
    const command = onChannel(apdu, channel);
    const [cla = 0] = command;
    const classByteType = (cla & 0x80) === 0 ? "interIndustry" : "extended";
    const request = { channel, secureMessaging: "none", classByteType, command } as const;
    const { status, response } = await client.set(uiccApdu, request, signal);
    return Buffer.concat([response, statusWords(status)]);
  },
  close: async (channel, signal) => {
    const { status } = await client.trySet(uiccCloseChannel, { channel, channelGroup }, signal);
    const isClosed = status === statusOf.success || status === statusOf.msInvalidLogicalChannel;
    if (!isClosed) throw new ModemError("refused", `channel ${channel} was not closed`);
  },
});
