/** The service centre: what comes back of a message that the modem sends. */

import { septetsOfText } from "../../sms/alphabet.js";
import type { Alphabet } from "../../sms/coding.js";
import { encodeDeliver, encodeStatusReport, type Submit, type SubmitRequest } from "../../sms/pdu.js";
import { splitText } from "../../sms/split.js";
import type { Subscriber } from "./sim.js";

/** The network's clock is at UTC. */
const at = (atMs: number) => ({ atMs, offsetMinutes: 0 });

const statusDelivered = 0;

/** Digits as they are dialled, without prefix. */
const digits = (number: string): string => number.replace(/\D/g, "");

/** To the subscriber's own number it comes back as a message; a report comes where one was asked for. */
export function answersTo(
  message: Submit,
  { msisdns }: Subscriber,
  serviceCentre: string,
  atMs: number,
): readonly Buffer[] {
  const { recipient, reference, wantsReport, header } = message;
  const [own] = msisdns.filter((number) => digits(number) === digits(recipient));
  const sentAt = at(atMs);
  const report = { reference, recipient, sentAt, settledAt: sentAt, status: statusDelivered };
  return [
    ...(own === undefined
      ? []
      : [encodeDeliver({ serviceCentre, sender: own, header, written: writtenOf(message), sentAt })]),
    ...(wantsReport ? [encodeStatusReport(report, serviceCentre)] : []),
  ];
}

function writtenOf({ coding, header, text, octets }: Submit): SubmitRequest["written"] {
  const alphabet: Alphabet = coding.alphabet;
  if (alphabet !== "gsm7") return { is: alphabet, octets };
  return { is: "septets", septets: Uint8Array.from(septetsOfText(text, header)?.flat() ?? []) };
}

export interface NetworkMessage {
  readonly sender: string;
  readonly text: string;
  readonly messageClass?: 0 | 1 | 2 | 3;
}

/** A message of somebody else's, in as many parts as it takes. @throws RangeError for a sender that is none, a text too long */
export function messageParts(
  { sender, text, messageClass }: NetworkMessage,
  reference: number,
  serviceCentre: string,
  atMs: number,
): readonly Buffer[] {
  const kind = messageClass === undefined ? {} : { messageClass };
  return splitText(text, reference).map((part) =>
    encodeDeliver({ serviceCentre, sender, sentAt: at(atMs), ...part, ...kind }),
  );
}
