/**
 * PPP over the only port that there is: while the call lasts the modem takes no commands, and tells nothing. The last resort,
 * for lines that cannot be multiplexed. @see 3GPP TS 27.007 10.2.1
 */
import type { AtPort } from "../../at/port.js";
import { ChannelTerminal } from "../../cmux/terminal.js";
import type { DataCallRequest } from "../../modem/types.js";
import { errorText, ModemError } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import type { SharedLink } from "../../runtime/shared-link.js";
import { type Chat, isRefusal } from "./chat.js";
import { chooseContext } from "./contexts.js";
import type { Connection, ConnectionEvents, Dialler } from "./data-calls.js";
import type { StartPpp } from "./ppp-dialler.js";

export interface OwnPortContext {
  readonly chat: Chat;
  /** The line that the chat's port is on. */
  readonly line: SharedLink;
  /** Bits per second. */
  readonly baudRate: number;
  readonly startPpp: StartPpp;
  readonly log: Log;
  /** Commands are taken again: what was told meanwhile was told to nobody. */
  resumed(): void;
}

const dialMs = 60_000;

export class OwnPortDialler implements Dialler {
  #cid: number | undefined;

  constructor(private readonly context: OwnPortContext) {}

  async dial(request: DataCallRequest, events: ConnectionEvents, signal: AbortSignal): Promise<Connection> {
    const { chat, line, startPpp, baudRate } = this.context;
    const cid = await chooseContext(chat, request, this.#cid, signal);
    this.#cid = cid;
    const terminal = await ChannelTerminal.open(line);
    let takeBack: (() => Promise<void>) | undefined;
    try {
      await dialled(chat.port, cid, signal);
      takeBack = this.#handOver(terminal);
      const { username, password, auth, protocol } = request;
      const asked = { ttyPath: terminal.path, baudRate, families: protocol, username, password, auth };
      const call = await startPpp(asked, signal);
      const back = takeBack;
      call.events.on("changed", (settings) => events.settingsChanged(settings));
      call.events.on("ended", (error) => void back().finally(() => events.ended(error)));
      const { interfaceName, settings, only } = call;
      const hangUp = () => call.stop().then(back);
      return { interfaceName, settings, ...(only === undefined ? {} : { only }), hangUp };
    } catch (error) {
      terminal.close();
      await takeBack?.();
      throw error;
    }
  }

  /** From CONNECT on the line is the terminal's. The result takes it back. */
  #handOver(terminal: ChannelTerminal): () => Promise<void> {
    const { chat, line, log } = this.context;
    const giveBack = line.divert((bytes) => terminal.deliver(bytes));
    let back: Promise<void> | undefined;
    const takeBack = async () => {
      terminal.close();
      giveBack();
      if (!chat.port.isOpen) return;
      // A port that does not come back is over, and its driver with it.
      await chat.port.escape().catch((error: unknown) => log.info("after a call", { cause: errorText(error) }));
      this.context.resumed();
    };
    return () => {
      back ??= takeBack();
      return back;
    };
  }
}

async function dialled(port: AtPort, cid: number, signal: AbortSignal): Promise<void> {
  try {
    await port.send({ text: `ATD*99***${cid}#`, call: true, timeoutMs: dialMs }, signal);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new ModemError("refused", "the modem did not dial", { failure: error.failure, cause: error });
  }
}
