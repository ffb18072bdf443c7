/** Netlink datagrams as lines. */
import { decodeEvents, rtm } from "../../netlink/events.js";
import {
  asBuffer,
  control,
  decodeDatagram,
  encodeMessage,
  type NetlinkMessage,
  refusalOf,
} from "../../netlink/message.js";
import { errorText } from "../../runtime/error.js";

const names = new Map<number, string>(Object.entries(rtm).map(([name, type]) => [type, name]));

/** The last three bytes say which device of its maker's it is. */
const maskedMac = (text: string): string =>
  text.replace(/\b((?:[0-9a-f]{2}:){3})(?:[0-9a-f]{2}:){2}[0-9a-f]{2}\b/gi, "$1**:**:**");

function valuesOf(message: NetlinkMessage): string {
  const datagram = encodeMessage(message.type, message.flags, message.seq, asBuffer(message.data));
  const [event] = decodeEvents(datagram);
  if (event === undefined || event.type === "resync") return `(${asBuffer(message.data).length} bytes)`;
  const { type: _type, change: _change, ...values } = event as typeof event & { readonly change: string };
  return JSON.stringify(Object.values(values)[0]);
}

function messageText(message: NetlinkMessage): string {
  if (message.type === control.error) {
    const refusal = refusalOf(message, "request");
    return `#${message.seq} ${refusal === undefined ? "done" : errorText(refusal)}`;
  }
  if (message.type === control.done) return `#${message.seq} end of list`;
  return `#${message.seq} ${names.get(message.type) ?? `type ${message.type}`} ${valuesOf(message)}`;
}

/** One line for each message of the datagram. */
export function netlinkText(datagram: Buffer): readonly string[] {
  try {
    return decodeDatagram(datagram).map((message) => maskedMac(messageText(message)));
  } catch (error) {
    return [errorText(error)];
  }
}
