/** A call over the port itself: PPP until it ends. @see 3GPP TS 27.007 10.1.12 (+CGDATA), 10.2.1 (D*99) */

import type { PdnRequest } from "../../model/carrier.js";
import type { VirtualProfile } from "../../model/profile.js";
import { hasIpv4, hasIpv6, type Session } from "../../model/session.js";
import type { ModemState } from "../../model/state.js";
import type { GivenCredentials } from "../../ppp/authentication.js";
import type { Granted } from "../../ppp/end.js";
import { PppEnd } from "../../ppp/end.js";
import type { DataMode, FaceContext, HostLine } from "../face.js";

/** The context that is dialled: `*99#`, `*99***2#`, `*99**PPP*2#`; undefined for what is no packet call. */
export function dialledContext(text: string): number | undefined {
  const found = /^[TP]?\*(?:98|99)(?:\*[^*#]*(?:\*(?:PPP|1)?(?:\*([0-9]{1,2}))?)?)?#?$/i.exec(text.trim());
  return found === null ? undefined : Number(found[1] ?? 1);
}

/** What the host sees of it: `CONNECT` has been said. */
export class DialledCall {
  readonly #end: PppEnd;
  readonly #unwatch: () => void;
  #path: DataMode | undefined;
  #answer: ((granted: Granted | undefined) => void) | undefined;

  constructor(
    private readonly cid: number,
    private readonly line: HostLine,
    private readonly context: FaceContext,
    private readonly over: () => void,
  ) {
    const { machine } = context;
    const { asks, insists, refuses } = context.ppp();
    this.#unwatch = machine.watch(({ outcome }) => {
      if (outcome.ended.some(({ id }) => id === cid)) this.#sessionEnded();
      else this.#look(outcome.state);
    });
    this.#end = new PppEnd({
      clock: machine.clock,
      ...{ asks, insists, refuses },
      send: (bytes) => context.ppp().line === "alive" && line.send(bytes),
      connect: (given, answer) => this.#connect(given, answer),
      packet: (packet) => this.#path?.fromHost(packet),
      ended: () => this.#leave(),
    });
    line.setCarrier?.(true);
  }

  feed(bytes: Buffer): void {
    this.#end.feed(bytes);
  }

  /** DTR fell, or the port goes: nothing is said any more. */
  drop(): void {
    this.#end.drop();
    this.#leave();
  }

  #connect(given: GivenCredentials, answer: (granted: Granted | undefined) => void): void {
    const { machine } = this.context;
    this.#answer = answer;
    const { refusal } = machine.send({
      type: "connect",
      id: this.cid,
      request: requestOf(machine.profile, machine.state, this.cid, given),
    });
    if (refusal !== undefined) this.#tell(undefined);
    else this.#look(machine.state);
  }

  #look({ sessions }: ModemState): void {
    const session = sessions.find(({ id }) => id === this.cid);
    if (session?.is !== "active" || this.#answer === undefined) return;
    this.#path = this.context.enterDataMode(this.cid, (packet) => this.#end.toHost(packet));
    this.#tell(grantedOf(this.context.machine.profile, session));
  }

  #tell(granted: Granted | undefined): void {
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.(granted);
  }

  /** The network refused it, or ended it. */
  #sessionEnded(): void {
    if (this.#answer !== undefined) this.#tell(undefined);
    else if (this.context.ppp().ends === "carrier") this.drop();
    else this.#end.terminate();
  }

  #leave(): void {
    this.#unwatch();
    this.#path?.end();
    const { machine } = this.context;
    if (machine.state.sessions.some(({ id }) => id === this.cid)) machine.send({ type: "disconnect", id: this.cid });
    this.line.setCarrier?.(false);
    this.over();
  }
}

/** The network compares passwords; CHAP's is only known to be right or wrong. */
function requestOf(
  profile: VirtualProfile,
  { contexts }: ModemState,
  cid: number,
  { auth, username, isPassword }: GivenCredentials,
): PdnRequest {
  const { apn = "", pdn = "default" } = contexts.find((context) => context.cid === cid) ?? {};
  const name = (apn === "" ? profile.defaultApn : apn).toLowerCase();
  const { password = "" } = profile.apns.find((known) => known.apn.toLowerCase() === name)?.credentials ?? {};
  return { apn, pdn, auth, username, password: isPassword(password) ? password : `not ${password}` };
}

function grantedOf({ pool }: VirtualProfile, { pdn, lease }: Session & { readonly is: "active" }): Granted {
  return {
    ...(hasIpv4(pdn) ? { ipv4: { address: lease.ipv4, router: pool.ipv4Router, resolver: pool.ipv4Router } } : {}),
    ...(hasIpv6(pdn) ? { ipv6InterfaceId: lease.interfaceId } : {}),
  };
}
