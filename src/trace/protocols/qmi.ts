/** QMI messages in a trace. */

import { readField } from "../../codec/sized.js";
import { decodeTlvs, elementsOf, type Tlv, type Tlvs } from "../../codec/tlv.js";
import { decodeFrame, type QmiMessage } from "../../qmi/frame.js";
import { fieldsOf, messageText, resultOf } from "../../qmi/frame-log.js";
import { readTransparent } from "../../qmi/services/uim.js";
import { services } from "../../qmi/services.js";
import { type Covering, coverText, Reading } from "../cover.js";

/** Beside every response: not in the rows of the tables. */
const resultType = 0x02;

/** What these carry is private whatever the tables say: messages, calls, phone books, positions, commands to the card. */
const privateServices: ReadonlySet<number> = new Set([
  ...[services.wms, services.voice, services.pbm, services.loc, services.at, services.cat, services.cat2],
  services.auth,
]);
/** UIM: LOGICAL_CHANNEL, SEND_APDU. */
const privateCardMessages: ReadonlySet<number> = new Set([0x003b, 0x003f, 0x0042]);

function isPrivate({ service, id }: QmiMessage): boolean {
  return privateServices.has(service) || (service === services.uim && privateCardMessages.has(id));
}

/** The message and its TLVs as a view of the frame. */
function opened(frame: Buffer): { readonly message: QmiMessage; readonly tlvs: Buffer; readonly fields: Tlvs } {
  const message = decodeFrame(frame);
  const tlvs = frame.subarray(frame.length - message.tlvs.length);
  const error = message.kind === "response" ? (resultOf(message) ?? 0) : 0;
  return { message, tlvs, fields: isPrivate(message) ? {} : (fieldsOf(message, error) ?? {}) };
}

/** Calls `each` for the TLVs that may not stay as they are; the others (results) are nobody's secret. */
function walk(frame: Buffer, each: (value: Buffer, field: Tlv<unknown> | undefined, name: string) => void): void {
  const { message, tlvs, fields } = opened(frame);
  const byType = new Map(Object.entries(fields).map(([name, field]) => [field.type, { name, field }]));
  for (const { type, value } of elementsOf(tlvs)) {
    if (message.kind === "response" && type === resultType) continue;
    const row = byType.get(type);
    each(value, row?.field, row?.name ?? "");
  }
}

/** Undefined when it cannot be read, and nothing of it can be trusted to be harmless. */
function readingOf({ value }: Tlv<unknown>, bytes: Buffer, name: string): Reading | undefined {
  const reading = new Reading();
  try {
    readField(value, bytes, name, reading);
    return reading;
  } catch {
    return undefined;
  }
}

const coverSecrets = (frame: Buffer): void =>
  walk(frame, (value, field, name) => {
    if (field !== undefined && field.value.hides !== "secret") return;
    const reading = field && readingOf(field, value, name);
    if (reading === undefined) value.fill(0);
    else for (const secret of reading.secrets) coverText(secret);
  });

function openIdentities(frame: Buffer): readonly Buffer[] {
  const found: Buffer[] = [];
  walk(frame, (value, field, name) => {
    const reading = field && readingOf(field, value, name);
    if (reading === undefined) value.fill(0);
    else {
      reading.blankUnread(value);
      found.push(...reading.identities);
    }
  });
  return found;
}

/** A frame whose TLVs do not end where they should tells nothing: all of them are zeroed. */
const wary = <T>(frame: Buffer, run: () => T, otherwise: T): T => {
  try {
    return run();
  } catch {
    frame.subarray(headerBytes).fill(0);
    return otherwise;
  }
};
/** QMUX and the shortest SDU header: what is in front of any TLV. */
const headerBytes = 12;

export const coverQmiSecrets = (frame: Buffer): void => wary(frame, () => coverSecrets(frame), undefined);
const openQmiIdentities = (frame: Buffer): readonly Buffer[] =>
  wary<readonly Buffer[]>(frame, () => openIdentities(frame), []);

/** Files of the card that name nobody: service provider, administrative data, networks. @see 3GPP TS 31.102 4.2 */
const harmlessFiles: ReadonlySet<number> = new Set([0x6f46, 0x6fad, 0x6f7b, 0x6fc5, 0x6fc6, 0x6f60, 0x6f61, 0x6f62]);

/** An answer to READ_TRANSPARENT says what, but not of which file: that stands in the request. */
export class QmiCovering implements Covering {
  readonly #files = new Map<string, number>();

  coverSecrets(frame: Buffer): void {
    coverQmiSecrets(frame);
  }

  openIdentities(frame: Buffer): readonly Buffer[] {
    const file = this.#fileOf(frame);
    const found = openQmiIdentities(frame);
    return file !== undefined && harmlessFiles.has(file) ? [] : found;
  }

  #fileOf(frame: Buffer): number | undefined {
    try {
      const { kind, service, client, transaction, id, tlvs } = decodeFrame(frame);
      if (service !== services.uim || id !== readTransparent.id) return undefined;
      const key = `${client}/${transaction}`;
      if (kind === "request") this.#files.set(key, decodeTlvs(readTransparent.request, tlvs).file.id);
      return kind === "response" ? this.#files.get(key) : undefined;
    } catch {
      return undefined;
    }
  }
}

export const qmiText = (frame: Buffer): string => messageText(decodeFrame(frame));
