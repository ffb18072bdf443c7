/** The modem's end of a PPP link: negotiates, asks who it is, hands the question to the network, then carries packets. */
import type { Clock } from "../../runtime/clock.js";
import {
  Challenge,
  chapCodes,
  type GivenCredentials,
  noCredentials,
  papCodes,
  papCredentials,
  papWords,
} from "./authentication.js";
import { type ControlPacket, codes, controlPacketOf, payloadOf, protocols } from "./control-packet.js";
import { Deframer, framed, type PppPacket } from "./hdlc.js";
import { Negotiation, type Rules } from "./negotiation.js";
import { type AskedAuth, type Ipv4Offer, ipv4Rules, ipv6Rules, LinkRules } from "./rules.js";

/** What the network gives. */
export interface Granted {
  readonly ipv4?: Ipv4Offer;
  /** 16 hex digits. */
  readonly ipv6InterfaceId?: string;
}

export interface PppHost {
  readonly clock: Clock;
  /** What is asked for. */
  readonly asks: AskedAuth;
  /** Whether the link ends where the host refuses it. */
  readonly insists: "yes" | "no";
  /** `auth`: wrong credentials are told as such. `ipcp`: they are all taken, and the link ends when the network says no. */
  readonly refuses: "auth" | "ipcp";
  send(bytes: Buffer): void;
  /** The network's answer, once; undefined: it refuses. */
  connect(credentials: GivenCredentials, answer: (granted: Granted | undefined) => void): void;
  packet(packet: Buffer): void;
  /** The link is over, the host told. */
  ended(): void;
}

/** Packets of network protocols kept while the network is asked; peers repeat what is lost. */
const mostEarly = 4;
const nothing = Buffer.alloc(0);

export class PppEnd {
  readonly #deframer = new Deframer();
  readonly #linkRules: LinkRules;
  readonly #link: Negotiation;
  #challenge: Challenge | undefined;
  #networks: ReadonlyMap<number, Negotiation> | undefined;
  /** IPCP and IPV6CP that came while the network was being asked. */
  #early: PppPacket[] = [];
  #isAsking = false;
  #isOver = false;

  constructor(private readonly host: PppHost) {
    this.#linkRules = new LinkRules(host.asks, host.insists === "yes");
    this.#link = this.#negotiation(protocols.lcp, this.#linkRules, () => this.#linkOpened());
    this.#link.open();
  }

  feed(bytes: Buffer): void {
    for (const packet of this.#deframer.feed(bytes)) if (!this.#isOver) this.#receive(packet);
  }

  /** False: the family is not agreed on. */
  toHost(packet: Buffer): boolean {
    const isIpv6 = (packet[0] ?? 0) >> 4 === 6;
    if (this.#networks?.get(isIpv6 ? protocols.ipv6cp : protocols.ipcp)?.isOpen !== true) return false;
    this.#send(isIpv6 ? protocols.ipv6 : protocols.ipv4, packet);
    return true;
  }

  /** The network ends the link. The line stays until the host has heard: one that drops at once hides why. */
  terminate(): void {
    if (this.#isOver) return;
    for (const network of this.#networks?.values() ?? []) network.stop();
    this.#networks = undefined;
    this.#link.terminate();
  }

  /** The line is gone. */
  drop(): void {
    this.#isOver = true;
    for (const one of [this.#link, ...(this.#networks?.values() ?? [])]) one.stop();
  }

  #receive(packet: PppPacket): void {
    const { protocol, payload } = packet;
    const control = controlPacketOf(payload);
    if (protocol === protocols.ipv4 || protocol === protocols.ipv6) this.host.packet(payload);
    else if (control === undefined) return;
    else if (protocol === protocols.lcp) this.#receiveLink(control);
    else if (protocol === protocols.pap) this.#receivePap(control);
    else if (protocol === protocols.chap) this.#receiveChap(control);
    else this.#receiveNetwork(packet, control);
  }

  #receiveNetwork(packet: PppPacket, control: ControlPacket): void {
    if (this.#networks === undefined) {
      if (this.#isAsking && this.#early.length < mostEarly) this.#early.push(packet);
      return;
    }
    const network = this.#networks.get(packet.protocol);
    if (network !== undefined) network.receive(control);
    else this.#reject(packet);
  }

  /** @see RFC 1661 5.7 */
  #reject({ protocol, payload }: PppPacket): void {
    const data = Buffer.concat([Buffer.from([protocol >> 8, protocol & 0xff]), payload]);
    this.#control(protocols.lcp, { code: codes.protocolReject, id: 0, data });
  }

  #receiveLink(control: ControlPacket): void {
    // Without magic number, which we did not ask for. @see RFC 1661 5.8
    if (control.code === codes.echoRequest) {
      const data = Buffer.concat([Buffer.alloc(4), control.data.subarray(4)]);
      if (this.#link.isOpen) this.#control(protocols.lcp, { code: codes.echoReply, id: control.id, data });
    } else this.#link.receive(control);
  }

  #linkOpened(): void {
    const { auth } = this.#linkRules;
    if (auth === "none") this.#identified(noCredentials);
    else if (auth === "chap") {
      this.#challenge = new Challenge();
      this.#control(protocols.chap, this.#challenge.packet);
    }
  }

  #receivePap(control: ControlPacket): void {
    const given = control.code === papCodes.request ? papCredentials(control) : undefined;
    if (given === undefined) return;
    const { id } = control;
    this.#identified(given, (isRight) =>
      isRight
        ? this.#control(protocols.pap, { code: papCodes.ack, id, data: papWords("") })
        : this.#control(protocols.pap, { code: papCodes.nak, id, data: papWords("Access denied") }),
    );
  }

  #receiveChap(control: ControlPacket): void {
    const given = control.code === chapCodes.response ? this.#challenge?.credentials(control) : undefined;
    if (given === undefined) return;
    const { id } = control;
    this.#identified(given, (isRight) =>
      isRight
        ? this.#control(protocols.chap, { code: chapCodes.success, id, data: nothing })
        : this.#control(protocols.chap, { code: chapCodes.failure, id, data: Buffer.from("Access denied") }),
    );
  }

  #identified(given: GivenCredentials, answer: (isRight: boolean) => void = () => undefined): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const isTold = this.host.refuses === "auth";
    if (!isTold) answer(true);
    this.host.connect(given, (granted) => {
      if (this.#isOver) return;
      if (isTold) answer(granted !== undefined);
      if (granted === undefined) this.terminate();
      else this.#begin(granted);
    });
  }

  #begin({ ipv4, ipv6InterfaceId }: Granted): void {
    const networks = new Map<number, Negotiation>();
    const add = (protocol: number, rules: Rules) => networks.set(protocol, this.#negotiation(protocol, rules));
    if (ipv4) add(protocols.ipcp, ipv4Rules(ipv4));
    if (ipv6InterfaceId !== undefined) add(protocols.ipv6cp, ipv6Rules(ipv6InterfaceId));
    this.#networks = networks;
    for (const network of networks.values()) network.open();
    for (const packet of this.#early.splice(0)) this.#receive(packet);
  }

  #negotiation(protocol: number, rules: Rules, opened: () => void = () => undefined): Negotiation {
    return new Negotiation(rules, this.host.clock, {
      send: (packet) => this.#control(protocol, packet),
      opened,
      closed: () => (protocol === protocols.lcp ? this.#end() : undefined),
    });
  }

  #end(): void {
    if (this.#isOver) return;
    this.drop();
    this.host.ended();
  }

  #control(protocol: number, packet: ControlPacket): void {
    this.#send(protocol, payloadOf(packet));
  }

  #send(protocol: number, payload: Buffer): void {
    this.host.send(framed({ protocol, payload }));
  }
}
