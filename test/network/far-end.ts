/**
 * Servers as they are met out there, and a host that asks them. The process itself is the host: names are looked up in the
 * middle of a question, by sockets that belong to this namespace.
 *
 *   host eth0 (192.0.2.2) ---- isp (192.0.2.1, 203.0.113.1 and 2001:db8:f::1 behind it)
 */
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Server, Socket } from "node:net";
import { decode, encode } from "dns-packet";
import type { Test } from "tap";
import { parseTarget } from "../../src/config/targets.js";
import { DatagramChannel, inNetns, listenTcp, openUdp, type SocketAddress } from "../../src/native/index.js";
import type { Asker, Via } from "../../src/network/probe/ask.js";
import { openAsker } from "../../src/network/probe/open.js";
import type { IpFamily } from "../../src/network/types.js";
import type { Certificate } from "../lab/certificates.js";
import { labFor, type Namespace } from "../lab/netns.js";

export const far = "203.0.113.1";
export const far6 = "2001:db8:f::1";

export interface Place {
  readonly isp: Namespace;
  asker(family?: IpFamily, via?: Partial<Via>): Asker;
  /** What askers have counted. */
  readonly spent: { bytes: number };
}

export async function place(t: Test): Promise<Place> {
  const lab = labFor(t);
  const host = await lab.ownNamespace("host");
  const isp = await lab.namespace("isp");
  await lab.veth(
    { in: host, name: "eth0", addresses: ["192.0.2.2/24", "2001:db8:1::2/64"] },
    { in: isp, name: "isp0", addresses: ["192.0.2.1/24", "2001:db8:1::1/64"] },
  );
  t.teardown(() => host.ip("link del eth0"));
  await isp.batch([`address add ${far}/32 dev lo`, `address add ${far6}/128 dev lo nodad`]);
  await host.batch(["route add default via 192.0.2.1 dev eth0", "route add default via 2001:db8:1::1 dev eth0"]);
  const spent = { bytes: 0 };
  const count = (bytes: number) => {
    spent.bytes += bytes;
  };
  const own = { uplink: "eth", interfaceName: "eth0", nameServers: () => [far], spent: count };
  const asker = (family: IpFamily = 4, via: Partial<Via> = {}) => {
    const opened = openAsker(family, { ...own, ...via });
    t.teardown(() => opened.close());
    return opened;
  };
  return { isp, asker, spent };
}

export async function serve(
  t: Test,
  { isp }: Place,
  port: number,
  server: Server,
  family: IpFamily = 4,
): Promise<void> {
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
  });
  const at =
    family === 4
      ? ({ family: "inet", sourceAddress: far } as const)
      : ({ family: "inet6", sourceAddress: far6 } as const);
  const fd = inNetns(isp.path, () => listenTcp({ ...at, sourcePort: port }));
  await new Promise<void>((resolve) => void server.listen({ fd }, resolve));
  t.teardown(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
}

export const serveHttp = (t: Test, place: Place, port: number, listener: RequestListener) =>
  serve(t, place, port, createHttpServer(listener));

export const serveHttps = (t: Test, place: Place, port: number, identity: Certificate, listener: RequestListener) =>
  serve(t, place, port, createHttpsServer(identity, listener));

/** A name server whose every answer is what `answer` makes of the question. */
export function serveNames(t: Test, { isp }: Place, answer: (question: Buffer) => Buffer | undefined): void {
  const fd = inNetns(isp.path, () => openUdp({ family: "inet", sourceAddress: far, sourcePort: 53 }));
  const reply = ({ data, source }: { readonly data: Buffer; readonly source: SocketAddress | undefined }) => {
    const bytes = answer(data);
    if (bytes && source) void channel.send(bytes, source);
  };
  const channel: DatagramChannel = new DatagramChannel(
    fd,
    {},
    {
      onDatagrams: (datagrams) => {
        for (const datagram of datagrams) reply(datagram);
      },
      onEnd: () => undefined,
    },
  );
  t.teardown(() => channel.close());
}

/** As a recursive resolver answers: addresses of the asked family for what it knows, no such name for the rest. */
export const zone =
  (records: Readonly<Record<string, readonly string[]>>, code = 0) =>
  (question: Buffer): Buffer => {
    const { id = 0, questions = [] } = decode(question);
    const [asked] = questions;
    const known = records[asked?.name ?? ""];
    const type = asked?.type === "AAAA" ? "AAAA" : "A";
    const fitting = (known ?? []).filter((address) => address.includes(":") === (type === "AAAA"));
    const answers = fitting.map((data) => ({ type, name: asked?.name ?? "", ttl: 30, data }) as const);
    return encode({ type: "response", id, flags: known ? code : 3, questions, answers });
  };

/** `answer`, `portal: ...`, or why there was none. Whatever does not end with its deadline says so. */
export async function outcome(
  asker: Asker,
  input: Parameters<typeof parseTarget>[0],
  patienceMs = 3_000,
): Promise<string> {
  const parsed = parseTarget(input);
  if ("expected" in parsed) throw new Error(parsed.expected);
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new Error("deadline")), patienceMs);
  const startMs = performance.now();
  try {
    const { portal, roundTripMs } = await asker.ask(parsed.target, limit.signal);
    if (roundTripMs < 0 || roundTripMs > patienceMs) return `answer after ${roundTripMs} ms`;
    return portal === undefined ? "answer" : `portal: ${portal}`;
  } catch (error) {
    const tookMs = performance.now() - startMs;
    if (tookMs > patienceMs + 1_000) return `ended only after ${tookMs} ms`;
    return error instanceof Error && "code" in error ? String(error.code) : String(error).replace(/^Error: /, "");
  } finally {
    clearTimeout(timer);
  }
}
