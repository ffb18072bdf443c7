/** PINs and passwords do not get into a trace, however the bytes that hold them are cut. */
import t from "tap";
import { encodeStruct, type Fields, type Values } from "../../src/codec/struct.js";
import { encodeTlvs } from "../../src/codec/tlv.js";
import { encodeFrames } from "../../src/mbim/frame.js";
import * as basicConnect from "../../src/mbim/services/basic-connect.js";
import { qmiMessage } from "../../src/mbim/services/qmi.js";
import { ussd } from "../../src/mbim/services/ussd.js";
import { decodeFrame, encodeFrame } from "../../src/qmi/frame.js";
import { encodeResult } from "../../src/qmi/result.js";
import { unblockPin } from "../../src/qmi/services/uim.js";
import { originateUssd } from "../../src/qmi/services/voice.js";
import { startNetwork } from "../../src/qmi/services/wds.js";
import { services } from "../../src/qmi/services.js";
import { cutUp, seeded } from "../mbim/random.js";
import { recordedPort } from "./port.js";

const secret = "s3cr3t-4711";
const forms = [Buffer.from(secret).toString("hex"), Buffer.from(secret, "utf16le").toString("hex")];

const qmi = (service: number, id: number, tlvs: Buffer): Buffer =>
  encodeFrame({ kind: "request", service, client: 1, transaction: 7, id, tlvs });

const session = { type: "primaryGw", aid: Buffer.alloc(0) } as const;

const qmiFrames = {
  "START_NETWORK with a password": qmi(
    services.wds,
    startNetwork.id,
    encodeTlvs(startNetwork.request, { apn: "internet", username: "me", password: secret }),
  ),
  UNBLOCK_PIN: qmi(
    services.uim,
    unblockPin.id,
    encodeTlvs(unblockPin.request, { session, info: { pinId: "pin1", puk: secret, newPin: secret } }),
  ),
  ORIGINATE_USSD: qmi(
    services.voice,
    originateUssd.id,
    encodeTlvs(originateUssd.request, { ussData: { codingScheme: "ascii", data: Buffer.from(secret) } }),
  ),
  "ORIGINATE_USSD answered": qmi(
    services.voice,
    originateUssd.id,
    Buffer.concat([encodeResult(0), encodeTlvs(originateUssd.response, { utf16: secret })]),
  ),
  "a message that no table has": qmi(services.wds, 0x7777, Buffer.from(`010b00${forms[0]}`, "hex")),
  "a TLV that no table has": qmi(services.wds, startNetwork.id, Buffer.from(`7f0b00${forms[0]}`, "hex")),
  "a secret whose length lies": qmi(services.uim, 0x26, Buffer.from(`020d0001ff${forms[0]}`, "hex")),
  "TLVs that end nowhere": qmi(services.wds, startNetwork.id, Buffer.from(`18ff00${forms[0]}`, "hex")),
};

for (const [what, frame] of Object.entries(qmiFrames))
  t.test(`QMI: ${what}`, async (t) => {
    const random = seeded(frame.length);
    for (const kind of ["frames", "bytes"] as const) {
      const port = recordedPort("qmi", kind);
      for (const piece of kind === "frames" ? [frame] : cutUp(frame, random, 5)) await port.link.write(piece);
      port.say(frame);
      t.equal(port.facts.filter(({ is }) => is === "frame").length, 2, `${kind}: there, both ways`);
      for (const form of forms) t.notMatch(port.hex, form, kind);
      for (const fact of port.facts) if (fact.is === "frame") t.equal(fact.bytes.length, frame.length);
    }
  });

t.test("QMI: what is not secret stays", async (t) => {
  const port = recordedPort("qmi");
  await port.link.write(qmiFrames["START_NETWORK with a password"]);
  const [, fact] = port.facts;
  const bytes = fact?.is === "frame" ? fact.bytes : Buffer.alloc(0);
  t.match(decodeFrame(bytes).tlvs.toString("latin1"), /internet.*me.*\*{11}/s);
});

const mbim = <F extends Fields>(cid: number, fields: F, values: Values<F>): readonly Buffer[] =>
  encodeFrames(
    {
      ...{ type: "command", action: "set", transaction: 9, service: basicConnect.basicConnectService, cid },
      payload: encodeStruct(fields, values),
    },
    64,
  );

t.test("MBIM: a PIN and a password, in one message or in pieces", async (t) => {
  const { pin, connect } = basicConnect;
  const messages = [
    mbim(pin.cid, pin.set, { pinType: "pin1", pinOperation: "enter", pin: secret, newPin: secret }),
    mbim(connect.cid, connect.set, {
      ...{ sessionId: 0, command: "activate", accessString: "internet", userName: "me", password: secret },
      ...{
        compression: "none",
        authProtocol: "chap",
        ipType: "ipv4",
        contextType: "7e5e2a7e-4e6f-7272-736b-656e7e5e2a7e",
      },
    } as Values<typeof connect.set>),
  ];
  for (const kind of ["frames", "bytes"] as const) {
    const port = recordedPort("mbim", kind);
    for (const fragments of messages)
      for (const fragment of fragments)
        for (const piece of kind === "frames" ? [fragment] : cutUp(fragment, seeded(3), 7))
          await port.link.write(piece);
    t.equal(port.facts.filter(({ is }) => is === "frame").length, 2, "whole messages");
    for (const form of forms) t.notMatch(port.hex, form, kind);
    t.match(port.hex, Buffer.from("internet", "utf16le").toString("hex"), "the APN stays");
  }
});

t.test("MBIM: what is asked and told by USSD", async (t) => {
  const { service, cid, set, notify } = ussd;
  const coded = { codingScheme: 0x48, payload: Buffer.from(secret) };
  const asked = encodeStruct(set, { action: "initiate", ...coded });
  const told = encodeStruct(notify, { response: "noActionRequired", sessionState: "newSession", ...coded });
  const port = recordedPort("mbim");
  const request = { type: "command", action: "set", transaction: 9, service, cid, payload: asked } as const;
  for (const frame of encodeFrames(request, 4096)) await port.link.write(frame);
  const word = { type: "indicateStatus", transaction: 0, service, cid, payload: told } as const;
  for (const frame of encodeFrames(word, 4096)) port.say(frame);
  t.equal(port.facts.filter(({ is }) => is === "frame").length, 2);
  for (const form of forms) t.notMatch(port.hex, form);
});

t.test("MBIM: a PIN that travels in QMI", async (t) => {
  const { service, cid, set } = qmiMessage;
  const payload = encodeStruct(set, { frame: qmiFrames.UNBLOCK_PIN });
  const command = { type: "command", action: "set", transaction: 9, service, cid, payload } as const;
  const port = recordedPort("mbim");
  for (const frame of encodeFrames(command, 4096)) await port.link.write(frame);
  t.equal(port.facts.filter(({ is }) => is === "frame").length, 1);
  for (const form of forms) t.notMatch(port.hex, form);
});

const atLines = (port: ReturnType<typeof recordedPort>): readonly string[] =>
  port.facts.map((fact) =>
    fact.is === "frame" ? `${fact.direction} ${fact.bytes.toString("latin1").trim()}` : `${fact.is}`,
  );

t.test("AT: PINs, passwords, messages and packets stay out; what is harmless stays", async (t) => {
  const port = recordedPort("at");
  const tell = (text: string) => port.link.write(Buffer.from(text, "latin1"));
  await tell("AT+CPI");
  await tell('N="1234"\r');
  port.say(Buffer.from('AT+CPIN="12'));
  port.say(Buffer.from('34"\r\r\nOK\r\n'));
  await tell('AT+CGDCONT=1,"IP","internet";+CGAUTH=1,2,"hush","me"\r');
  port.say(Buffer.from('\r\n+CGAUTH: 1,2,"me","hush"\r\n+CEREG: 0,1\r\n\r\nOK\r\n'));
  await tell('AT+CLCK="SC",1,"1234"\r');
  port.say(Buffer.from("\r\n+CME ERROR: 16\r\n"));
  await tell("AT+CMGS=23\r");
  port.say(Buffer.from("\r\n> "));
  await tell("0011000B91SECRETPDU\x1a");
  port.say(Buffer.from("\r\n+CMGS: 7\r\n\r\nOK\r\n"));
  await tell("AT+CGMM\r");
  port.say(Buffer.from("\r\nSIM7600G-H\r\n\r\nOK\r\n"));
  await tell("ATD*99#\r");
  port.say(Buffer.from("\r\nCONNECT 115200\r\n"));
  await tell("~\r\nhush\r\n");
  port.say(Buffer.from("packets of somebody\r\n"));
  port.say(Buffer.from("\r\nNO CARRIER\r\n"));
  await tell("AT\r");
  t.strictSame(atLines(port), [
    "opened",
    '> AT+CPIN="****"',
    '< AT+CPIN="****"\r\r\nOK',
    '> AT+CGDCONT=1,"IP","internet";+CGAUTH=*,*,"****","**"',
    '< +CGAUTH: *,*,"**","****"\r\n+CEREG: 0,1\r\n\r\nOK',
    '> AT+CLCK="**",*,"****"',
    "< +CME ERROR: 16",
    "> AT+CMGS=**",
    "< >",
    `> ${"*".repeat("0011000B91SECRETPDU".length + 1)}`,
    "< +CMGS: *\r\n\r\nOK",
    "> AT+CGMM",
    "< SIM7600G-H\r\n\r\nOK",
    "> ATD****",
    "< CONNECT 115200",
    "left out",
    "left out",
    "> AT",
  ]);
});

t.test("AT: what the network brings unasked stays out, wherever it comes", async (t) => {
  const port = recordedPort("at");
  const say = (text: string) => port.say(Buffer.from(`\r\n${text}\r\n`, "latin1"));
  await port.link.write(Buffer.from("AT+CGMM\r"));
  say("+CMT: ,23\r\n0791448720003023240DD0E474D81C0EBB01");
  say("SIM7600G-H\r\n\r\nOK");
  say("0791448720003023240DD0E474D81C0EBB01");
  say('+CUSD: 1,"1 Balance\r\nAttention: PIN 4711\r\n+49301234: call\r\nOver",15');
  say('+CMTI: "SM",3\r\n+CSCA: "+4930123",145\r\n+CREG: 1');
  await port.link.write(Buffer.from('AT+CUSD=1,"*100#",15\r'));
  await port.link.write(Buffer.from('AT+CSCA="+4930123",145\r'));
  await port.link.write(Buffer.from('AT+CPMS="ME";+CMGL=4\r'));
  say("+CPMS: 1,20,1,20,1,20\r\n+CMGL: 0,1,,23\r\n0791448720003023240DD0E474D81C0EBB01\r\n\r\nOK");
  const covered = "*".repeat(36);
  t.strictSame(atLines(port), [
    "opened",
    "> AT+CGMM",
    `< +CMT: ,**\r\n${covered}`,
    "< SIM7600G-H\r\n\r\nOK",
    `< ${covered}`,
    '< +CUSD: *,"* *******\r\n*********: *** ****\r\n*********: ****\r\n****",**',
    '< +CMTI: "SM",3\r\n+CSCA: "********",***\r\n+CREG: 1',
    '> AT+CUSD=*,"*****",**',
    '> AT+CSCA="********",***',
    '> AT+CPMS="ME";+CMGL=*',
    `< +CPMS: 1,20,1,20,1,20\r\n+CMGL: *,*,,**\r\n${covered}\r\n\r\nOK`,
  ]);
});

t.test("bytes that are no message are counted, and what follows is heard", async (t) => {
  const port = recordedPort("qmi");
  const frame = qmiFrames["a TLV that no table has"];
  port.say(Buffer.concat([Buffer.from("garbage"), frame]));
  t.match(port.facts, [{ is: "opened" }, { is: "left out", size: 7, direction: "<" }, { is: "frame" }]);
  port.link.close();
  t.match(port.facts.at(-1), { is: "closed" });
});
