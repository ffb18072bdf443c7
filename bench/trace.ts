/** What recording costs: per message, in memory, and when a full ring is kept or shown. */

import { encodeStruct } from "../src/codec/struct.js";
import { encodeTlvs } from "../src/codec/tlv.js";
import { encodeFrames } from "../src/mbim/frame.js";
import { deviceCaps, basicConnectService as service } from "../src/mbim/services/basic-connect.js";
import { encodeFrame } from "../src/qmi/frame.js";
import { startNetwork } from "../src/qmi/services/wds.js";
import { services } from "../src/qmi/services.js";
import { systemClock } from "../src/runtime/clock.js";
import type { FrameLink, LinkListener } from "../src/runtime/link.js";
import { writeBundle } from "../src/trace/bundle.js";
import type { Protocol } from "../src/trace/entry.js";
import { maskedBundle } from "../src/trace/mask.js";
import { recorded } from "../src/trace/recorded-link.js";
import { TraceRing } from "../src/trace/ring.js";
import { traceLines } from "../src/trace/show.js";
import { figures } from "./figures.js";

/** With a secret in it: the dearest kind of message. */
const dial = encodeFrame({
  ...{ kind: "request", service: services.wds, client: 1, transaction: 1, id: startNetwork.id },
  tlvs: encodeTlvs(startNetwork.request, { apn: "internet", username: "someone", password: "hush" }),
});

const [caps = Buffer.alloc(0)] = encodeFrames(
  {
    ...{ type: "commandDone", transaction: 1, service, cid: deviceCaps.cid, status: 0 },
    payload: encodeStruct(deviceCaps.response, {
      ...{ deviceType: "removable", cellularClass: ["gsm"], voiceClass: "none", simClass: ["removable"] },
      ...{ dataClass: ["lte"], smsCaps: [], controlCaps: [], maxSessions: 8, customDataClass: "" },
      ...{ deviceId: "004999010640000", firmwareInfo: "1.0", hardwareInfo: "bench" },
    }),
  },
  4096,
);

/** A link that goes nowhere; what the modem says comes in through `say`. */
function loose(): { readonly link: FrameLink; say(bytes: Buffer): void } {
  let listener: LinkListener | undefined;
  const link: FrameLink = {
    ...{ kind: "frames", name: "/dev/bench", maxFrameBytes: 4096 },
    listen: (it) => {
      listener = it;
    },
    write: async () => undefined,
    close: () => undefined,
  };
  return { link, say: (bytes) => listener?.data(bytes) };
}

const perRound = 20_000;

/** Of this process, in milliseconds: on a busy machine the clock counts what others do. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Microseconds for each message, with and without the recorder. */
function perMessage(protocol: Protocol, message: Buffer, ring: TraceRing | undefined): number {
  const { link, say } = loose();
  const port = { modem: `${protocol}_0`, port: link.name, protocol };
  const used = ring === undefined ? link : recorded(link, { port, sink: ring, clock: systemClock });
  used.listen({ data: () => undefined, closed: () => undefined });
  const before = cpuMs();
  for (let n = 0; n < perRound; n++) say(message);
  return ((cpuMs() - before) * 1000) / perRound;
}

const header = { madeAt: "", wwand: "", reason: "", modem: "", identities: "real" } as const;

const took = async (work: () => unknown): Promise<number> => {
  const before = cpuMs();
  await work();
  return cpuMs() - before;
};

export async function trace({ rounds }: { readonly rounds: number }): Promise<void> {
  const rows: Record<string, string> = {};
  const ring = new TraceRing(systemClock);
  for (const [name, protocol, message] of [
    ["QMI START_NETWORK with a password", "qmi", dial],
    ["MBIM DEVICE_CAPS", "mbim", caps],
  ] as const) {
    const all = Array.from({ length: rounds }, () => perMessage(protocol, message, ring));
    const without = Array.from({ length: rounds }, () => perMessage(protocol, message, undefined));
    rows[`recording ${name}`] = `${figures(all).median.toFixed(2)} us (${figures(without).median.toFixed(2)} without)`;
  }
  const entries = ring.entries();
  const bundle = { header, entries };
  const bytes = await writeBundle(bundle);
  rows[`two full rings: ${entries.length} entries`] = `${(bytes.length / 1024).toFixed(0)} KiB as a file`;
  const times = { "keeping them": () => writeBundle(bundle), "masking them": () => maskedBundle(bundle) };
  const shown = { "showing them": () => traceLines(entries, { identities: false }) };
  for (const [what, work] of Object.entries({ ...times, ...shown })) {
    const all: number[] = [];
    for (let n = 0; n < 5; n++) all.push(await took(work));
    rows[what] = `${figures(all).median.toFixed(0)} ms`;
  }
  for (const [what, figure] of Object.entries(rows)) console.log(`${what.padEnd(48)} ${figure}`);
}
