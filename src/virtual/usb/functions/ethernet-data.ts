/** A network function that speaks ethernet to its host: frames on one side, the modem's packets on the other. */
import { ipv4Bytes } from "../../../codec/address.js";
import { hasIpv4 } from "../../model/session.js";
import type { PlugContext } from "../../plug.js";
import type { DhcpLease } from "../ethernet/dhcp.js";
import { EthernetEdge } from "../ethernet/edge.js";

/** Modems hand out short leases: the network may give another address at any time. */
const leaseS = 3600;
const prefixLength = 24;

export interface EthernetDataOptions {
  /** The modem's own address, not the one that the host is told to use. */
  readonly mac: Buffer;
  /** Gives header and packet as one frame to the host. False: it is lost. */
  send(header: Buffer, packet: Buffer): boolean;
}

export class EthernetData {
  readonly #edge: EthernetEdge;

  constructor(
    private readonly context: PlugContext,
    private readonly options: EthernetDataOptions,
  ) {
    this.#edge = new EthernetEdge({
      mac: options.mac,
      lease: () => this.#lease(),
      dhcp: () => context.dhcp(),
      packet: (packet) => context.relay.fromHost([packet]),
      reply: (header, packet) => void options.send(header, packet),
    });
  }

  /** One frame. */
  fromHost(frame: Buffer): void {
    this.#edge.fromHost(frame);
  }

  /** One packet for the host. */
  toHost(packet: Buffer): boolean {
    return this.options.send(this.#edge.headerFor(packet), packet);
  }

  forget(): void {
    this.#edge.forget();
  }

  #lease(): DhcpLease | undefined {
    const { machine, profile } = this.context;
    const session = machine.state.sessions.find((it) => it.is === "active" && hasIpv4(it.pdn));
    if (session?.is !== "active") return undefined;
    const router = ipv4Bytes(profile.pool.ipv4Router).readUInt32BE();
    const address = ipv4Bytes(session.lease.ipv4).readUInt32BE();
    return { address, router, resolver: router, prefixLength, mtu: profile.pool.mtu, leaseS };
  }
}

/** What the modem calls itself beside the address that it gives to its host: the last bit differs. */
export function modemMacBeside(hostMac: Buffer): Buffer {
  const mac = Buffer.from(hostMac);
  mac.writeUInt8(mac.readUInt8(5) ^ 1, 5);
  return mac;
}
