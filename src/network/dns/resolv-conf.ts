/** What resolv.conf says, as text. Pure. @see resolv.conf(5) */
import { isIP } from "node:net";

/** glibc reads three servers. @see resolv.conf(5) MAXNS */
export const mostServers = 3;

/** In their order; what is no address is left out, as glibc does. */
export const serversIn = (text: string): readonly string[] =>
  [...text.matchAll(/^[ \t]*nameserver[ \t]+(\S+)/gm)]
    .map(([, server = ""]) => server)
    .filter((server) => isIP(server));

/** Search lists and options are the machine's, whatever uplink carries it. */
export const settingsIn = (text: string): readonly string[] =>
  text.split("\n").filter((line) => /^\s*(search|domain|options|sortlist)\s/.test(line));

export const serverLines = (servers: readonly string[]): readonly string[] =>
  [...new Set(servers)].slice(0, mostServers).map((server) => `nameserver ${server}`);

/** A resolver on this machine. */
export const isLoopback = (server: string): boolean => server.startsWith("127.") || server === "::1";
