/**
 * What LTE's attach asks for: the context that the firmware takes for it. Only where calls are made by other contexts: an
 * interface that always goes by the same one attaches with whatever the last call wanted.
 */
import { defineContext, type PdpContext, pdpContexts } from "../../at/replies/cgdcont.js";
import type { InitialBearerPort } from "../../modem/ports.js";
import type { InitialBearer, IpProtocol } from "../../modem/types.js";
import { ModemError } from "../../runtime/error.js";
import type { Chat } from "./chat.js";
import { checkedText } from "./contexts.js";

const types = { ip: "IP", ipv6: "IPV6", dual: "IPV4V6" } as const satisfies Record<IpProtocol, string>;
const protocols: Readonly<Record<string, IpProtocol>> = { IP: "ip", IPV6: "ipv6" };

const bearerOf = ({ apn, type }: PdpContext): InitialBearer => ({
  apn,
  username: "",
  auth: "none",
  protocol: protocols[type] ?? "dual",
});

const network = { apn: "", protocol: "dual" } as const;

/** `cid`: the context of the attach. */
export function initialBearerPort(chat: Chat, cid: number): InitialBearerPort {
  const defined = async (signal: AbortSignal) =>
    (await chat.ask(pdpContexts, signal)).find((context) => context.cid === cid);
  return {
    read: async (signal) => {
      const context = await defined(signal);
      return context === undefined || context.apn === "" ? {} : { configured: bearerOf(context) };
    },
    set: async (wanted, signal) => {
      if (wanted !== undefined && wanted.username !== "")
        throw new ModemError("unsupported", "no command tells with whose name the modem attaches");
      const { apn, protocol } = wanted ?? network;
      const context = await defined(signal);
      const type = types[protocol];
      // The network's choice: the family that an empty context names means nothing.
      const isSame = context?.apn.toLowerCase() === apn.toLowerCase() && (apn === "" || context.type === type);
      if (isSame || (context === undefined && apn === "")) return "same";
      await chat.tell(defineContext({ cid, type, apn: checkedText(apn, "the APN of the attach") }), signal);
      return "written";
    },
  };
}
