/** PPP over a serial port of the modem: dialled here, negotiated by whoever takes the port over. @see 3GPP TS 27.007 10.2.1 */
import type { EventEmitter } from "eventemitter3";
import { AtPort } from "../../at/port.js";
import type { DataCallRequest } from "../../modem/types.js";
import type { IpSettings } from "../../network/types.js";
import type { PppEvents } from "../../ppp/connection.js";
import type { PppRequest } from "../../ppp/request.js";
import { type Clock, sleep } from "../../runtime/clock.js";
import { ModemError } from "../../runtime/error.js";
import type { ByteLink } from "../../runtime/link.js";
import type { Log } from "../../runtime/log.js";
import { type Chat, isRefusal } from "./chat.js";
import { chooseContext } from "./contexts.js";
import type { Connection, ConnectionEvents, Dialler } from "./data-calls.js";
import { introduce } from "./introduction.js";

/** A connection over PPP, as `PppConnection` has it. */
export interface PppCall {
  readonly interfaceName: string;
  readonly settings: IpSettings;
  readonly only: "ip" | "ipv6" | undefined;
  readonly events: EventEmitter<PppEvents>;
  stop(): Promise<void>;
}

/** Takes over a port in data mode, and gives it back when the call is over or never was. */
export type StartPpp = (request: PppRequest, signal: AbortSignal) => Promise<PppCall>;

/** A port that commands need not go to while it carries data. */
export interface DataPort {
  readonly path: string;
  readonly baudRate: number;
  open(signal: AbortSignal): Promise<ByteLink>;
  /** The call is over, or never was. Absent where that is nothing to the port. */
  release?(): void;
}

export interface PppDiallerContext {
  /** To the control port: contexts are defined there. */
  readonly chat: Chat;
  readonly dataPort: DataPort;
  readonly startPpp: StartPpp;
  readonly clock: Clock;
  readonly log: Log;
}

/** To a port that had to be brought back: a call that is up still is that of a host that died. */
const hangUp = { text: "ATH" } as const;
const dialMs = 60_000;
/** From CONNECT to the modem's word that DCD has risen, which on USB comes by another pipe. */
const carrierMs = 200;
const carrierPollMs = 20;

/** What the dialling has shown of the port. */
type LineFacts = Pick<PppRequest, "carrierDetect">;

export class PppDialler implements Dialler {
  /** The context of an earlier call. */
  #cid: number | undefined;

  constructor(private readonly context: PppDiallerContext) {}

  async dial(request: DataCallRequest, events: ConnectionEvents, signal: AbortSignal): Promise<Connection> {
    const { chat, dataPort, startPpp } = this.context;
    const cid = await chooseContext(chat, request, this.#cid, signal);
    this.#cid = cid;
    const line = await this.#connect(cid, signal);
    const { username, password, auth, protocol: families } = request;
    const { path: ttyPath, baudRate } = dataPort;
    const asked = { ttyPath, baudRate, ...line, families, username, password, auth };
    const call = await startPpp(asked, signal).catch((error: unknown) => {
      dataPort.release?.();
      throw error;
    });
    call.events.on("changed", (settings) => events.settingsChanged(settings));
    call.events.on("ended", (error) => {
      dataPort.release?.();
      events.ended(error);
    });
    const { interfaceName, settings, only } = call;
    const hangUp = () => call.stop().finally(() => dataPort.release?.());
    return { interfaceName, settings, ...(only === undefined ? {} : { only }), hangUp };
  }

  /** Leaves the port in data mode and closed, its DTR up. */
  async #connect(cid: number, signal: AbortSignal): Promise<LineFacts> {
    const { dataPort, clock, log } = this.context;
    const link = await dataPort.open(signal);
    const port = new AtPort({ link, log, clock });
    let line: LineFacts = {};
    try {
      await introduce(port, signal, hangUp);
      const wasDown = link.hasCarrier?.() === false;
      await port.send({ text: `ATD*99***${cid}#`, call: true, timeoutMs: dialMs }, signal);
      if (wasDown && (await this.#carrierRises(link, signal))) line = { carrierDetect: true };
    } catch (error) {
      port.close();
      if (!isRefusal(error)) throw error;
      throw new ModemError("refused", "the modem did not dial", { failure: error.failure, cause: error });
    }
    // What comes now is for whoever speaks PPP, and the end of the descriptor must not hang up.
    if (link.letGo === undefined) link.close();
    else link.letGo();
    return line;
  }

  /** Only a DCD that was down before the call shows when the call ends; some modems have it up for ever, some never. */
  async #carrierRises(link: ByteLink, signal: AbortSignal): Promise<boolean> {
    for (let leftMs = carrierMs; leftMs > 0; leftMs -= carrierPollMs) {
      if (link.hasCarrier?.() === true) return true;
      await sleep(this.context.clock, carrierPollMs, signal);
    }
    return link.hasCarrier?.() === true;
  }
}
