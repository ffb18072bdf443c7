/** Questions over real sockets, each kind by the file that is named for it. */
import { isIP } from "node:net";
import type { ProbeTarget } from "../policy/types.js";
import type { IpFamily } from "../types.js";
import type { Answer, Asker, Via } from "./ask.js";
import { Commands } from "./command.js";
import { askDns } from "./dns.js";
import { askPage } from "./http.js";
import { Names } from "./names.js";
import { Pings } from "./pings.js";
import { knock } from "./tcp.js";
import { handshake } from "./tls.js";

export function openAsker(family: IpFamily, via: Via, nowMs: () => number = () => performance.now()): Asker {
  const pings = new Pings(family, via, nowMs);
  const names = new Names(via, nowMs);
  const commands = new Commands(family, via);
  const timed = async (asked: Promise<Omit<Answer, "roundTripMs">>): Promise<Answer> => {
    const startMs = nowMs();
    return { ...(await asked), roundTripMs: nowMs() - startMs };
  };
  const ask = async (target: ProbeTarget, signal: AbortSignal): Promise<Answer> => {
    if (target.kind === "dns") return timed(askDns(target, family, via, signal));
    if (target.kind === "command") return timed(commands.run(target.command, signal));
    const isAddress = isIP(target.host) !== 0;
    const address = isAddress ? target.host : await names.resolve(target.host, family, signal);
    if (target.kind === "icmp") return pings.ask(address, signal, target.packetBytes);
    if (target.kind === "tcp") return timed(knock(address, target.port, via, signal));
    return timed(
      target.kind === "tls" ? handshake(target, address, via, signal) : askPage(target, address, via, signal),
    );
  };
  return {
    ask,
    close: () => {
      pings.close();
      commands.close();
    },
  };
}
