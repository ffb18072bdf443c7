/** +CMGL: messages that a memory keeps, as octets. @see 3GPP TS 27.005 4.1 */
import { type AtQuery, bareOr } from "../command.js";
import { parameters, whole } from "../parameters.js";

/** Received ones first. */
const statuses = ["new", "read", "unsent", "sent"] as const;

export interface KeptMessage {
  /** In its memory. */
  readonly index: number;
  readonly status: (typeof statuses)[number];
  /** With the service centre's address in front. */
  readonly pdu: Buffer;
}

/** Undefined for a line that is no octets. */
export const octetsIn = (line: string | undefined): Buffer | undefined =>
  line !== undefined && /^([0-9A-F]{2})+$/i.test(line) ? Buffer.from(line, "hex") : undefined;

/** @throws RangeError for a number that is no status */
export function statusNumbered(text: string | undefined): KeptMessage["status"] {
  const status = statuses[whole(text)];
  if (status === undefined) throw new RangeError("no status of a message");
  return status;
}

/** One that is kept without octets is left out: the others are read all the same. */
export const keptMessages: AtQuery<readonly KeptMessage[]> = {
  text: "AT+CMGL=4",
  answer: bareOr("+CMGL:"),
  // A card is slow, and may keep fifty.
  timeoutMs: 18_000,
  read: (lines) =>
    lines.flatMap((line, at) => {
      const pdu = octetsIn(lines[at + 1]);
      if (!/^\+CMGL:/i.test(line) || pdu === undefined) return [];
      const [index, status] = parameters(line);
      return [{ index: whole(index), status: statusNumbered(status), pdu }];
    }),
};
