/** Datagrams of the kernel: events never throw, refusals are NetlinkErrors. */
import { NetlinkError } from "../../../src/netlink/error.js";
import { decodeEvents } from "../../../src/netlink/events.js";
import { decodeDatagram, refusalOf } from "../../../src/netlink/message.js";
import { ignoring } from "../ignoring.js";

export function fuzz(data: Buffer): void {
  decodeEvents(data);
  for (const message of ignoring(NetlinkError, () => decodeDatagram(data)) ?? []) refusalOf(message, "a request");
}
