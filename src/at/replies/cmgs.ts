/** +CMGS: a message for the network. @see 3GPP TS 27.005 4.3 */
import { type AtQuery, lines as answerLines } from "../command.js";
import { parameters } from "../parameters.js";

/** Longer than a network takes, shorter than the domain waits. */
const sendMs = 60_000;
const endOfMessage = "\x1a";

/**
 * The reference by which a report comes; undefined where the modem does not tell it.
 * @param pdu with the service centre's address in front
 * @param tpduOctets without that
 */
export const sendMessage = (pdu: Buffer, tpduOctets: number): AtQuery<number | undefined> => ({
  text: `AT+CMGS=${tpduOctets}`,
  payload: Buffer.from(`${pdu.toString("hex").toUpperCase()}${endOfMessage}`),
  answer: answerLines("+CMGS:"),
  timeoutMs: sendMs,
  // It is sent: whatever stands there, this is no failure.
  read: ([line = ""]) => {
    const [reference = ""] = parameters(line);
    return /^[0-9]{1,3}$/.test(reference) ? Number(reference) : undefined;
  },
});
