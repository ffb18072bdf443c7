/** What the kernel tells on a netlink socket of one namespace, with the moment it arrived here. */
import { DatagramChannel, inNetns, type Netns, openNetlink } from "../src/native/index.js";
import { decodeEvents } from "../src/netlink/events.js";
import type { KernelEvent } from "../src/network/kernel.js";
import { monotonicMs } from "./clock.js";

/** RTNLGRP_LINK and RTNLGRP_IPV4_ROUTE. @see linux/rtnetlink.h */
const groups = { link: 1, route4: 7 } as const;

interface Waiter {
  accepts(event: KernelEvent): boolean;
  heard(atMs: number): void;
}

export class KernelEar {
  readonly #channel: DatagramChannel;
  readonly #waiters = new Set<Waiter>();

  /** One group only, so that nothing else has to be read before the message that counts. */
  constructor(group: keyof typeof groups, netns?: Netns) {
    const open = () => openNetlink({ protocol: 0, groups: [groups[group]], receiveBufferBytes: 1 << 20 });
    const { fd } = netns === undefined ? open() : inNetns(netns, open);
    this.#channel = new DatagramChannel(
      fd,
      { maxMessageBytes: 32_768, maxMessages: 8 },
      {
        onDatagrams: (datagrams) => {
          const atMs = monotonicMs();
          for (const { data } of datagrams) for (const event of decodeEvents(data)) this.#take(event, atMs);
        },
        onTrouble: () => undefined, // messages lost: the wait for them ends at its deadline
        onEnd: () => undefined,
      },
    );
  }

  /** Resolves with the moment (`monotonicMs`) of the first such message from now on. */
  first(accepts: (event: KernelEvent) => boolean): Promise<number> {
    return new Promise((resolve) => {
      const waiter: Waiter = {
        accepts,
        heard: (atMs) => {
          this.#waiters.delete(waiter);
          resolve(atMs);
        },
      };
      this.#waiters.add(waiter);
    });
  }

  /** The same for the interface without carrier. */
  carrierLost(ifindex: number): Promise<number> {
    return this.first((event) => event.type === "link" && event.link.ifindex === ifindex && !event.link.carrier);
  }

  /** The same for IPv4's default route of a table that leaves by this interface. */
  defaultBy(table: number, ifindex: number): Promise<number> {
    return this.first(
      (event) =>
        event.type === "route" &&
        event.change === "new" &&
        event.route.family === 4 &&
        event.route.destination === "default" &&
        event.route.table === table &&
        event.route.ifindex === ifindex,
    );
  }

  close(): void {
    this.#channel.close();
  }

  #take(event: KernelEvent, atMs: number): void {
    for (const waiter of [...this.#waiters]) if (waiter.accepts(event)) waiter.heard(atMs);
  }
}
