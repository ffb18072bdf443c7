/** The card's list of networks that refused it, by way of a logical channel: MBIM has no CID for it. */
import type { CardChannelsPort, ForbiddenNetworksPort } from "../../modem/card-ports.js";
import { ModemError } from "../../runtime/error.js";
import { plmnsOf } from "../plmn.js";

/** What every USIM's name begins with; a card selects by it the first that it has. @see ETSI TS 101 220 annex E */
const usim = Buffer.from("a0000000871002", "hex");
/** EF_FPLMN by its short identifier, all of it. @see 3GPP TS 31.102 4.2.16; ETSI TS 102 221 11.1.3, 11.1.4 */
const readFile = Buffer.from("00b08d0000", "hex");
const writeFile = (content: Buffer): Buffer =>
  Buffer.concat([Buffer.from("00d68d00", "hex"), Buffer.from([content.length]), content]);

/** The answer without its status words. @throws ModemError `refused` unless they say that all went well */
function dataOf(answer: Buffer, what: string): Buffer {
  const words = answer.subarray(-2).toString("hex");
  if (!/^(9000|91..|61..)$/.test(words))
    throw new ModemError("refused", `${what}: the card answers ${words || "nothing"}`);
  return answer.subarray(0, -2);
}

export function forbiddenNetworksPort(channels: CardChannelsPort): ForbiddenNetworksPort {
  type Ask = (apdu: Buffer, what: string) => Promise<Buffer>;
  /** On a channel of its own: nobody else's selection of files is disturbed. */
  const onChannel = async <T>(signal: AbortSignal, use: (ask: Ask) => Promise<T>): Promise<T> => {
    const { channel } = await channels.open(usim, signal);
    try {
      return await use(async (apdu, what) => dataOf(await channels.transmit(channel, apdu, signal), what));
    } finally {
      await channels.close(channel, signal);
    }
  };
  return {
    read: (signal) => onChannel(signal, async (ask) => plmnsOf(await ask(readFile, "READ BINARY"))),
    clear: (signal) =>
      onChannel(signal, async (ask) => {
        const { length } = await ask(readFile, "READ BINARY");
        await ask(writeFile(Buffer.alloc(length, 0xff)), "UPDATE BINARY");
      }),
  };
}
