/** A modem that is not there answers as its trace has it, and says so honestly where the trace has nothing. */
import t from "tap";
import { encodeStruct } from "../../src/codec/struct.js";
import { encodeTlvs } from "../../src/codec/tlv.js";
import { decodeMessage, encodeFrames, type MbimMessage } from "../../src/mbim/frame.js";
import { basicConnectService as service, signalState } from "../../src/mbim/services/basic-connect.js";
import { decodeFrame, encodeFrame } from "../../src/qmi/frame.js";
import { encodeResult } from "../../src/qmi/result.js";
import { allocateClient } from "../../src/qmi/services/ctl.js";
import { getModel, getOperatingMode } from "../../src/qmi/services/dms.js";
import { startNetwork } from "../../src/qmi/services/wds.js";
import { services } from "../../src/qmi/services.js";
import { silentLog } from "../../src/runtime/log.js";
import type { Protocol } from "../../src/trace/entry.js";
import { openReplay } from "../../src/virtual/replay/face.js";
import type { RecordedMessage } from "../../src/virtual/replay/recorded.js";
import { VirtualClock } from "../fakes/clock.js";

type Line = readonly [atMs: number, direction: ">" | "<", bytes: Buffer];

/** The face of a trace; `ask` resolves with what it said within `ms`. */
function played(protocol: Protocol, lines: readonly Line[], speed = 1) {
  const clock = new VirtualClock();
  const said: Buffer[] = [];
  const messages = lines.map(([atMs, direction, bytes]): RecordedMessage => ({ atMs, direction, bytes }));
  const recorded = { modem: "m_0", port: "/dev/p", protocol, openings: [{ atMs: 0, messages }] };
  const line = { send: (bytes: Buffer) => said.push(bytes), flush: () => undefined };
  const face = openReplay(line, { recorded, speed, clock, log: silentLog });
  const ask = async (bytes: Buffer, ms = 10): Promise<readonly Buffer[]> => {
    face.feed(bytes);
    return heard(ms);
  };
  const heard = async (ms: number): Promise<readonly Buffer[]> => {
    await clock.advance(ms);
    return said.splice(0);
  };
  return { face, ask, heard };
}

const qmi = (
  kind: "request" | "response" | "indication",
  [name, client]: readonly ["ctl" | "dms" | "wds", number],
  transaction: number,
  id: number,
  tlvs: Buffer = Buffer.alloc(0),
): Buffer => encodeFrame({ kind, service: services[name], client, transaction, id, tlvs });

const answer = (tlvs: Buffer = Buffer.alloc(0), error = 0): Buffer => Buffer.concat([encodeResult(error), tlvs]);
const wanted = (service: number): Buffer => encodeTlvs(allocateClient.request, { service });
const given = (service: number, client: number): Buffer =>
  answer(encodeTlvs(allocateClient.response, { allocated: { service, client } }));
const model = (text: string): Buffer => answer(encodeTlvs(getModel.response, { text }));
const dial = (apn: string, password: string): Buffer => encodeTlvs(startNetwork.request, { apn, password });
const callFailed = answer(encodeTlvs(startNetwork.failure, { callEndReason: 1018 }), 14);
const modeNews = Buffer.from("0102030405", "hex");

const qmiTrace: readonly Line[] = [
  [0, ">", qmi("request", ["ctl", 0], 1, allocateClient.id, wanted(services.dms))],
  [2, "<", qmi("response", ["ctl", 0], 1, allocateClient.id, given(services.dms, 3))],
  [10, ">", qmi("request", ["dms", 3], 1, getModel.id)],
  [14, "<", qmi("response", ["dms", 3], 1, getModel.id, model("EC25"))],
  [110, "<", qmi("indication", ["dms", 3], 0, 0x0001, modeNews)],
  [200, ">", qmi("request", ["dms", 3], 2, getOperatingMode.id)],
  [300, ">", qmi("request", ["ctl", 0], 2, allocateClient.id, wanted(services.wds))],
  [301, "<", qmi("response", ["ctl", 0], 2, allocateClient.id, given(services.wds, 5))],
  [310, ">", qmi("request", ["wds", 5], 3, startNetwork.id, dial("internet", "******"))],
  [350, "<", qmi("response", ["wds", 5], 3, startNetwork.id, callFailed)],
];

const hexOf = (frames: readonly Buffer[]): readonly string[] => frames.map((frame) => frame.toString("hex"));

t.test("QMI: the host's own numbers, the modem's own words and times", async (t) => {
  const { ask, heard } = played("qmi", qmiTrace);
  t.strictSame(
    hexOf(await ask(qmi("request", ["ctl", 0], 77, allocateClient.id, wanted(services.dms)))),
    hexOf([qmi("response", ["ctl", 0], 77, allocateClient.id, given(services.dms, 3))]),
  );
  t.strictSame(await ask(qmi("request", ["dms", 3], 900, getModel.id), 3), [], "not before its time");
  t.strictSame(hexOf(await heard(1)), hexOf([qmi("response", ["dms", 3], 900, getModel.id, model("EC25"))]));
  t.strictSame(hexOf(await heard(96)), hexOf([qmi("indication", ["dms", 3], 0, 0x0001, modeNews)]));
  t.strictSame(hexOf(await ask(qmi("request", ["dms", 3], 901, getModel.id))).length, 1, "asked again: told again");
  t.strictSame(await heard(1_000), [], "what came unasked comes once");
  t.strictSame(await ask(qmi("request", ["dms", 3], 902, getOperatingMode.id), 60_000), [], "it never answered this");
});

t.test("QMI: a password of any other kind finds the refusal, another APN does not", async (t) => {
  const { ask } = played("qmi", qmiTrace, 10);
  await ask(qmi("request", ["ctl", 0], 1, allocateClient.id, wanted(services.wds)));
  t.strictSame(
    hexOf(await ask(qmi("request", ["wds", 5], 8, startNetwork.id, dial("internet", "quite another")), 4)),
    hexOf([qmi("response", ["wds", 5], 8, startNetwork.id, callFailed)]),
  );
  t.strictSame(
    hexOf(await ask(qmi("request", ["wds", 5], 9, startNetwork.id, dial("corporate", "x")))),
    hexOf([qmi("response", ["wds", 5], 9, startNetwork.id, answer(undefined, 48))]),
    "invalid argument",
  );
  t.strictSame(
    hexOf(await ask(qmi("request", ["wds", 5], 10, 0x7777))),
    hexOf([qmi("response", ["wds", 5], 10, 0x7777, answer(undefined, 71))]),
    "invalid command",
  );
});

t.test("QMI: a second client of a service has an id of its own and hears what the first one heard", async (t) => {
  const { ask, heard } = played("qmi", qmiTrace);
  const allocate = qmi("request", ["ctl", 0], 1, allocateClient.id, wanted(services.dms));
  await ask(allocate);
  const [second = Buffer.alloc(0)] = await ask(allocate);
  t.strictSame(second, qmi("response", ["ctl", 0], 1, allocateClient.id, given(services.dms, 4)));
  const [told] = await ask(qmi("request", ["dms", 4], 1, getModel.id));
  t.match(told && decodeFrame(told), { client: 4, tlvs: model("EC25") });
  t.strictSame(
    (await heard(100)).map((frame) => decodeFrame(frame).client),
    [3, 4],
  );
});

t.test("QMI: bytes in pieces, garbage between, a host that leaves in the middle of a message", async (t) => {
  const { face, ask } = played("qmi", qmiTrace);
  const question = qmi("request", ["dms", 3], 5, getModel.id);
  face.feed(Buffer.from("rubbish"));
  face.feed(question.subarray(0, 5));
  t.equal((await ask(question.subarray(5))).length, 1);
  face.feed(question.subarray(0, 5));
  face.hostLeft();
  t.equal((await ask(question)).length, 1);
});

const mbim = (message: MbimMessage, size = 4096): readonly Buffer[] => encodeFrames(message, size);
const one = (message: MbimMessage): Buffer => Buffer.concat(mbim(message));
const signalQuery = { type: "command", action: "query", service, cid: signalState.cid } as const;
const signal = encodeStruct(signalState.response, {
  ...{ rssi: 21, errorRate: 99, signalStrengthInterval: 0, rssiThreshold: 1, errorRateThreshold: 0 },
});
const unreadable = Buffer.alloc(90, 1);
const mbimTrace: readonly Line[] = [
  [0, ">", one({ type: "open", transaction: 1, maxControlTransfer: 4096 })],
  [1, "<", one({ type: "openDone", transaction: 1, status: 0 })],
  [5, ">", one({ ...signalQuery, transaction: 2, payload: Buffer.alloc(0) })],
  [6, "<", one({ type: "commandDone", transaction: 2, service, cid: signalState.cid, status: 0, payload: signal })],
  [9, "<", one({ type: "indicateStatus", transaction: 0, service, cid: signalState.cid, payload: signal })],
  [20, ">", one({ ...signalQuery, cid: 2, transaction: 3, payload: Buffer.alloc(0) })],
  [21, "<", one({ type: "commandDone", transaction: 3, service, cid: 2, status: 2, payload: unreadable })],
];

t.test("MBIM: transactions and the size of frames are the host's; what is not there is status 9", async (t) => {
  const { ask, heard } = played("mbim", mbimTrace);
  t.strictSame(await ask(one({ type: "open", transaction: 40, maxControlTransfer: 64 }), 1), [
    one({ type: "openDone", transaction: 40, status: 0 }),
  ]);
  const told = await ask(one({ ...signalQuery, transaction: 41, payload: Buffer.alloc(0) }), 1);
  t.strictSame(
    hexOf(told),
    hexOf(
      mbim({ type: "commandDone", transaction: 41, service, cid: signalState.cid, status: 0, payload: signal }, 64),
    ),
  );
  t.equal((await heard(3)).length, 1, "the indication at its time");
  t.ok((await ask(one({ ...signalQuery, cid: 2, transaction: 42, payload: Buffer.alloc(0) }))).length > 2);
  const [unknown = Buffer.alloc(0)] = await ask(
    one({ ...signalQuery, cid: 99, transaction: 43, payload: Buffer.alloc(0) }),
  );
  t.match(decodeMessage(unknown), { type: "commandDone", transaction: 43, cid: 99, status: 9 });
  t.strictSame(await ask(one({ type: "close", transaction: 44 })), [
    one({ type: "closeDone", transaction: 44, status: 0 }),
  ]);
});

const at = (text: string): Buffer => Buffer.from(text, "latin1");
const atTrace: readonly Line[] = [
  [0, ">", at('AT+CPIN="****"\r')],
  [5, "<", at("\r\nOK\r\n")],
  [10, ">", at("AT+CSQ\r")],
  [12, "<", at("AT+CSQ\r\r\n+CSQ: 17,99\r\n")],
  [13, "<", at("\r\nOK\r\n")],
  [500, "<", at("\r\n+CEREG: 1\r\n")],
];

t.test("AT: line for line, news once, ERROR for what was never asked", async (t) => {
  const { face, ask, heard } = played("at", atTrace);
  t.strictSame(await ask(at('AT+CPIN="9876"\r')), [at("\r\nOK\r\n")]);
  face.feed(at("AT+C"));
  t.strictSame(await ask(at("SQ\r")), [at("AT+CSQ\r\r\n+CSQ: 17,99\r\n"), at("\r\nOK\r\n")]);
  t.strictSame(await heard(490), [at("\r\n+CEREG: 1\r\n")]);
  t.strictSame(await ask(at("AT+CSQ\r"), 1_000), [at("AT+CSQ\r\r\n+CSQ: 17,99\r\n"), at("\r\nOK\r\n")]);
  t.strictSame(await ask(at("AT+CGMI\r")), [at("\r\nERROR\r\n")]);
});
