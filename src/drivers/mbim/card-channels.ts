/** Logical channels to the card. @see learn.microsoft.com, "MB low level UICC access" */
import type { MbimClient } from "../../mbim/client.js";
import { uiccApdu, uiccCloseChannel, uiccOpenChannel } from "../../mbim/services/ms-uicc-low-level-access.js";
import { status as statusOf } from "../../mbim/status.js";
import type { CardChannelsPort } from "../../modem/card-ports.js";
import { ModemError } from "../../runtime/error.js";

/** Ours among the groups of all hosts of this function: whoever else asks through mbim-proxy has another one. */
const channelGroup = 0x7777;

/** SW1 stands in the lowest byte. */
const statusWords = (status: number): Buffer => Buffer.from([status & 0xff, (status >>> 8) & 0xff]);

/** Some functions write the channel into the class byte, others leave it as it is: the same either way. @see ETSI TS 102 221 10.1.1 */
function onChannel(channel: number, apdu: Buffer): Buffer {
  const [cla = 0] = apdu;
  const first = channel < 4 ? (cla & 0xbc) | channel : (cla & 0xb0) | 0x40 | (channel - 4);
  return Buffer.concat([Buffer.from([first]), apdu.subarray(1)]);
}

/** Class, instruction, two parameters. */
const shortestApdu = 4;

export const cardChannelsPort = (client: MbimClient): CardChannelsPort => ({
  open: async (aid, signal) => {
    const request = { appId: aid, selectP2: 0, channelGroup };
    const { channel, status, response } = await client.set(uiccOpenChannel, request, signal);
    return { channel, selected: Buffer.concat([response, statusWords(status)]) };
  },
  transmit: async (channel, apdu, signal) => {
    if (apdu.length < shortestApdu) throw new ModemError("invalid", `${apdu.length} bytes are no APDU`);
    const [cla = 0] = apdu;
    const classByteType = (cla & 0x80) === 0 ? "interIndustry" : "extended";
    const request = { channel, secureMessaging: "none", classByteType, command: onChannel(channel, apdu) } as const;
    const { status, response } = await client.set(uiccApdu, request, signal);
    return Buffer.concat([response, statusWords(status)]);
  },
  close: async (channel, signal) => {
    const { status } = await client.trySet(uiccCloseChannel, { channel, channelGroup }, signal);
    const isClosed = status === statusOf.success || status === statusOf.msInvalidLogicalChannel;
    if (!isClosed) throw new ModemError("refused", `channel ${channel} was not closed`);
  },
});
