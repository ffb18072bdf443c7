/** One line per message for the debug log. Secrets never, identities in part. */
import { showTlvs, type Tlvs } from "../codec/tlv.js";
import type { QmiMessage } from "./frame.js";
import { errorOf, qmiErrorName } from "./result.js";
import { findIndication, findMessage } from "./services/all.js";
import { serviceText } from "./services.js";

const hex = (id: number): string => `0x${id.toString(16).padStart(4, "0")}`;

/** `WDS START_NETWORK`, or `WDS 0x0049` where the tables have none. */
export function nameOf({ kind, service, id }: QmiMessage): string {
  const row = kind === "indication" ? findIndication(service, id) : findMessage(service, id);
  return `${serviceText(service)} ${row?.name ?? hex(id)}`;
}

/** What the tables declare for a message; undefined where they have none. `error`: of a response. */
export function fieldsOf({ kind, service, id }: QmiMessage, error: number): Tlvs | undefined {
  if (kind === "indication") return findIndication(service, id)?.indication;
  const message = findMessage(service, id);
  if (kind === "request") return message?.request;
  return error === 0 ? message?.response : (message?.failure ?? {});
}

/** What is not in the tables may be anything: only its size is shown. */
function tlvText(message: QmiMessage, error: number): string {
  const fields = fieldsOf(message, error);
  if (fields === undefined) return message.tlvs.length === 0 ? "" : ` (${message.tlvs.length} bytes)`;
  try {
    const text = showTlvs(fields, message.tlvs);
    return text === "" ? "" : ` ${text}`;
  } catch (error_) {
    return ` (not readable: ${error_ instanceof RangeError ? error_.message : String(error_)})`;
  }
}

/** `#5 WDS/3 START_NETWORK apn="internet" password=***` */
export function messageText(message: QmiMessage): string {
  const head = `#${message.transaction} ${nameOf(message).replace(" ", `/${message.client} `)}`;
  if (message.kind === "indication") return `${head} indication${tlvText(message, 0)}`;
  if (message.kind === "request") return `${head}${tlvText(message, 0)}`;
  const error = resultOf(message);
  const result = error === undefined ? "without result" : error === 0 ? "success" : qmiErrorName(error);
  return `${head} done ${result}${tlvText(message, error ?? 0)}`;
}

/** The error of a response, 0 for success; undefined where it has no readable result. */
export function resultOf({ tlvs }: QmiMessage): number | undefined {
  try {
    return errorOf(tlvs);
  } catch {
    return undefined;
  }
}
