/** Options that say which packet is meant: the keys of a class, and where it comes from. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Command } from "commander";
import { packetKeys } from "../network/packet/packet.js";
import { errorText } from "../runtime/error.js";

type PacketKey = (typeof packetKeys)[number];

const options: Readonly<Record<PacketKey, readonly [value: string, help: string]>> = {
  to: ["address", "where it goes"],
  from: ["address", "the address that its socket is bound to; of a forwarded packet its sender"],
  "local-port": ["number", "of this end"],
  port: ["number", "of the other end"],
  protocol: ["name", "tcp, udp or icmp (default: tcp beside a port)"],
  uid: ["user", "whose program sends it, number or name (default: root)"],
  mark: ["number", "of the packet or its socket"],
  interface: ["name", "it came in there and is forwarded"],
};

export function packetOptions(command: Command): Command {
  for (const key of packetKeys) command.option(`--${key} <${options[key][0]}>`, options[key][1]);
  return command;
}

/** What was said of a packet; undefined: nothing. Rejects for a user that is not known. */
export async function packetWords(
  given: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, string>> | undefined> {
  const entries = packetKeys.flatMap((key) => {
    const value = given[optionName(key)];
    return typeof value === "string" ? [[key, value] as const] : [];
  });
  if (entries.length === 0) return undefined;
  const words = Object.fromEntries(entries);
  return words.uid === undefined ? words : { ...words, uid: await uidOf(words.uid) };
}

/** As commander names them. */
const optionName = (key: PacketKey): string => key.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

/** Users need not stand in /etc/passwd: id(1) knows where else to look. */
async function uidOf(user: string): Promise<string> {
  if (/^\d/.test(user)) return user;
  if (!/^[\w.@\\][\w.@\\-]*\$?$/.test(user)) throw new Error(`uid: "${user}" is no name of a user`);
  try {
    return (await promisify(execFile)("id", ["-u", user])).stdout.trim();
  } catch (error) {
    throw new Error(`uid: there is no user "${user}"`, { cause: errorText(error) });
  }
}
