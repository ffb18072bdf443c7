/** The card's list of networks that refused it, by way of a logical channel: MBIM has no CID for it. */
import type { CardChannelsPort, ForbiddenNetworksPort } from "../../modem/card-ports.js";
import { ModemError } from "../../runtime/error.js";
import { plmnsOf } from "../plmn.js";

/** What every USIM's name begins with; a card selects by it the first that it has. @see ETSI TS 101 220 annex E */
const usim = Buffer.from("a0000000871002", "hex");
/** EF_FPLMN. @see 3GPP TS 31.102 4.2.16 */
const forbiddenFile = Buffer.from("6f7b", "hex");

/** @see ETSI TS 102 221 11.1.1, 11.1.3, 11.1.4 */
const select = (file: Buffer): Buffer => Buffer.concat([Buffer.from([0x00, 0xa4, 0x00, 0x04, file.length]), file]);
/** All of the file. */
const readBinary = Buffer.from([0x00, 0xb0, 0x00, 0x00, 0x00]);
const updateBinary = (content: Buffer): Buffer =>
  Buffer.concat([Buffer.from([0x00, 0xd6, 0x00, 0x00, content.length]), content]);

/** The answer without its status words. @throws ModemError `refused` unless they say that all went well */
function dataOf(answer: Buffer, what: string): Buffer {
  const words = answer.subarray(-2).toString("hex");
  if (!/^(9000|91..|61..)$/.test(words)) throw new ModemError("refused", `${what}: the card answers ${words || "nothing"}`);
  return answer.subarray(0, -2);
}

export function forbiddenNetworksPort(channels: CardChannelsPort): ForbiddenNetworksPort {
  /** Runs `use` on a channel of its own with the file selected. */
  const withFile = async <T>(signal: AbortSignal, use: (ask: (apdu: Buffer, what: string) => Promise<Buffer>) => Promise<T>) => {
    const { channel } = await channels.open(usim, signal);
    try {
      const ask = async (apdu: Buffer, what: string) => dataOf(await channels.transmit(channel, apdu, signal), what);
      await ask(select(forbiddenFile), "EF_FPLMN");
      return await use(ask);
    } finally {
      await channels.close(channel, signal);
    }
  };
  return {
    read: (signal) => withFile(signal, async (ask) => plmnsOf(await ask(readBinary, "READ BINARY"))),
    clear: (signal) =>
      withFile(signal, async (ask) => {
        const { length } = await ask(readBinary, "READ BINARY");
        await ask(updateBinary(Buffer.alloc(length, 0xff)), "UPDATE BINARY");
      }),
  };
}
