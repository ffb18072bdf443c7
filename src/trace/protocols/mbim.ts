/** MBIM messages in a trace, each whole: fragments were put together before. */
import { decodeStruct, type Fields } from "../../codec/struct.js";
import { decodeMessage, type MbimMessage } from "../../mbim/frame.js";
import { fieldsOf, messageText } from "../../mbim/frame-log.js";
import { qmiService } from "../../mbim/services/qmi.js";
import { type Covering, coverWideText, hidesSecret, Reading } from "../cover.js";
import { coverQmiSecrets, QmiCovering } from "./qmi.js";

/** What these carry is private whatever the tables say: messages, USSD, phone books, the card's own commands. */
const privateServices: ReadonlySet<string> = new Set([
  "533fbeeb-14fe-4467-9f90-33a223e56c3f",
  "e550a0c8-5e82-479e-82f7-10abf4c3351f",
  "4bf38476-1e6a-41db-b1d8-bed289c25bdb",
  "d8f20131-fcb5-4e17-8602-d6ed3816164c",
  "1d2b5ff7-0aa1-48b2-aa52-50f15767174e",
  "c2f6588e-f037-4bc9-8665-f4d44bd09367",
]);

type Addressed = Extract<MbimMessage, { readonly payload: Buffer }>;

/** The InformationBuffer as a view of the message; undefined where there is none. */
function opened(message: Buffer): { readonly decoded: Addressed; readonly payload: Buffer } | undefined {
  const decoded = decodeMessage(message);
  if (!("payload" in decoded) || decoded.payload.length === 0) return undefined;
  return { decoded, payload: message.subarray(message.length - decoded.payload.length) };
}

const declared = (message: Addressed): Fields | undefined =>
  privateServices.has(message.service) ? undefined : fieldsOf(message);

function readingOf(fields: Fields, payload: Buffer): Reading | undefined {
  const reading = new Reading();
  try {
    decodeStruct(fields, payload, reading);
    return reading;
  } catch {
    return undefined;
  }
}

function coverSecrets(message: Buffer): void {
  const { decoded, payload } = opened(message) ?? {};
  if (decoded === undefined || payload === undefined) return;
  if (decoded.service === qmiService) {
    coverQmiSecrets(payload);
    return;
  }
  const fields = declared(decoded);
  if (fields !== undefined && !hidesSecret(fields)) return;
  const reading = fields && readingOf(fields, payload);
  if (reading === undefined) payload.fill(0);
  else for (const secret of reading.secrets) coverWideText(secret);
}

function openIdentities(message: Buffer, qmi: QmiCovering): readonly Buffer[] {
  const { decoded, payload } = opened(message) ?? {};
  if (decoded === undefined || payload === undefined) return [];
  if (decoded.service === qmiService) return qmi.openIdentities(payload);
  const fields = declared(decoded);
  const reading = fields && readingOf(fields, payload);
  if (reading === undefined) {
    payload.fill(0);
    return [];
  }
  reading.blankUnread(payload);
  return reading.identities;
}

/** A message that cannot be taken apart tells nothing but its header. */
const wary = <T>(message: Buffer, run: () => T, otherwise: T): T => {
  try {
    return run();
  } catch {
    message.subarray(headerBytes).fill(0);
    return otherwise;
  }
};
const headerBytes = 12;

export class MbimCovering implements Covering {
  readonly #qmi = new QmiCovering();

  coverSecrets(message: Buffer): void {
    wary(message, () => coverSecrets(message), undefined);
  }

  openIdentities(message: Buffer): readonly Buffer[] {
    return wary<readonly Buffer[]>(message, () => openIdentities(message, this.#qmi), []);
  }
}

export const mbimText = (message: Buffer): string => messageText(decodeMessage(message));
