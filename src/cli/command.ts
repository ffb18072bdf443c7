/** Asking one modem for something: how a refusal reads. */
import { BusError } from "../dbus/errors.js";
import type { Answer } from "./answer.js";
import { type Call, type Plain, plain } from "./snapshot.js";

export const modemPathOf = (name: string): string => `/net/wwand/modem/${name.replace(/^\//, "")}`;

/** Calls a method of net.wwand on one modem; resolves with the reply as plain values. */
export async function askModem(
  call: Call,
  name: string,
  method: `${"Modem1" | "Radio1" | "Card1"}.${string}`,
  signature = "",
  body: readonly unknown[] = [],
): Promise<readonly Plain[]> {
  const [part = "", member = ""] = method.split(".");
  const reply = await call("net.wwand", modemPathOf(name), `net.wwand.${part}`, member, signature, body);
  return reply.map(plain);
}

/** A refusal of the daemon is an answer: bad news, not a failure to ask. */
export async function orRefusal(name: string, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof BusError)) throw error;
    const { errorName, message } = error;
    if (/\.Unknown(Object|Method|Interface)$/.test(errorName))
      return { text: `no modem "${name}" (see wwanctl modem)`, json: null, bad: true };
    if (!/^(net\.wwand|org\.ofono)\.Error\./.test(errorName)) throw error;
    const word = errorName.split(".").at(-1) ?? "";
    return { text: `${word}: ${message}`, json: { error: word, message }, bad: true };
  }
}
