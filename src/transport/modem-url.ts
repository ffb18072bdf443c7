import { ModemError } from "../runtime/error.js";
import type { ByteLink, FrameLink } from "../runtime/link.js";
import { openDevice, openTty } from "./device.js";
import { connectUnix } from "./unix.js";

interface ModemUrlCommon {
  /** As given; a unix socket may be `@name`, the abstract namespace. */
  readonly path: string;
  /** The network interface that belongs to the modem. */
  readonly net?: string;
}

interface AtUrl extends ModemUrlCommon {
  readonly protocol: "at";
  /** Another serial port of the modem, for PPP. */
  readonly data?: string;
  /** The modem has this line and nothing else: commands and PPP go over it, by CMUX where the modem has that. */
  readonly cmux?: true;
}

/** Where a modem that discovery does not find is spoken to: the `--modem` option. */
export type ModemUrl =
  | (ModemUrlCommon & {
      readonly protocol: "mbim" | "qmi";
      readonly transport: "unix" | "pty" | "dev";
      /** The unix socket of mbim-proxy or qmi-proxy: connect there and ask it for `path`. */
      readonly proxy?: string;
    })
  /** `dev`: a cdc-wdm device whose messages are AT commands, as Huawei's NCM modems have. */
  | (AtUrl & { readonly transport: "unix" | "pty" | "dev" })
  | (AtUrl & { readonly transport: "tty"; readonly baudRate: number; readonly hardwareFlowControl?: true });

const examples = {
  mbim: "mbim+dev:/dev/cdc-wdm0?net=wwan0",
  qmi: "qmi+dev:/dev/cdc-wdm0?net=wwan0",
  at: "at+tty:/dev/ttyUSB2?baud=115200",
} as const;

type Protocol = keyof typeof examples;
const transports = ["unix", "pty", "dev", "tty"] as const;
type Transport = (typeof transports)[number];

/** What goes with what: a row per protocol. */
const allowed: Readonly<Record<Protocol, readonly Transport[]>> = {
  mbim: ["unix", "pty", "dev"],
  qmi: ["unix", "pty", "dev"],
  at: ["tty", "dev", "pty", "unix"],
};

const defaultBaudRate = 115_200;

/** Speed of a pty, which has none: any that termios knows does. */
const ptyBaudRate = 115_200;

/**
 * Reads `PROTOCOL+TRANSPORT:PATH[?net=NAME][&baud=N][&rtscts][&data=PORT][&cmux[=off]][&proxy[=SOCKET]]`; `%3F` in the path is a question mark.
 * @throws ModemError `invalid`: what is wrong, and an example
 */
export function parseModemUrl(text: string): ModemUrl {
  const parts = /^([a-z]+)\+([a-z]+):([^?]*)(?:\?(.*))?$/s.exec(text);
  if (parts === null) throw invalid(text, "it is not PROTOCOL+TRANSPORT:PATH", examples.mbim);
  const [, protocol = "", transport = "", path = "", query = ""] = parts;
  if (!isProtocol(protocol))
    throw invalid(text, `there is no protocol ${protocol}, only mbim, qmi and at`, examples.mbim);
  const row: readonly string[] = allowed[protocol];
  if (!row.includes(transport))
    throw invalid(text, `${protocol} goes over ${row.join(", ")}, not ${transport}`, examples[protocol]);
  const parameters = readQuery(text, query, examples[protocol]);
  return combine({
    text,
    protocol,
    transport: transport as Transport,
    path: readPath(text, protocol, transport, path),
    parameters,
  });
}

/**
 * Opens what the URL names: the device, or its proxy. The proxy then has to be told the device: that is the protocol's.
 * @throws ModemError as openDevice, openTty and connectUnix; the signal's reason
 */
export async function openModemUrl(url: ModemUrl, signal: AbortSignal): Promise<ByteLink | FrameLink> {
  signal.throwIfAborted();
  const link = await openTransport(url, signal);
  if (!signal.aborted) return link;
  link.close();
  throw signal.reason;
}

function openTransport(url: ModemUrl, signal: AbortSignal): Promise<ByteLink | FrameLink> {
  if ("proxy" in url && url.proxy !== undefined) return connectUnix(url.proxy, signal);
  switch (url.transport) {
    case "unix":
      return connectUnix(url.path, signal);
    case "pty":
      return openTty(url.path, ptyBaudRate);
    case "tty":
      return openTty(url.path, url.baudRate, url.hardwareFlowControl);
    case "dev":
      return openDevice(url.path);
  }
}

interface Parts {
  readonly text: string;
  readonly protocol: Protocol;
  readonly transport: Transport;
  readonly path: string;
  readonly parameters: ReadonlyMap<string, string>;
}

function combine({ text, protocol, transport, path, parameters }: Parts): ModemUrl {
  const net = parameters.get("net");
  const common = { path, ...(net === undefined ? {} : { net: checkedNet(text, protocol, net) }) };
  const baud = parameters.get("baud");
  const proxy = parameters.get("proxy");
  if (baud !== undefined && transport !== "tty") throw invalid(text, "baud is for tty only", examples.at);
  if (proxy !== undefined && (protocol === "at" || transport === "unix")) {
    throw invalid(text, "proxies serve mbim and qmi over dev and pty only", `${examples.mbim}&proxy=mbim-proxy`);
  }
  const device = transport === "dev" ? "dev" : transport === "pty" ? "pty" : "unix";
  const data = parameters.get("data");
  if (data !== undefined && (protocol !== "at" || !data.startsWith("/")))
    throw invalid(text, "data names a second serial port of an AT modem by its path", examples.at);
  const flow = flowOf({ text, protocol, transport, path, parameters });
  const isOnlyLine = isOnlyLineOf({ text, protocol, transport, path, parameters });
  if (protocol === "at") {
    const more = { ...(data === undefined ? {} : { data }), ...(isOnlyLine ? ({ cmux: true } as const) : {}) };
    const atCommon = { ...common, ...more };
    if (transport === "tty") return { ...atCommon, protocol, transport, baudRate: checkedBaud(text, baud), ...flow };
    return { ...atCommon, protocol, transport: device };
  }
  return {
    ...common,
    protocol,
    transport: device,
    ...(proxy === undefined ? {} : { proxy: proxySocket(protocol, proxy) }),
  };
}

function flowOf({ text, transport, parameters }: Parts): { readonly hardwareFlowControl?: true } {
  const rtscts = parameters.get("rtscts");
  if (rtscts === undefined) return {};
  if (transport === "tty" && rtscts === "") return { hardwareFlowControl: true };
  throw invalid(text, "rtscts is for tty only, and has no value", examples.at);
}

/** Said by `cmux`; unsaid it is so for a UART without other ways for packets. Modems on USB have further ports. */
function isOnlyLineOf({ text, protocol, transport, path, parameters }: Parts): boolean {
  const cmux = parameters.get("cmux");
  const isAlone = !parameters.has("net") && !parameters.has("data");
  if (cmux === undefined) return isAlone && transport === "tty" && !/\/tty(USB|ACM)[0-9]+$/.test(path);
  if (protocol !== "at" || transport === "dev" || !["", "on", "off"].includes(cmux))
    throw invalid(text, "cmux (or cmux=off) is for a serial line of an AT modem", examples.at);
  if (cmux !== "off" && !isAlone)
    throw invalid(text, "cmux is for a modem with no other way for packets: neither net nor data", examples.at);
  return cmux !== "off";
}

const isProtocol = (text: string): text is Protocol => text in examples && Object.hasOwn(examples, text);

function readPath(text: string, protocol: Protocol, transport: string, encoded: string): string {
  const path = decoded(text, encoded, examples[protocol]);
  const isAbstract = transport === "unix" && /^@./s.test(path);
  if (!isAbstract && !path.startsWith("/")) {
    const also = transport === "unix" ? " or an abstract @name" : "";
    throw invalid(text, `the path must be absolute${also}`, examples[protocol]);
  }
  return path;
}

function readQuery(text: string, query: string, example: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of query === "" ? [] : query.split("&")) {
    const [key = "", ...value] = pair.split("=");
    if (!["net", "baud", "rtscts", "data", "cmux", "proxy"].includes(key)) {
      throw invalid(
        text,
        `there is no parameter ${JSON.stringify(key)}, only net, baud, rtscts, data, cmux and proxy`,
        example,
      );
    }
    if (parameters.has(key)) throw invalid(text, `${key} is given twice`, example);
    parameters.set(key, decoded(text, value.join("="), example));
  }
  return parameters;
}

function decoded(text: string, encoded: string, example: string): string {
  try {
    const plain = decodeURIComponent(encoded);
    if (!plain.includes("\0")) return plain;
  } catch (cause) {
    throw invalid(text, `${JSON.stringify(encoded)} has a % that does not begin a %XX`, example, cause);
  }
  throw invalid(text, "it has a NUL byte", example);
}

/** @see dev_valid_name in the kernel: 1 to 15 bytes, no slash, colon or space, not `.` or `..` */
function checkedNet(text: string, protocol: Protocol, net: string): string {
  if (/^[^/:\s]+$/.test(net) && net !== "." && net !== ".." && Buffer.byteLength(net) <= 15) return net;
  throw invalid(text, `${JSON.stringify(net)} is no interface name`, examples[protocol]);
}

function checkedBaud(text: string, baud: string | undefined): number {
  if (baud === undefined) return defaultBaudRate;
  if (/^[1-9][0-9]{1,7}$/.test(baud)) return Number(baud);
  throw invalid(text, `${JSON.stringify(baud)} is no speed in bits per second`, examples.at);
}

/** `proxy` alone is the protocol's usual one; a plain name is an abstract socket, as the proxies make it. */
function proxySocket(protocol: "mbim" | "qmi", proxy: string): string {
  const name = proxy === "" ? `${protocol}-proxy` : proxy;
  return name.startsWith("/") || name.startsWith("@") ? name : `@${name}`;
}

function invalid(text: string, problem: string, example: string, cause?: unknown): ModemError {
  return new ModemError("invalid", `--modem ${text}: ${problem}; for example ${example}`, { cause });
}
