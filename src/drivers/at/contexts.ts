/** Which of the modem's contexts a call is made by. @see 3GPP TS 27.007 10.1.1 */
import { defineContext, type PdpContext, pdpContexts } from "../../at/replies/cgdcont.js";
import type { DataCallRequest, IpProtocol } from "../../modem/types.js";
import { ModemError } from "../../runtime/error.js";
import type { Chat } from "./chat.js";

const types = { ip: "IP", ipv6: "IPV6", dual: "IPV4V6" } as const satisfies Record<IpProtocol, string>;

/** What a call is asked for by. */
export type Wanted = Pick<DataCallRequest, "apn" | "protocol">;

const fits = ({ type, apn }: PdpContext, wanted: Wanted): boolean =>
  type === types[wanted.protocol] && apn.toLowerCase() === wanted.apn.toLowerCase();

/** No text may end before its time. @throws ModemError `invalid` */
export function checkedText(text: string, what: string): string {
  if (/["\r\n\x1a\x1b]/.test(text))
    throw new ModemError("invalid", `${what} has a character that no AT command carries`);
  return text;
}

/** Flash wears out: only what is not so already is written. */
async function define(chat: Chat, cid: number, wanted: Wanted, signal: AbortSignal): Promise<void> {
  const apn = checkedText(wanted.apn, "the APN");
  await chat.tell(defineContext({ cid, type: types[wanted.protocol], apn }), signal);
}

/** Makes context `cid` what is wanted. False: it was so already. */
export async function settleContext(chat: Chat, cid: number, wanted: Wanted, signal: AbortSignal): Promise<boolean> {
  const known = (await chat.askIfAble(pdpContexts, signal)) ?? [];
  if (known.some((context) => context.cid === cid && fits(context, wanted))) return false;
  await define(chat, cid, wanted, signal);
  return true;
}

/**
 * The context that is wanted already, else the first free one: others may be those of the attach or of telephony. One that
 * an earlier call of ours has defined is used again.
 */
export async function chooseContext(
  chat: Chat,
  wanted: Wanted,
  mine: number | undefined,
  signal: AbortSignal,
): Promise<number> {
  const known = (await chat.askIfAble(pdpContexts, signal)) ?? [];
  const same = known.find((context) => fits(context, wanted));
  if (same !== undefined) return same.cid;
  const used = new Set(known.map(({ cid }) => cid));
  let free = 1;
  while (used.has(free)) free += 1;
  const cid = mine ?? free;
  await define(chat, cid, wanted, signal);
  return cid;
}
