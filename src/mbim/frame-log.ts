/** One line per message for the debug log. Secrets never, identities in part. */
import { coverStruct, decodeStruct, encodeStruct, type Fields, showStruct } from "../codec/struct.js";
import { type MbimMessage, protocolErrorName } from "./frame.js";
import { commandName, findCommand } from "./services/all.js";
import { statusName } from "./status.js";

/** The declared structure of a message's InformationBuffer; undefined where the tables have none. */
export function fieldsOf(message: MbimMessage): Fields | undefined {
  if (!("service" in message)) return undefined;
  const command = findCommand(message.service, message.cid);
  if (message.type === "command") return command?.[message.action];
  return message.type === "commandDone" ? command?.response : command?.notify;
}

function payloadText(message: MbimMessage): string {
  if (!("payload" in message) || message.payload.length === 0) return "";
  const fields = fieldsOf(message);
  if (fields === undefined) return ` (${message.payload.length} bytes)`;
  try {
    return ` ${showStruct(fields, decodeStruct(fields, message.payload))}`;
  } catch (error) {
    return ` (not readable: ${error instanceof RangeError ? error.message : String(error)})`;
  }
}

/** `#5 CONNECT set sessionId=0 command=activate ... password=***` */
export function messageText(message: MbimMessage): string {
  const id = `#${message.transaction}`;
  switch (message.type) {
    case "open":
      return `${id} OPEN maxControlTransfer=${message.maxControlTransfer}`;
    case "close":
      return `${id} CLOSE`;
    case "openDone":
    case "closeDone":
      return `${id} ${message.type === "openDone" ? "OPEN" : "CLOSE"} done ${statusName(message.status)}`;
    case "hostError":
    case "functionError":
      return `${id} ${message.type} ${protocolErrorName(message.error)}`;
    case "command":
      return `${id} ${commandName(message.service, message.cid)} ${message.action}${payloadText(message)}`;
    case "commandDone":
      return `${id} ${commandName(message.service, message.cid)} done ${statusName(message.status)}${payloadText(message)}`;
    case "indicateStatus":
      return `${id} ${commandName(message.service, message.cid)} indication${payloadText(message)}`;
  }
}

/**
 * The InformationBuffer as hex. Where its structure holds secrets or identities they are covered by stars in place;
 * where such a one cannot be read, nothing of it is shown.
 */
export function payloadHex(message: MbimMessage): string {
  if (!("payload" in message)) return "";
  const fields = fieldsOf(message);
  if (fields === undefined)
    return findCommand(message.service, message.cid) ? "withheld" : message.payload.toString("hex");
  try {
    const covered = coverStruct(fields, decodeStruct(fields, message.payload));
    return (covered === undefined ? message.payload : encodeStruct(fields, covered)).toString("hex");
  } catch {
    return "withheld";
  }
}
