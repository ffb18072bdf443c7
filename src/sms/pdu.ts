/**
 * TPDUs with the service centre's address in front, as modems take and give them. Any bytes give a message or a RangeError
 * that says where. @see 3GPP TS 23.040 9.2.2
 */
import { readAddress, readServiceCentre, writeAddress, writeServiceCentre } from "./address.js";
import { type Coding, codingOctet, codingOf } from "./coding.js";
import { type Header, headerOctets } from "./header.js";
import { OctetReader } from "./reader.js";
import { type Timestamp, timestampOctets, timestampOf } from "./timestamp.js";
import { readUserData, type UserData, type Written, writeUserData } from "./user-data.js";
import { validityOctet } from "./validity.js";

export interface Deliver extends UserData {
  readonly is: "deliver";
  readonly serviceCentre: string;
  /** A number, or a name of up to eleven characters. */
  readonly sender: string;
  readonly protocol: number;
  readonly coding: Coding;
  readonly sentAt: Timestamp;
}

export interface StatusReport {
  readonly is: "statusReport";
  /** Of the message that it is about, as the modem gave it when that was sent. */
  readonly reference: number;
  readonly recipient: string;
  readonly sentAt: Timestamp;
  readonly settledAt: Timestamp;
  /** @see 3GPP TS 23.040 9.2.3.15 */
  readonly status: number;
}

export interface Submit extends UserData {
  readonly is: "submit";
  readonly serviceCentre: string;
  readonly reference: number;
  readonly recipient: string;
  readonly protocol: number;
  readonly coding: Coding;
  readonly wantsReport: boolean;
}

const types = { deliver: 0, submit: 1, statusReport: 2 } as const;
const flags = { noMoreToSend: 0x04, relativeValidity: 0x10, report: 0x20, header: 0x40 } as const;
const timestampLength = 7;

/** What the network sends to a mobile. @throws RangeError */
export function decodeReceived(pdu: Buffer): Deliver | StatusReport {
  const from = new OctetReader(pdu);
  const serviceCentre = readServiceCentre(from);
  const first = from.octet("message type");
  if ((first & 3) === types.statusReport) return readStatusReport(from);
  if ((first & 3) === types.submit) throw new RangeError("message type: nothing that is sent to a mobile");
  const sender = readAddress(from, "sender");
  const protocol = from.octet("protocol identifier");
  const coding = codingOf(from.octet("data coding"));
  const sentAt = timestampOf(from.take(timestampLength, "service centre time"));
  const data = readUserData(from, coding, (first & flags.header) !== 0);
  return { is: "deliver", serviceCentre, sender, protocol, coding, sentAt, ...data };
}

function readStatusReport(from: OctetReader): StatusReport {
  const reference = from.octet("message reference");
  const recipient = readAddress(from, "recipient");
  const sentAt = timestampOf(from.take(timestampLength, "service centre time"));
  const settledAt = timestampOf(from.take(timestampLength, "discharge time"));
  return { is: "statusReport", reference, recipient, sentAt, settledAt, status: from.octet("status") };
}

/** Octets of TP-VP by its format, in bits 3 and 4. */
const validityLengths = [0, 7, 1, 7] as const;

/** What a mobile sends, or has kept to send. @throws RangeError */
export function decodeSubmit(pdu: Buffer): Submit {
  const from = new OctetReader(pdu);
  const serviceCentre = readServiceCentre(from);
  const first = from.octet("message type");
  if ((first & 3) !== types.submit) throw new RangeError("message type: nothing that a mobile sends");
  const reference = from.octet("message reference");
  const recipient = readAddress(from, "recipient");
  const protocol = from.octet("protocol identifier");
  const coding = codingOf(from.octet("data coding"));
  from.take(validityLengths[(first >> 3) & 3] ?? 0, "validity");
  const data = readUserData(from, coding, (first & flags.header) !== 0);
  const wantsReport = (first & flags.report) !== 0;
  return { is: "submit", serviceCentre, reference, recipient, protocol, coding, wantsReport, ...data };
}

const codingFor = ({ is }: Written): Coding["alphabet"] => (is === "septets" ? "gsm7" : is);

export interface SubmitRequest {
  readonly recipient: string;
  readonly header: Header;
  readonly written: Written;
  readonly wantsReport: boolean;
  readonly messageClass?: Coding["messageClass"];
  /** How long the service centre shall try. Absent: as long as it likes. */
  readonly validityMinutes?: number;
}

/** The service centre is the card's, and the modem counts the message reference. @throws RangeError for what does not fit */
export function encodeSubmit(request: SubmitRequest): Buffer {
  const { recipient, header, written, wantsReport, messageClass, validityMinutes } = request;
  const first =
    types.submit |
    (validityMinutes === undefined ? 0 : flags.relativeValidity) |
    (wantsReport ? flags.report : 0) |
    (headerOctets(header).length > 0 ? flags.header : 0);
  const coding = codingOctet({ alphabet: codingFor(written), ...(messageClass === undefined ? {} : { messageClass }) });
  return Buffer.concat([
    writeServiceCentre(""),
    Buffer.from([first, 0]),
    writeAddress(recipient),
    Buffer.from([0, coding, ...(validityMinutes === undefined ? [] : [validityOctet(validityMinutes)])]),
    writeUserData(header, written),
  ]);
}

export interface DeliverRequest {
  readonly serviceCentre: string;
  readonly sender: string;
  readonly header: Header;
  readonly written: Written;
  readonly sentAt: Timestamp;
  readonly messageClass?: Coding["messageClass"];
}

/** As a network would send it. @throws RangeError for what does not fit */
export function encodeDeliver(request: DeliverRequest): Buffer {
  const { serviceCentre, sender, header, written, sentAt, messageClass } = request;
  const first = types.deliver | flags.noMoreToSend | (headerOctets(header).length > 0 ? flags.header : 0);
  const coding = codingOctet({ alphabet: codingFor(written), ...(messageClass === undefined ? {} : { messageClass }) });
  return Buffer.concat([
    writeServiceCentre(serviceCentre),
    Buffer.from([first]),
    writeAddress(sender),
    Buffer.from([0, coding]),
    timestampOctets(sentAt),
    writeUserData(header, written),
  ]);
}

/** As a network would send it. @throws RangeError */
export function encodeStatusReport(report: Omit<StatusReport, "is">, serviceCentre: string): Buffer {
  return Buffer.concat([
    writeServiceCentre(serviceCentre),
    Buffer.from([types.statusReport | flags.noMoreToSend, report.reference]),
    writeAddress(report.recipient),
    timestampOctets(report.sentAt),
    timestampOctets(report.settledAt),
    Buffer.from([report.status]),
  ]);
}

/** Octets in front of the TPDU itself: AT commands count without them. @throws RangeError for an empty one */
export const serviceCentreLength = (pdu: Buffer): number => 1 + pdu.readUInt8(0);
