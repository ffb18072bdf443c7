/** What a received TPDU is to clients. Pure. */
import { createHash } from "node:crypto";
import { type Deliver, decodeReceived, type StatusReport, serviceCentreLength } from "../../sms/pdu.js";
import type { Fragment } from "../../sms/reassembly.js";

export type Reading =
  | { readonly is: "text"; readonly message: Deliver }
  | { readonly is: "fragment"; readonly fragment: Fragment }
  | { readonly is: "report"; readonly report: StatusReport }
  /** Nothing that a client is told. */
  | { readonly is: "silent"; readonly because: string }
  | { readonly is: "unreadable"; readonly because: string };

/** To be acknowledged and forgotten. @see 3GPP TS 23.040 9.2.3.9 */
const silentProtocol = 0x40;

function silentBecause({ protocol, coding, header }: Deliver): string | undefined {
  if (protocol === silentProtocol) return "it is of type 0";
  if (coding.isIndication) return "it only says that something waits elsewhere";
  if (header.port !== undefined) return `it is for a program at port ${header.port}`;
  if (coding.alphabet === "octets" || coding.isCompressed) return "it is no text";
  return undefined;
}

export function readingOf(pdu: Buffer, nowMs: number): Reading {
  let message: Deliver | StatusReport;
  try {
    message = decodeReceived(pdu);
  } catch (error) {
    if (error instanceof RangeError) return { is: "unreadable", because: error.message };
    throw error;
  }
  if (message.is === "statusReport") return { is: "report", report: message };
  const because = silentBecause(message);
  if (because !== undefined) return { is: "silent", because };
  const { concatenation: part } = message.header;
  if (part === undefined || part.total === 1) return { is: "text", message };
  return { is: "fragment", fragment: { pdu, message, part, receivedAtMs: nowMs } };
}

/** The same message by another service centre is the same; one more of the same text has another time. */
export function digestOf(pdu: Buffer): string {
  const tpdu = pdu.length === 0 ? pdu : pdu.subarray(serviceCentreLength(pdu));
  return createHash("sha256").update(tpdu).digest("hex").slice(0, 32);
}

/** When it was sent; what cannot be read comes last. */
export function sentAtMs(pdu: Buffer): number {
  const reading = readingOf(pdu, 0);
  if (reading.is === "text") return reading.message.sentAt.atMs;
  return reading.is === "fragment" ? reading.fragment.message.sentAt.atMs : Number.MAX_SAFE_INTEGER;
}
