/** TPDUs that other programs' tests have from real networks (ModemManager, src/tests/test-sms-part-3gpp.c: the bytes alone). */
import fc from "fast-check";
import t from "tap";
import {
  decodeReceived,
  decodeSubmit,
  encodeDeliver,
  encodeStatusReport,
  encodeSubmit,
  serviceCentreLength,
} from "../../src/sms/pdu.js";
import { splitText } from "../../src/sms/split.js";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ""), "hex");

interface Received {
  readonly name: string;
  readonly pdu: string;
  readonly serviceCentre: string;
  readonly sender: string;
  /** In the sender's own zone. */
  readonly at: string;
  readonly text: string;
}

const received: readonly Received[] = [
  {
    name: "extended characters",
    pdu: `07912104442961f4040b916171957291f80000112082110505 0a6ac8b2bc7c9a83c220f6db7d2ecb41edf27c1e3e97411bde06754fd3d1
      a0f9bb5d0695f1f4b29b5c2683c6e8b03c3ca697e5f34d6ae303d1d1f2f7dd0d4abb59a0797d8c0685e7a00028ec26832a960b28ec2683be60
      50780eba97d96c17`,
    serviceCentre: "+12404492164",
    sender: "+16175927198",
    at: "2011-02-28T16:50:50Z -300",
    text: "Here's a longer message [{with some extended characters}] thrown in, such as £ and ΩΠΨ and §¿ as well.",
  },
  {
    name: "a name as sender, UCS-2",
    pdu: "07919730071111f10414d04937bd2c7797e9d3e614000811309291024061080442043504410442",
    serviceCentre: "+79037011111",
    sender: "InternetSMS",
    at: "2011-03-29T15:20:04Z 240",
    text: "тест",
  },
  {
    name: "a national number, a protocol identifier",
    pdu: "07912143658709f1040b818100551512f2ff0011101021436500 0ae8329bfd4697d9ec37",
    serviceCentre: "+12345678901",
    sender: "18005551212",
    at: "2011-01-01T12:34:56Z 0",
    text: "hellohello",
  },
  {
    name: "a class in the data coding",
    pdu: `07913306091093F0040485810000F111604231805180A049B7F90D9A1AA5A01668F8769BD3E4B29B9E2EB359A03FC85D06A9C3ED707A0EA2
      CBC3EE79BB4CA7CBCBA05643617DA7C76990FD4D979741EE77DD5E0ED741ED371D442E83E0E1F9BC0CD281E677D9B84C06C1DF7539E85C90
      97E520FB9B2E2F83C6EF369C5E064D8D52D0BC2E07DDEF77D7DC2C7799E5A0771D040FCB41F402BB0047BFDD6550B80ECAD966`,
    serviceCentre: "+33609001390",
    sender: "1800",
    at: "2011-06-24T11:08:15Z 120",
    text:
      "Info SFR - Confidentiel, à ne jamais transmettre -\r\nVoici votre nouveau mot de passe : sw2ced pour gérer " +
      "votre compte SFR sur www.sfr.fr ou par téléphone au 963",
  },
];

const timeText = ({ atMs, offsetMinutes }: { readonly atMs: number; readonly offsetMinutes: number }): string =>
  `${new Date(atMs).toISOString().replace(".000", "")} ${offsetMinutes}`;

for (const { name, pdu, serviceCentre, sender, at, text } of received)
  t.test(`received: ${name}`, async (t) => {
    const message = decodeReceived(hex(pdu));
    if (message.is !== "deliver") throw new Error("no DELIVER");
    t.match(message, { serviceCentre, sender, text });
    t.equal(timeText(message.sentAt), at);
  });

t.test("octets for a program are no text", async (t) => {
  const pdu = hex("07912143658709f1040b918100551512f2000411101021436500 0ae8329bfd4697d9ec37de");
  t.match(decodeReceived(pdu), { text: "", octets: hex("e8329bfd4697d9ec37de"), coding: { alphabet: "octets" } });
});

/** Two parts under one reference of eight bits, by two service centres. */
export const parts = [
  `07912160130320F5440B916171056429F5000021405291650569A00500034C0201A9E8F41C949E83C2207B599E07B1DFEE33885E9ED341E4F23C
   7D7697C920FA1B54C697E5E3F4BC0C6AD7D9F434081E96D341E3303C2C4EB3D3F4BC0B94A483E6E8779D4D06CDD1EF3BA80E0785E7A0B7BB0C6A
   97E7F3F0B9CC02B9DF7450780EA2DFDF2C50780EA2A3CBA0BA9B5C96B3F369F71954768FDFE4B4FB0C9297E1F2F2BCECA6CF41`,
  `07912160130320F6440B916171056429F5000021405291651569320500034C0202E9E8301D44479741F0B09C3E0785E56590BCCC0ED3CB6410FD
   0D7ABBCBA0B0FB4D4797E52E10`,
].map(hex);

t.test("parts say which they are", async (t) => {
  const [one, two] = parts.map(decodeReceived);
  t.match(one, { header: { concatenation: { bits: 8, reference: 0x4c, total: 2, sequence: 1 } } });
  t.match(one, { text: /^This is a very long test .* the underlying encoding represents $/ });
  t.match(two, { header: { concatenation: { sequence: 2 } }, text: "that the parts are related to one another. " });
});

t.test("a status report", async (t) => {
  const report = decodeReceived(hex("07914356060013F1065A098136397339F7219011700463802190117004638030"));
  t.match(report, { is: "statusReport", reference: 0x5a, recipient: "639337937", status: 0x30 });
  t.match(report, { sentAt: { atMs: Date.UTC(2012, 8, 11, 5, 40, 36), offsetMinutes: 120 } });
  if (report.is === "statusReport")
    t.match(decodeReceived(encodeStatusReport(report, "+34656000311")), report, "there and back");
});

t.test("what a mobile keeps to send is read as that, and is nothing received", async (t) => {
  const pdu = hex("002100098136397339F70008224F60597D4F60597D4F60597D4F60597D4F60597D4F60597D4F60597D4F60597D4F60");
  t.match(decodeSubmit(pdu), { recipient: "639337937", text: "你好你好你好你好你好你好你好你好你", wantsReport: true });
  t.throws(() => decodeReceived(pdu), RangeError);
});

const sent: readonly (readonly [recipient: string, text: string, pdu: string, validityMinutes?: number])[] = [
  [
    "+15555551234",
    "Да здравствует король, детка!",
    `0011000B915155551532F40008003A0414043000200437043404400430043204410442043204430435044200 20043A043E0440043E043B044C
     002C00200434043504420 43A04300021`,
    5,
  ],
  [
    "+15555551234",
    "Hi there...Tue 17th Jan 2012 05:30.18 pm (GMT+1) ΔΔΔΔΔ",
    `0011000B915155551532F400000036C834888E2ECBCB2E978B5A2F8362373A1AA40CBB4132584C0682D57433982B8603C1DB20D4B1495DC552
     2008040281 00`,
    5,
  ],
  [
    "+15556661234",
    "This is really cool ΔΔΔΔΔ",
    "0001000B915155661632F40000195474 7A0E4ACF41F27298CDCE83C6EF371B0481402010",
  ],
];

for (const [recipient, text, pdu, validityMinutes] of sent)
  t.test(`sent: ${text}`, async (t) => {
    const [part] = splitText(text, 0);
    if (part === undefined) throw new Error("no part");
    const validity = validityMinutes === undefined ? {} : { validityMinutes };
    const bytes = encodeSubmit({ recipient, ...part, wantsReport: false, ...validity });
    t.equal(bytes.toString("hex"), hex(pdu).toString("hex"));
    t.match(decodeSubmit(bytes), { recipient, text });
    t.equal(serviceCentreLength(bytes), 1);
  });

/** Nothing but a value or a RangeError with a reason. */
function readsOrRefuses(bytes: Buffer): void {
  for (const decode of [decodeReceived, decodeSubmit])
    try {
      decode(bytes);
    } catch (error) {
      if (!(error instanceof RangeError) || error.message === "")
        throw new Error(bytes.toString("hex"), { cause: error });
    }
}

t.test("cut at every length, every bit flipped, any bytes: a message or a RangeError", async (t) => {
  const all = [...received.map(({ pdu }) => hex(pdu)), ...parts, ...sent.map(([, , pdu]) => hex(pdu))];
  for (const bytes of all)
    for (let at = 0; at < bytes.length; at++) {
      readsOrRefuses(bytes.subarray(0, at));
      for (let bit = 0; bit < 8; bit++) {
        const flipped = Buffer.from(bytes);
        flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << bit), at);
        readsOrRefuses(flipped);
      }
    }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 180 }), (bytes) => readsOrRefuses(Buffer.from(bytes))));
  t.pass("never anything else");
});

t.test("any text and sender arrive as they were sent", async (t) => {
  const sender = fc.constantFrom("+4915112345678", "12345", "*100#", "Bank 24", "ÄÖ-Bahn");
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom(..."aZ 0@£èÄ€[]{}\\\n"), maxLength: 400 }),
    fc.string({ unit: fc.constantFrom(..."aя漢😀é"), maxLength: 300 }),
  );
  fc.assert(
    fc.property(sender, text, fc.nat(255), (sender, text, reference) => {
      const sentAt = { atMs: Date.UTC(2026, 1, 3, 4, 5, 6), offsetMinutes: -210 };
      const pdus = splitText(text, reference).map((part) =>
        encodeDeliver({ serviceCentre: "+491710760000", sender, sentAt, ...part }),
      );
      const read = pdus.map(decodeReceived).flatMap((message) => (message.is === "deliver" ? [message] : []));
      if (read.map((one) => one.text).join("") !== text) throw new Error("another text");
      if (!read.every((one) => one.sender === sender && one.sentAt.offsetMinutes === -210))
        throw new Error("another sender");
      if (!pdus.every((pdu) => pdu.length <= 180)) throw new Error("too long for one message");
    }),
  );
  t.pass("each of them");
});
