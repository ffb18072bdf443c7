import type { KernelEvent } from "../network/kernel.js";
import { decodeAddress } from "./addresses.js";
import { decodeLink } from "./links.js";
import { asBuffer, control, decodeDatagram, type NetlinkMessage } from "./message.js";
import { decodeNeighbour } from "./neighbours.js";
import { decodeRoute } from "./routes.js";
import { decodeRule } from "./rules.js";

/** @see linux/rtnetlink.h RTM_* */
export const rtm = {
  newLink: 16,
  delLink: 17,
  getLink: 18,
  setLink: 19,
  newAddress: 20,
  delAddress: 21,
  getAddress: 22,
  newRoute: 24,
  delRoute: 25,
  getRoute: 26,
  newNeighbour: 28,
  delNeighbour: 29,
  getNeighbour: 30,
  newRule: 32,
  delRule: 33,
  getRule: 34,
} as const;

/** RTNLGRP_* of everything a KernelEvent tells: link, neigh, v4 and v6 addresses, routes and rules. */
export const eventGroups: readonly number[] = [1, 3, 5, 7, 8, 9, 11, 19];

type Decode = (data: Buffer) => KernelEvent | undefined;
const event =
  <T>(decode: (data: Buffer) => T | undefined, make: (value: T) => KernelEvent): Decode =>
  (data) => {
    const value = decode(data);
    return value === undefined ? undefined : make(value);
  };

const decoders = new Map<number, Decode>([
  [rtm.newLink, event(decodeLink, (link) => ({ type: "link", change: "new", link }))],
  [rtm.delLink, event(decodeLink, (link) => ({ type: "link", change: "del", link }))],
  [rtm.newAddress, event(decodeAddress, (address) => ({ type: "address", change: "new", address }))],
  [rtm.delAddress, event(decodeAddress, (address) => ({ type: "address", change: "del", address }))],
  [rtm.newRoute, event(decodeRoute, (route) => ({ type: "route", change: "new", route }))],
  [rtm.delRoute, event(decodeRoute, (route) => ({ type: "route", change: "del", route }))],
  [rtm.newNeighbour, event(decodeNeighbour, (neighbour) => ({ type: "neighbour", change: "new", neighbour }))],
  [rtm.delNeighbour, event(decodeNeighbour, (neighbour) => ({ type: "neighbour", change: "del", neighbour }))],
  [rtm.newRule, event(decodeRule, (rule) => ({ type: "rule", change: "new", rule }))],
  [rtm.delRule, event(decodeRule, (rule) => ({ type: "rule", change: "del", rule }))],
]);

/** The events of one datagram, in the kernel's order. What cannot be read becomes a `resync`: something happened. */
export function decodeEvents(datagram: Buffer): readonly KernelEvent[] {
  try {
    return decodeDatagram(datagram).flatMap((message) => eventOf(message) ?? []);
  } catch (error) {
    return [{ type: "resync", reason: `unreadable netlink datagram: ${String(error)}` }];
  }
}

function eventOf(message: NetlinkMessage): KernelEvent | undefined {
  if (message.type === control.overrun) return { type: "resync", reason: "netlink overrun" };
  return decoders.get(message.type)?.(asBuffer(message.data));
}
