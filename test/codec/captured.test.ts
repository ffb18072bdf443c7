/** Messages of real modems, as public sources have them: framing, and every row of the tables that knows them. */
import { readFileSync } from "node:fs";
import t, { type Test } from "tap";
import { decodeStruct, encodeStruct } from "../../src/codec/struct.js";
import { decodeTlvs, encodeTlvs } from "../../src/codec/tlv.js";
import { decodeMessage } from "../../src/mbim/frame.js";
import { messageText as mbimText } from "../../src/mbim/frame-log.js";
import { findCommand } from "../../src/mbim/services/all.js";
import { status } from "../../src/mbim/status.js";
import { decodeFrame, encodeFrame } from "../../src/qmi/frame.js";
import { messageText as qmiText } from "../../src/qmi/frame-log.js";
import { errorOf, qmiErrors } from "../../src/qmi/result.js";
import { findMessage } from "../../src/qmi/services/all.js";

interface Captured {
  readonly name: string;
  readonly frame: string;
}

const fixture = (path: string): Readonly<Record<"answers" | "qmi" | "mbim", readonly Captured[] | undefined>> =>
  JSON.parse(readFileSync(new URL(`../fixtures/${path}/answers.json`, import.meta.url), "utf8"));

const sierra = fixture("sierra-em7455");
const qmi = [...(fixture("libqmi").answers ?? []), ...(sierra.qmi ?? [])];
const mbim = [...(fixture("libmbim").answers ?? []), ...(sierra.mbim ?? [])];

/** What is not to be read, and where it ends: libqmi and libmbim refuse the same ones, but for the last two. */
const refused: Readonly<Record<string, RegExp>> = {
  parse_empty_fixed_string: /^result is missing/,
  basic_connect_visible_providers_overflow: /^providers/,
  provisioned_contexts: /^contextCount/,
  // Its second record is said to be four bytes longer than what is there; libmbim does not look.
  sms_read_multiple_pdu: /^records\[1\]/,
  // The third edition's, which is never agreed on.
  ms_basic_connect_extensions_device_caps_v3: /^deviceId/,
};

/** Cut anywhere, a whole frame is none. */
function cutAnywhere(t: Test, bytes: Buffer, decode: (bytes: Buffer) => unknown): void {
  for (let length = 0; length < bytes.length; length++)
    t.throws(() => decode(bytes.subarray(0, length)), RangeError, `${length} bytes`);
}

for (const { name, frame } of qmi)
  t.test(`QMI: ${name}`, async (t) => {
    const bytes = Buffer.from(frame, "hex");
    const message = decodeFrame(bytes);
    t.equal(encodeFrame(message).toString("hex"), frame, "the frame is written as it came");
    t.notMatch(qmiText(message), /\n|not readable/);
    cutAnywhere(t, bytes, decodeFrame);
    const lie = refused[name];
    if (lie !== undefined) {
      t.throws(() => errorOf(message.tlvs), { name: "RangeError", message: lie });
      return;
    }
    const row = findMessage(message.service, message.id);
    if (row === undefined || errorOf(message.tlvs) !== 0) return;
    const values = decodeTlvs(row.response, message.tlvs);
    t.strictSame(decodeTlvs(row.response, encodeTlvs(row.response, values)), values, `${row.name} there and back`);
  });

for (const { name, frame } of mbim)
  t.test(`MBIM: ${name}`, async (t) => {
    const bytes = Buffer.from(frame, "hex");
    const message = decodeMessage(bytes);
    t.notMatch(mbimText(message), /\n/);
    cutAnywhere(t, bytes, decodeMessage);
    if (message.type !== "commandDone" || message.status !== status.success) return;
    const row = findCommand(message.service, message.cid);
    if (row === undefined) return;
    const { response } = row;
    const lie = refused[name];
    if (lie !== undefined) {
      t.throws(() => decodeStruct(response, message.payload), { name: "RangeError", message: lie });
      return;
    }
    const values = decodeStruct(response, message.payload);
    t.strictSame(decodeStruct(response, encodeStruct(response, values)), values, `${row.name} there and back`);
  });

const named = (all: readonly Captured[], name: string): Buffer =>
  Buffer.from(all.find((one) => one.name === name)?.frame ?? "", "hex");

t.test("what some of them say, in words", async (t) => {
  const { tlvs } = decodeFrame(named(qmi, "UIM Get CK Status is not known to this firmware"));
  t.equal(errorOf(tlvs), qmiErrors.invalidQmiCommand);
  t.match(mbimText(decodeMessage(named(mbim, "basic_connect_visible_providers"))), /21403.*Orange/);
  t.match(qmiText(decodeFrame(named(qmi, "nas_get_serving_system"))), /registration=registered/);
  t.match(mbimText(decodeMessage(named(mbim, "sms_read_single_pdu"))), /index=7 status=sent pdu=16 bytes/);
});
