/** Lists of networks in files of the card's USIM. @see 3GPP TS 31.102 4.2.5, 4.2.16, 4.2.54 */
import { type CardAnswer, fileContent, fileParameters, isDone, sizeIn, writtenFile } from "../../at/replies/crsm.js";
import type { ForbiddenNetworksPort, PreferredNetworksPort } from "../../modem/card-ports.js";
import { ModemError } from "../../runtime/error.js";
import { plmnsOf } from "../plmn.js";
import type { Chat } from "./chat.js";

const files = {
  /** What its user prefers, with the technologies of each. */
  userPreferred: 0x6f60,
  operatorPreferred: 0x6f61,
  forbidden: 0x6f7b,
} as const;

/** A PLMN, and two octets of technologies. */
const preferredOctets = 5;
/** As much as one command reads. */
const mostOctets = 255;

/** Status words of a card that has no such file. @see ETSI TS 102 221 10.2.1.5 */
const notFound: readonly number[] = [0x6a82, 0x9404];
const needsPin = 0x6982;

function contentOf(answer: CardAnswer): Buffer {
  if (isDone(answer)) return answer.data;
  const words = answer.status.toString(16).toUpperCase();
  throw new ModemError(answer.status === needsPin ? "notReady" : "refused", `the card answered ${words}`);
}

/** Empty: the card has no such file. */
async function readFile(chat: Chat, file: number, signal: AbortSignal): Promise<Buffer> {
  const parameters = await chat.ask(fileParameters(file), signal);
  if (notFound.includes(parameters.status)) return Buffer.alloc(0);
  const size = sizeIn(contentOf(parameters));
  if (size === undefined) throw new ModemError("protocol", "the card does not tell how long its file is");
  const parts: Buffer[] = [];
  for (let offset = 0; offset < size; offset += mostOctets) {
    const length = Math.min(mostOctets, size - offset);
    parts.push(contentOf(await chat.ask(fileContent(file, offset, length), signal)));
  }
  return Buffer.concat(parts);
}

export const forbiddenNetworksPort = (chat: Chat): ForbiddenNetworksPort => ({
  read: async (signal) => plmnsOf(await readFile(chat, files.forbidden, signal)),
  clear: async (signal) => {
    const { length } = await readFile(chat, files.forbidden, signal);
    if (length > 0) contentOf(await chat.ask(writtenFile(files.forbidden, Buffer.alloc(length, 0xff)), signal));
  },
});

/** The files themselves: +CPOL would have its list chosen, and keeps to that. */
export const preferredNetworksPort = (chat: Chat): PreferredNetworksPort => ({
  read: async (signal) => {
    const user = await readFile(chat, files.userPreferred, signal);
    const operator = await readFile(chat, files.operatorPreferred, signal);
    return [...plmnsOf(user, preferredOctets), ...plmnsOf(operator, preferredOctets)];
  },
});
