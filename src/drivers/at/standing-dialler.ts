/**
 * A network interface that firmware connects by itself, with the first context: RNDIS and ECM of SIMCom's and Quectel's modules. There is
 * nothing to dial; the context is made to fit, and its address waited for. The modem is a router on its interface: the host
 * asks it by DHCP. That a new APN counts from the next attach on is LTE's; no manual was at hand to say it of these modules.
 */
import type { AtCommand, AtQuery } from "../../at/command.js";
import { type ExtendedError, extendedError } from "../../at/replies/ceer.js";
import { contextAddresses, isIpv6Text } from "../../at/replies/cgpaddr.js";
import { joinQuectel, quectelJoined } from "../../at/replies/qnetdevctl.js";
import { networkCause, networkCauseNamed } from "../../codec/network-cause.js";
import { endedByNetwork } from "../../modem/ports.js";
import type { AuthMethod, DataCallRequest, IpProtocol } from "../../modem/types.js";
import { abortError } from "../../runtime/abort.js";
import { type Clock, sleep } from "../../runtime/clock.js";
import { type FailureCause, ModemError } from "../../runtime/error.js";
import type { Chat } from "./chat.js";
import { checkedText, settleContext } from "./contexts.js";
import type { Connection, ConnectionEvents, Dialler } from "./data-calls.js";

/** What a family's firmware is told. */
export interface StandingWays {
  /** The first context's credentials; none: an empty name. */
  authenticate(request: DataCallRequest): AtCommand;
  /** Joins the interface to the first context. Absent: it is joined by itself. */
  readonly joining?: { readonly isJoined: AtQuery<boolean>; readonly join: AtCommand };
}

export interface StandingDiallerContext {
  readonly ways: StandingWays;
  readonly chat: Chat;
  readonly clock: Clock;
  readonly interfaceName: string;
}

const cid = 1;
const pollMs = 1_000;
const mostPolls = 45;
const attachMs = 60_000;

/** `+CGEV: NW PDN DEACT 1`, `+CGEV: ME DEACT "IP","10.0.0.2",1`, `+CGEV: NW DETACH`. @see 3GPP TS 27.007 10.1.19 */
const ended = /^\+CGEV: *(?:NW|ME) (?:DETACH|(?:PDN )?DEACT (?:.*,)?1(?:,|$))/i;

const authNumbers = { none: 0, pap: 1, chap: 2 } as const satisfies Record<AuthMethod, number>;

/** SIMCom has the password before the name, where 27.007 10.1.31 has it behind. @see A76XX Series AT Command Manual 5.2.16 */
export const simcomWays: StandingWays = {
  authenticate: ({ username, password, auth }) => ({
    text: `AT+CGAUTH=${cid},${username === "" ? authNumbers.none : `${authNumbers[auth]},"${password}","${username}"`}`,
  }),
};

/** @see 3GPP TS 24.301 9.9.4.4 */
const regularDeactivation = 36;

const causeOf = ({ layer, name, number = 0 }: ExtendedError): FailureCause | undefined =>
  name === undefined ? networkCause(layer, number) : networkCauseNamed(layer, name);

const contextTypes = { ip: 1, ipv6: 2, dual: 3 } as const satisfies Record<IpProtocol, number>;

/** The context with its credentials in one: +QICSGP, by published commands for EC20 and EC200; no manual was at hand. */
export const quectelWays: StandingWays = {
  authenticate: ({ apn, username, password, auth, protocol }) => ({
    text: `AT+QICSGP=${cid},${contextTypes[protocol]},"${apn}","${username}","${password}",${username === "" ? 0 : authNumbers[auth]}`,
  }),
  joining: { isJoined: quectelJoined(cid), join: joinQuectel(cid) },
};

export class StandingDialler implements Dialler {
  #events: ConnectionEvents | undefined;
  /** What the context was last told, the password by nothing but its presence. */
  #credentials = "";

  constructor(private readonly context: StandingDiallerContext) {}

  hears(line: string): void {
    if (!ended.test(line)) return;
    const events = this.#events;
    this.#events = undefined;
    events?.ended(endedByNetwork(undefined));
  }

  async dial(request: DataCallRequest, events: ConnectionEvents, signal: AbortSignal): Promise<Connection> {
    const { chat, interfaceName } = this.context;
    const isNew = await settleContext(chat, cid, request, signal);
    const isOther = await this.#authenticate(request, signal);
    if ((isNew || isOther) && (await this.#addresses(signal)).length > 0) await this.#attachAnew(signal);
    await this.#join(signal);
    const addresses = await this.#awaitAddresses(signal);
    const [hasIpv6, hasIpv4] = [addresses.some(isIpv6Text), addresses.some((address) => !isIpv6Text(address))];
    this.#events = events;
    return {
      interfaceName,
      settings: {
        ...(hasIpv4 ? { ipv4: { method: "dhcp" } } : {}),
        ...(hasIpv6 && request.protocol !== "ip" ? { ipv6: { dns: [] } } : {}),
      },
      hangUp: async () => {
        // The firmware keeps its connection whatever the host does with its interface.
        this.#events = undefined;
      },
    };
  }

  /** True: they are others than the context had. */
  async #authenticate(request: DataCallRequest, signal: AbortSignal): Promise<boolean> {
    const { username, password, auth } = request;
    const wanted = username === "" ? "" : [auth, username, password].join("\n");
    if (wanted === this.#credentials) return false;
    checkedText(username, "the user name");
    checkedText(password, "the password");
    const { chat, ways } = this.context;
    await chat.tell({ ...ways.authenticate(request), secret: true }, signal);
    this.#credentials = wanted;
    return true;
  }

  /** A firmware that has no such command joins by itself. */
  async #join(signal: AbortSignal): Promise<void> {
    const { chat, ways } = this.context;
    if (ways.joining === undefined) return;
    const { isJoined, join } = ways.joining;
    if ((await chat.askIfKnown(isJoined, signal)) === false) await chat.tell({ ...join, timeoutMs: attachMs }, signal);
  }

  async #addresses(signal: AbortSignal): Promise<readonly string[]> {
    return (await this.context.chat.askIfAble(contextAddresses(cid), signal)) ?? [];
  }

  /** The first context is that of the attach on LTE: what it is told now counts from the next attach on. */
  async #attachAnew(signal: AbortSignal): Promise<void> {
    for (const on of [0, 1]) await this.context.chat.tell({ text: `AT+CGATT=${on}`, timeoutMs: attachMs }, signal);
  }

  async #awaitAddresses(signal: AbortSignal): Promise<readonly string[]> {
    const { clock } = this.context;
    for (let poll = 0; poll < mostPolls; poll++) {
      const addresses = await this.#addresses(signal);
      if (addresses.length > 0) return addresses;
      await sleep(clock, pollMs, signal).catch(() => {
        throw abortError("the connection", signal);
      });
    }
    throw await this.#refusal(signal);
  }

  /** By the modem's last words about a failure, where they are of the network. */
  async #refusal(signal: AbortSignal): Promise<ModemError> {
    const text = "the modem does not connect by itself with its first context";
    const said = await this.context.chat.askIfAble(extendedError, signal);
    const failure = said && causeOf(said);
    // The end of an earlier connection is no refusal of this one.
    if (failure === undefined || failure.code === regularDeactivation) return new ModemError("timeout", text);
    return new ModemError("refused", text, { failure });
  }
}
