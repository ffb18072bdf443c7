/** Messages of both directions; a text that was read is sent and read again as the same. */

import { readingOf } from "../../../src/modem/sms/read.js";
import { decodeReceived, decodeSubmit, encodeDeliver } from "../../../src/sms/pdu.js";
import { splitText } from "../../../src/sms/split.js";
import { ignoring } from "../ignoring.js";

export function fuzz(data: Buffer): void {
  ignoring(RangeError, () => decodeSubmit(data));
  readingOf(data, 0);
  const message = ignoring(RangeError, () => decodeReceived(data));
  if (message?.is !== "deliver") return;
  const { serviceCentre, sender, sentAt, text } = message;
  const pdus = ignoring(RangeError, () =>
    splitText(text, 1).map((part) => encodeDeliver({ serviceCentre, sender, sentAt, ...part })),
  );
  const again = (pdus ?? []).map((pdu) => decodeReceived(pdu)).map((one) => (one.is === "deliver" ? one.text : ""));
  if (pdus !== undefined && again.join("") !== text) throw new Error("another text than it was");
}
