/** Targets of a check: a URL as text, a URL with what is expected of it, or a program. */
import type { ProbeTarget, TargetKind, Trust } from "../network/policy/types.js";
import { canonicalAddress } from "./addresses.js";

/** The table form, as the schema has checked it. */
export interface TargetTable {
  readonly url?: string;
  readonly status?: number;
  readonly body?: string;
  readonly verify?: boolean;
  readonly size?: number;
  readonly ca?: string;
  readonly command?: readonly string[];
  readonly cost?: number;
}

export type Parsed = { readonly target: ProbeTarget } | { readonly expected: string };

interface Place {
  readonly host: string;
  readonly port: number | undefined;
  /** With its slash; empty: none. */
  readonly path: string;
}

interface Scheme {
  readonly expected: string;
  /** Options of the table form that mean something here. */
  readonly options: readonly (keyof TargetTable)[];
  /** Undefined: the place does not suit this scheme. */
  read(place: Place, table: TargetTable): TargetKind | undefined;
}

/** Answered from far away and by everybody's cache alike; IANA keeps it. */
const defaultDnsName = "example.com";

const page =
  (kind: "http" | "https", defaultPort: number): Scheme["read"] =>
  ({ host, port, path }, table) => ({
    kind,
    host,
    port: port ?? defaultPort,
    path: path === "" ? "/" : path,
    status: table.status ?? defaultStatus(kind, table),
    ...(table.body !== undefined && { body: table.body }),
    ...trustOf(table),
  });

/** A login page answers 200 too: without another word only an empty page is nobody's but the target's. */
const defaultStatus = (kind: "http" | "https", { body }: TargetTable): number | undefined =>
  kind === "http" && body === undefined ? 204 : undefined;

const schemes: Readonly<Record<string, Scheme>> = {
  icmp: {
    expected: '"icmp://HOST", e.g. "icmp://1.1.1.1" or "icmp://[2620:fe::fe]"',
    options: ["size"],
    read: ({ host, port, path }, { size }) =>
      port === undefined && path === ""
        ? { kind: "icmp", host, ...(size !== undefined && { packetBytes: size }) }
        : undefined,
  },
  tcp: {
    expected: '"tcp://HOST:PORT", e.g. "tcp://192.0.2.1:443" or "tcp://[2001:db8::1]:443"',
    options: [],
    read: ({ host, port, path }) => (port !== undefined && path === "" ? { kind: "tcp", host, port } : undefined),
  },
  dns: {
    expected: '"dns://link" or "dns://ADDRESS", each with a name if wanted: "dns://9.9.9.9/example.org"',
    options: [],
    read: ({ host, port, path }) => {
      const name = path.slice(1) || defaultDnsName;
      if (!isName(name) || (host === "link" ? port !== undefined : canonicalAddress(host) === undefined))
        return undefined;
      return { kind: "dns", server: host, port: port ?? 53, name };
    },
  },
  tls: {
    expected: '"tls://HOST" or "tls://HOST:PORT", e.g. "tls://gw.example.com"',
    options: ["verify", "ca"],
    read: ({ host, port, path }, table) =>
      path === "" ? { kind: "tls", host, port: port ?? 443, ...trustOf(table) } : undefined,
  },
  http: {
    expected: '"http://HOST/PATH", e.g. "http://connectivity.example.com/generate_204"',
    options: ["status", "body"],
    read: page("http", 80),
  },
  https: {
    expected: '"https://HOST/PATH", e.g. "https://gw.example.com/health"',
    options: ["status", "body", "verify", "ca"],
    read: page("https", 443),
  },
};

const trustOf = ({ verify = true, ca }: TargetTable): Trust => ({ verify, ...(ca !== undefined && { caFile: ca }) });

export function parseTarget(input: string | TargetTable): Parsed {
  if (typeof input === "string") return parseUrl(input, {});
  const { url, command } = input;
  if ((url === undefined) === (command === undefined)) return { expected: "either url or command" };
  return url === undefined ? parseCommand(input) : parseUrl(url, input);
}

function parseUrl(text: string, table: TargetTable): Parsed {
  const [, name = "", rest = ""] = text.match(/^([a-z][a-z0-9]*):\/\/(.*)$/) ?? [];
  const scheme = Object.hasOwn(schemes, name) ? schemes[name] : undefined;
  if (scheme === undefined) return { expected: `a target that begins with ${schemeWords()}` };
  const strange = Object.keys(table).find((key) => key !== "url" && !scheme.options.some((one) => one === key));
  if (strange !== undefined) return { expected: `no "${strange}" beside ${name}://` };
  const place = placeOf(rest);
  const kind = place && scheme.read(place, table);
  if (place === undefined || kind === undefined) return { expected: scheme.expected };
  const address = canonicalAddress(place.host);
  // The same host may be asked by a small packet beside a large one.
  const named = table.size === undefined ? text : `${text} (${table.size} bytes)`;
  return { target: { ...kind, families: address ? [address.family] : [4, 6], text: named } };
}

const schemeWords = (): string => {
  const words = Object.keys(schemes).map((scheme) => `${scheme}://`);
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
};

/** What a program costs is not seen from here. */
const defaultCommandCostBytes = 5_000;

function parseCommand({ command = [], cost = defaultCommandCostBytes, ...others }: TargetTable): Parsed {
  const [strange] = Object.keys(others);
  if (strange !== undefined) return { expected: `no "${strange}" beside command` };
  const [path, ...args] = command;
  if (path === undefined || !path.startsWith("/"))
    return { expected: 'a program by its full path and its arguments, e.g. ["/usr/local/bin/vpn-alive", "--quick"]' };
  const text = `command ${[path, ...args].join(" ")}`;
  return { target: { kind: "command", command: [path, ...args], costBytes: cost, families: [4, 6], text } };
}

function placeOf(rest: string): Place | undefined {
  const [, bracketed, plain, port, path = ""] =
    rest.match(/^(?:\[([^\]]+)\]|([^:/?#[\]@\s]+))(?::(\d{1,5}))?(\/[\x21-\x7e]*)?$/) ?? [];
  const text = bracketed ?? plain ?? "";
  const host =
    canonicalAddress(text)?.address ?? (bracketed === undefined && isName(text) ? text.toLowerCase() : undefined);
  const number = port === undefined ? undefined : Number(port);
  if (host === undefined || (number !== undefined && (number < 1 || number > 65_535))) return undefined;
  return { host, port: number, path };
}

/** A host name (RFC 1123) that no resolver would take for an address. */
const isName = (text: string): boolean =>
  text.length <= 253 &&
  /^(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\.?$/i.test(text) &&
  !/(^|\.)\d+\.?$/.test(text);
