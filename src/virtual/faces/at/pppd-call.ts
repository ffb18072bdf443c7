/** A call whose other end is pppd: the network's namespace has its packets, the model only that there is a session. */
import type { PppdPeer } from "../../ppp/pppd-peer.js";
import type { FaceContext, HostLine, StartPppd } from "../face.js";

/** Who may come in is pppd's to say. */
const request = { apn: "", username: "", password: "", auth: "none", pdn: "ipv4" } as const;

export class PppdCall {
  readonly #peer: PppdPeer;
  readonly #unwatch: () => void;
  #isOver = false;

  /** `CONNECT` has been said. */
  constructor(
    private readonly cid: number,
    private readonly line: HostLine,
    private readonly context: FaceContext,
    start: StartPppd,
    private readonly over: () => void,
  ) {
    const { machine } = context;
    machine.send({ type: "connect", id: cid, request });
    this.#peer = start({ hears: (bytes) => this.line.send(bytes), ended: () => this.#leave() });
    this.#unwatch = machine.watch(({ outcome }) => {
      if (outcome.ended.some(({ id }) => id === cid)) this.#peer.terminate();
    });
    line.setCarrier?.(true);
  }

  feed(bytes: Buffer): void {
    this.#peer.feed(bytes);
  }

  drop(): void {
    this.#peer.drop();
    this.#leave();
  }

  #leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#unwatch();
    const { machine } = this.context;
    if (machine.state.sessions.some(({ id }) => id === this.cid)) machine.send({ type: "disconnect", id: this.cid });
    this.line.setCarrier?.(false);
    this.over();
  }
}
