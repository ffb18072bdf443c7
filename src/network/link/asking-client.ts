/**
 * When the client that owns a bearer's addresses is ready for router advertisements. ConnMan asks for routers once it has
 * taken the bearer over; an address that the kernel made of an earlier advertisement would never count for it, and it would
 * wait for IPv6 for ever.
 */
import { DatagramChannel, openPacket } from "../../native/index.js";
import type { Clock } from "../../runtime/clock.js";

/** Calls `heard` for every router solicitation that leaves by the interface, until it is closed. */
export type HearSolicitations = (ifindex: number, heard: () => void) => { close(): void };

/** ETH_P_ALL: only sockets for every protocol are shown what leaves. */
const everyProtocol = 0x0003;
const outgoing = 4;
const ipv6HeaderBytes = 40;

/** @see RFC 4861 4.1; extension headers are nothing that anybody puts there. */
export const isRouterSolicitation = (packet: Uint8Array): boolean =>
  packet.length > ipv6HeaderBytes && (packet[0] ?? 0) >> 4 === 6 && packet[6] === 58 && packet[ipv6HeaderBytes] === 133;

/** On a socket of its own, which sees all traffic of the interface. @throws NativeError, EPERM without CAP_NET_RAW */
export const hearSolicitations: HearSolicitations = (ifindex, heard) => {
  const fd = openPacket({ ifindex, protocol: everyProtocol });
  return new DatagramChannel(
    fd,
    {},
    {
      onDatagrams: (datagrams) => {
        const isAsked = datagrams.some(
          ({ data, source }) =>
            source?.family === "packet" && source.packetType === outgoing && isRouterSolicitation(data),
        );
        if (isAsked) heard();
      },
      // The interface went away, or down: then nobody asks any more.
      onEnd: () => undefined,
    },
  );
};

/** A client that has not asked by then does not mean to. */
const patienceMs = 2_000;

export class AskingClient {
  readonly #stopTimer: () => void;
  #watch: { close(): void } | undefined;

  /**
   * Calls `ready` once: when the client asks, at the latest when it has had the time to. `deaf`: it cannot be heard, so the
   * time alone decides.
   */
  constructor(
    clock: Clock,
    hear: HearSolicitations,
    ifindex: number,
    ready: () => void,
    deaf: (error: unknown) => void,
  ) {
    const done = () => {
      this.stop();
      ready();
    };
    this.#stopTimer = clock.after(patienceMs, done);
    try {
      this.#watch = hear(ifindex, done);
    } catch (error) {
      deaf(error);
    }
  }

  stop(): void {
    this.#stopTimer();
    this.#watch?.close();
    this.#watch = undefined;
  }
}
