/** What leaves the machine names nobody and can still be read and replayed. */
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import t from "tap";
import { decodeStruct, encodeStruct, hidingOf, type Values } from "../../src/codec/struct.js";
import { decodeTlvs, encodeTlvs, type Tlvs, type TlvValues } from "../../src/codec/tlv.js";
import { decodeMessage, encodeFrames } from "../../src/mbim/frame.js";
import { commands } from "../../src/mbim/services/all.js";
import { signalState } from "../../src/mbim/services/basic-connect.js";
import { decodeFrame, encodeFrame } from "../../src/qmi/frame.js";
import { encodeResult } from "../../src/qmi/result.js";
import { messages } from "../../src/qmi/services/all.js";
import { getIds, getMsisdn } from "../../src/qmi/services/dms.js";
import { readTransparent } from "../../src/qmi/services/uim.js";
import { services } from "../../src/qmi/services.js";
import { type Bundle, readBundle, writeBundle } from "../../src/trace/bundle.js";
import type { TraceEntry, TraceFact } from "../../src/trace/entry.js";
import { maskedBundle } from "../../src/trace/mask.js";
import { protocols } from "../../src/trace/protocols/all.js";
import { generateStruct, generateTlvs, TooMuch } from "../codec/generated.js";

const port = { modem: "qmi_0", port: "/dev/cdc-wdm0", protocol: "qmi" } as const;
const header = {
  madeAt: "2026-11-25T22:40:46.000Z",
  wwand: "0.1.0",
  reason: "",
  modem: "",
  identities: "real",
} as const;
const bundle = (...facts: readonly TraceFact[]): Bundle => ({
  header,
  entries: facts.map((fact, index): TraceEntry => ({ ...fact, atMs: index, wallMs: 1_764_110_446_000 + index })),
});

const imei = "356938035643809";
const iccid = "8949011234567890126";
/** The same as EF ICCID has it, and the IMSI 262011234567890 as EF IMSI does. @see 3GPP TS 31.102 4.2.2 */
const iccidFile = "989410214365870921f6";
const imsiFile = "082926102143658709";

const qmi = (kind: "request" | "response", service: number, id: number, transaction: number, tlvs: Buffer) =>
  ({
    is: "frame",
    direction: kind === "request" ? ">" : "<",
    bytes: encodeFrame({ kind, service, client: 1, transaction, id, tlvs }),
    ...port,
  }) as const;

const answer = (tlvs: Buffer): Buffer => Buffer.concat([encodeResult(0), tlvs]);
const fileAnswer = (hex: string): Buffer =>
  answer(encodeTlvs(readTransparent.response, { content: Buffer.from(hex, "hex") }));
const fileRequest = (id: number): Buffer =>
  encodeTlvs(readTransparent.request, {
    session: { type: "primaryGw", aid: Buffer.alloc(0) },
    file: { id, path: Buffer.alloc(0) },
    range: { offset: 0, length: 0 },
  });

const { dms, uim } = services;
const recorded = bundle(
  qmi("response", dms, getIds.id, 1, answer(encodeTlvs(getIds.response, { imei }))),
  qmi("response", dms, getMsisdn.id, 2, answer(encodeTlvs(getMsisdn.response, { msisdn: "+4915112345678" }))),
  qmi("request", uim, readTransparent.id, 3, fileRequest(0x2fe2)),
  qmi("response", uim, readTransparent.id, 3, fileAnswer(iccidFile)),
  qmi("request", uim, readTransparent.id, 4, fileRequest(0x6f07)),
  qmi("response", uim, readTransparent.id, 4, fileAnswer(imsiFile)),
  qmi("request", uim, readTransparent.id, 5, fileRequest(0x6fad)),
  qmi("response", uim, readTransparent.id, 5, fileAnswer("00000002")),
  qmi("request", uim, readTransparent.id, 6, fileRequest(0x6f3c)),
  qmi("response", uim, readTransparent.id, 6, fileAnswer("01c0ffee")),
  { is: "note", text: `card ${iccid}` },
);

t.test("identities become others of their length and kind, the same for the same, in every form", async (t) => {
  const { entries, header: made } = await maskedBundle(recorded);
  t.equal(made.identities, "pseudonyms");
  const all = entries.map((entry) => ("bytes" in entry ? entry.bytes.toString("latin1") : "")).join();
  for (const real of [imei, "15112345678"]) t.notMatch(all, real);
  const tlvs = (index: number): Buffer => {
    const entry = entries[index];
    return entry?.is === "frame" ? decodeFrame(entry.bytes).tlvs : Buffer.alloc(0);
  };
  t.match(decodeTlvs(getIds.response, tlvs(0)).imei, /^35693803\d{7}$/, "its model stays");
  t.match(decodeTlvs(getMsisdn.response, tlvs(1)).msisdn, /^\+491\d{10}$/, "its country stays");
  const content = (index: number): string =>
    decodeTlvs(readTransparent.response, tlvs(index)).content?.toString("hex") ?? "";
  t.match(content(3), /^989410[0-9]{12}f[0-9]$/, "its issuer stays");
  t.not(content(3), iccidFile);
  t.match(content(5), /^08292610/, "its network stays");
  t.not(content(5), imsiFile);
  t.match(entries.at(-1), { is: "note", text: /^card 894901\d{13}$/ });
  t.notMatch(entries.at(-1), { text: new RegExp(iccid) });
  t.equal(content(7), "00000002", "administrative data name nobody");
  t.equal(content(9), "00000000", "messages on the card do");
});

t.test("MBIM: what newer firmware put behind the declared fields is zero", async (t) => {
  const { service, cid, response } = signalState;
  const values = { rssi: 20, errorRate: 99, signalStrengthInterval: 0, rssiThreshold: 1, errorRateThreshold: 0 };
  const declared = encodeStruct(response, values);
  const payload = Buffer.concat([declared, Buffer.from(iccid, "utf16le")]);
  const message = { type: "commandDone", transaction: 1, service, cid, status: 0, payload } as const;
  const bytes = Buffer.concat(encodeFrames(message, 4096));
  const frame = { is: "frame", direction: "<", bytes, ...port, protocol: "mbim" } as const;
  const { entries } = await maskedBundle(bundle(frame));
  const [masked] = entries;
  const after = masked?.is === "frame" ? decodeMessage(masked.bytes) : undefined;
  t.match(after, { payload: Buffer.concat([declared, Buffer.alloc(iccid.length * 2)]) });
});

t.test("the same identity has another pseudonym in the next trace", async (t) => {
  const imeiOf = ({ entries: [first] }: Bundle) => (first?.is === "frame" ? first.bytes.toString("latin1") : "");
  t.not(imeiOf(await maskedBundle(recorded)), imeiOf(await maskedBundle(recorded)));
});

const tape = fc.array(fc.oneof({ weight: 3, arbitrary: fc.nat(5) }, { weight: 1, arbitrary: fc.nat(255) }), {
  maxLength: 200,
});

/** Undefined where the tape makes no values. */
function generated<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof RangeError || error instanceof TooMuch) return undefined;
    throw error;
  }
}

const rows = messages.filter(({ service }) => !["wms", "voice", "loc", "pbm", "auth"].includes(service));
for (const { service, name, id, request } of rows)
  t.test(`QMI ${service} ${name}: masked, a request reads as before but for what it hides`, async (t) => {
    const hiding = hidingOf(Object.values(request).map(({ value }) => value));
    fc.assert(
      fc.property(tape, (bytes) => {
        const tlvs = generated(() => encodeTlvs(request as Tlvs, generateTlvs(request, bytes) as TlvValues<Tlvs>));
        if (tlvs === undefined) return;
        const frame = encodeFrame({ kind: "request", service: services[service], client: 1, transaction: 1, id, tlvs });
        protocols.qmi.covering().openIdentities(frame, ">");
        const after = decodeFrame(frame).tlvs;
        if (!isDeepStrictEqual(decodeTlvs(request, after), decodeTlvs(request, tlvs)))
          t.ok(hiding !== undefined || [0x3b, 0x3f, 0x42].includes(id), "only hidden values may differ");
      }),
      { numRuns: 50, seed: 7 },
    );
    t.pass("checked");
  });

/** QMI_MSG is read as the QMI message that it holds. */
const opened = commands.filter(({ name }) => !/SMS|USSD|UICC|PHONEBOOK|AUTH|QMI_MSG/.test(name));
for (const { service, cid, name, response } of opened)
  t.test(`MBIM ${name}: masked, an answer reads as before`, async (t) => {
    fc.assert(
      fc.property(tape, (bytes) => {
        const payload = generated(() =>
          encodeStruct(response, generateStruct(response, bytes) as Values<typeof response>),
        );
        if (payload === undefined) return;
        const message = { type: "commandDone", transaction: 1, service, cid, status: 0, payload } as const;
        const [frame = Buffer.alloc(0)] = encodeFrames(message, 1 << 20);
        protocols.mbim.covering().openIdentities(frame, "<");
        const after = decodeMessage(frame);
        if (after.type !== "commandDone") throw new Error("it is another message now");
        t.ok(
          isDeepStrictEqual(decodeStruct(response, after.payload), decodeStruct(response, payload)) ||
            payload.length === 0,
        );
      }),
      { numRuns: 50, seed: 7 },
    );
  });

t.test("a trace that was cut anywhere, or altered, is refused with a reason", async (t) => {
  const whole = await writeBundle(recorded);
  t.strictSame(await readBundle(whole), recorded);
  for (let length = 0; length < whole.length; length++)
    await t.rejects(readBundle(whole.subarray(0, length)), { code: "invalid", message: /^no usable trace: / });
  for (let at = 0; at < whole.length; at++) {
    const altered = Buffer.from(whole);
    altered[at] = (altered[at] ?? 0) ^ 0xff;
    // Some bytes of gzip's header say nothing: then it is the same trace.
    await readBundle(altered).then(
      (same) => t.strictSame(same, recorded),
      (error) => t.match(error, { code: "invalid" }),
    );
  }
});
