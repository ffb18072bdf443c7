/**
 * A user of the connection, in a process of its own so that pulling the cable does not hold it up: UDP datagrams in even
 * intervals from one namespace to an echo server in another, each by whatever way the kernel has at that moment.
 */
import { DatagramChannel, inNetns, openUdp } from "../src/native/index.js";
import { monotonicMs } from "./clock.js";

export interface EchoSetup {
  /** Where the datagrams come from; absent: this process's own namespace. */
  readonly netns?: string;
  readonly serverNetns: string;
  readonly address: string;
  readonly port: number;
  /** From datagram to datagram; 10 without. */
  readonly intervalMs?: number;
}

export type EchoOrder = { readonly order: "begin" } | { readonly order: "end" };

export interface Probe {
  readonly sentMs: number;
  /** Absent: no answer within a second. */
  readonly answeredMs?: number;
}

export type EchoReport =
  | { readonly report: "answered"; readonly atMs: number }
  | { readonly report: "probes"; readonly probes: Probe[] };

const defaultIntervalMs = 10;
const patienceMs = 1_000;

const setup: EchoSetup = JSON.parse(process.argv[2] ?? "{}");
const probes: { sentMs: number; answeredMs?: number }[] = [];
const trouble = { onTrouble: () => undefined, onEnd: () => undefined };
let timer: NodeJS.Timeout | undefined;
let firstOfRound = 0;
let isAnswered = true;

const tell = (report: EchoReport): void => void process.send?.(report);

const open = () => openUdp({ family: "inet" });
const client = new DatagramChannel(
  setup.netns === undefined ? open() : inNetns(setup.netns, open),
  {},
  {
    onDatagrams: (datagrams) => {
      for (const { data } of datagrams) answered(data.readUInt32BE(0));
    },
    ...trouble,
  },
);
const server = new DatagramChannel(
  inNetns(setup.serverNetns, () =>
    openUdp({ family: "inet", sourceAddress: setup.address, sourcePort: setup.port, reuseAddress: true }),
  ),
  {},
  {
    onDatagrams: (datagrams) => {
      for (const { data, source } of datagrams) server.send(Buffer.from(data), source).catch(() => undefined);
    },
    ...trouble,
  },
);

function answered(at: number): void {
  const probe = probes[at];
  const nowMs = monotonicMs();
  if (probe === undefined || probe.answeredMs !== undefined || nowMs - probe.sentMs > patienceMs) return;
  probe.answeredMs = nowMs;
  if (isAnswered || at < firstOfRound) return;
  isAnswered = true;
  tell({ report: "answered", atMs: nowMs });
}

function ask(): void {
  const bytes = Buffer.alloc(64);
  bytes.writeUInt32BE(probes.length, 0);
  probes.push({ sentMs: monotonicMs() });
  // Refused (no route) is as lost as unanswered.
  client.send(bytes, { family: "inet", address: setup.address, port: setup.port }).catch(() => undefined);
}

process.on("message", ({ order }: EchoOrder) => {
  if (order === "begin") {
    firstOfRound = probes.length;
    isAnswered = false;
    timer = setInterval(ask, setup.intervalMs ?? defaultIntervalMs);
    return;
  }
  clearInterval(timer);
  setTimeout(() => tell({ report: "probes", probes: probes.slice(firstOfRound) }), patienceMs);
});
process.on("disconnect", () => process.exit(0));
