/** +CCHO, +CGLA, +CCHC: logical channels to the card. @see 3GPP TS 27.007 8.43, 8.45, 8.46 */
import { type AtCommand, type AtQuery, lines as answerLines, bareOr } from "../command.js";
import { onlyLine, parameters, whole } from "../parameters.js";

/** An eUICC may think about a download for long. */
const cardMs = 19_000;

const hexadecimal = (octets: Buffer): string => octets.toString("hex").toUpperCase();

/** Whether the firmware has channels at all. */
export const knowsChannels: AtCommand = { text: "AT+CCHO=?", answer: bareOr("+CCHO:") };

/** The name of the session. Intel's and MediaTek's firmware says it without the command's name. */
export const openChannel = (aid: Buffer): AtQuery<number> => ({
  text: `AT+CCHO="${hexadecimal(aid)}"`,
  answer: bareOr("+CCHO:"),
  timeoutMs: cardMs,
  read: (lines) => whole(parameters(onlyLine(lines))[0]),
});

/** An answer of the card, status words included. */
function octetsOf(lines: readonly string[]): Buffer {
  const [length, data = ""] = parameters(onlyLine(lines));
  if (!/^([0-9A-F]{2}){2,}$/i.test(data) || whole(length) !== data.length)
    throw new RangeError("an answer that is none of a card's");
  return Buffer.from(data, "hex");
}

/** Its values may be a PIN's. */
const command = (name: string, before: string, apdu: Buffer): AtQuery<Buffer> => ({
  text: `AT${name}=${before}${2 * apdu.length},"${hexadecimal(apdu)}"`,
  answer: answerLines(`${name}:`),
  secret: true,
  timeoutMs: cardMs,
  read: octetsOf,
});

export const channelCommand = (session: number, apdu: Buffer): AtQuery<Buffer> => command("+CGLA", `${session},`, apdu);

/** Past the modem's own view of the card. @see 3GPP TS 27.007 8.17 */
export const rawCommand = (apdu: Buffer): AtQuery<Buffer> => command("+CSIM", "", apdu);

export const closeChannel = (session: number): AtCommand => ({
  text: `AT+CCHC=${session}`,
  answer: bareOr("+CCHC:"),
  timeoutMs: cardMs,
});
