import t from "tap";
import { decodeTlvs, encodeTlvs, type Tlvs, type TlvValues } from "../../src/codec/tlv.js";
import { indications, messages } from "../../src/qmi/services/all.js";
import * as nas from "../../src/qmi/services/nas.js";
import * as signal from "../../src/qmi/services/nas-signal.js";
import * as uim from "../../src/qmi/services/uim.js";
import * as wds from "../../src/qmi/services/wds.js";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

/**
 * Laid out by hand from the published field lists, to pin widths and order: a round trip alone would not notice two fields
 * swapped. One per kind of field.
 */
const laidOut: readonly {
  readonly what: string;
  readonly fields: Tlvs;
  readonly bytes: Buffer;
  readonly values: object;
}[] = [
  {
    what: "WDS START_NETWORK request: texts fill their TLV, the mask is one byte",
    fields: wds.startNetwork.request,
    bytes: hex("14 0800 696e7465726e6574  16 0100 02  17 0200 6d65  18 0100 78  19 0100 04"),
    values: { apn: "internet", authentication: ["chap"], username: "me", password: "x", ipFamily: "ipv4" },
  },
  {
    what: "WDS GET_CURRENT_SETTINGS: IPv4 backwards, IPv6 forwards with its prefix length",
    fields: wds.getCurrentSettings.response,
    bytes: hex("1e 0400 0200400a  25 1100 20010db8006400000000000000000002 40  29 0400 dc050000"),
    values: { address4: "10.64.0.2", address6: { address: "2001:db8:64::2", prefixLength: 64 }, mtu: 1500 },
  },
  {
    what: "NAS GET_SERVING_SYSTEM: a list with its count, a name with its length",
    fields: nas.getServingSystem.response,
    bytes: hex("01 0600 01 01 01 02 01 08  12 0800 0100 0100 03 416263"),
    values: {
      servingSystem: {
        registration: "registered",
        csAttach: "attached",
        psAttach: "attached",
        network: "3gpp",
        radioInterfaces: ["lte"],
      },
      plmn: { mcc: 1, mnc: 1, name: "Abc" },
    },
  },
  {
    what: "NAS GET_SIGNAL_INFO: signed numbers",
    fields: signal.getSignalInfo.response,
    bytes: hex("14 0600 b9 f6 9dff 8000"),
    values: { lte: { rssiDbm: -71, rsrqDb: -10, rsrpDbm: -99, snrTenthDb: 128 } },
  },
  {
    what: "UIM VERIFY_PIN request: session, then the PIN with its length",
    fields: uim.verifyPin.request,
    bytes: hex("01 0200 00 00  02 0600 01 04 31323334"),
    values: { session: { type: "primaryGw", aid: Buffer.alloc(0) }, info: { pinId: "pin1", pin: "1234" } },
  },
];

for (const { what, fields, bytes, values } of laidOut)
  t.test(what, async (t) => {
    t.strictSame(decodeTlvs(fields, bytes), values);
    t.equal(encodeTlvs(fields, values as TlvValues<Tlvs>).toString("hex"), bytes.toString("hex"));
  });

/** Every TLV of every message, filled with bytes that a modem could send. */
const parts: readonly (readonly [string, Tlvs])[] = [
  ...messages.flatMap(({ service, name, request, response, failure = {} }) => [
    [`${service} ${name} request`, request] as const,
    [`${service} ${name} response`, response] as const,
    [`${service} ${name} failure`, failure] as const,
  ]),
  ...indications.map(({ service, name, indication }) => [`${service} ${name} indication`, indication] as const),
];

t.test("no two TLVs of a message share a type, and below 0x10 all are required", async (t) => {
  for (const [what, fields] of parts) {
    const types = Object.values(fields).map(({ type }) => type);
    t.equal(new Set(types).size, types.length, what);
    for (const { type, required } of Object.values(fields)) if (type < 0x10) t.ok(required, `${what} ${type}`);
  }
});

t.test("random bytes in every TLV: a value that is written back and read the same, or a RangeError", async (t) => {
  let seed = 20261125;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return seed % below;
  };
  let read = 0;
  for (const [what, fields] of parts)
    for (let round = 0; round < 40; round++) {
      const tlvs = Object.values(fields).map(({ type }) => {
        const value = Buffer.from(
          Array.from({ length: random(40) }, () => (random(3) === 0 ? random(256) : random(4))),
        );
        const head = Buffer.from([type, value.length, 0]);
        return Buffer.concat([head, value]);
      });
      try {
        const values = decodeTlvs(fields, Buffer.concat(tlvs));
        t.strictSame(decodeTlvs(fields, encodeTlvs(fields, values)), values, what);
        read += 1;
      } catch (error) {
        if (!(error instanceof RangeError)) t.fail(`${what}: ${String(error)}`);
      }
    }
  t.ok(read > 500, `${read} sets could be read`);
});
