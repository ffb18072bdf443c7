/** The message tables against bytes that real hosts sent. */
import { readFileSync } from "node:fs";
import t from "tap";
import { decodeStruct, encodeStruct, type Fields, type Values } from "../../src/codec/struct.js";
import { cellsOf } from "../../src/drivers/mbim/cells.js";
import { messageText, payloadHex } from "../../src/mbim/frame-log.js";
import { commands, findCommand } from "../../src/mbim/services/all.js";
import * as basicConnect from "../../src/mbim/services/basic-connect.js";
import * as ms from "../../src/mbim/services/ms-basic-connect-extensions.js";
import { uiccTerminalCapability } from "../../src/mbim/services/ms-uicc-low-level-access.js";
import { seeded } from "./random.js";

interface Captured {
  readonly host: string;
  readonly action: "query" | "set";
  readonly cid: number;
  readonly name: string;
  readonly payload: string;
}
const { requests }: { requests: Captured[] } = JSON.parse(
  readFileSync(new URL("../fixtures/mbim/host-requests.json", import.meta.url), "utf8"),
);

const again = <F extends Fields>(fields: F, bytes: Buffer): Buffer => {
  const values: Values<F> = decodeStruct(fields, bytes);
  return encodeStruct(fields, values);
};

for (const { host, action, cid, name, payload } of requests) {
  t.test(`${host}: ${name} ${action} is decoded and encoded to the same bytes`, async (t) => {
    const command = findCommand(basicConnect.basicConnectService, cid);
    t.equal(command?.name, name);
    const fields = command?.[action];
    if (fields === undefined) throw new Error(`${name} has no ${action}`);
    const bytes = Buffer.from(payload, "hex");
    t.equal(again(fields, bytes).toString("hex"), payload);
  });
}

const payloadOf = (host: string, name: string, action: string): Buffer =>
  Buffer.from(
    requests.find((r) => r.host.startsWith(host) && r.name === name && r.action === action)?.payload ?? "",
    "hex",
  );

t.test("ModemManager's CONNECT: an APN of three letters, IPv4, for the internet", async (t) => {
  t.strictSame(decodeStruct(basicConnect.connect.set, payloadOf("Modem", "CONNECT", "set")), {
    sessionId: 0,
    command: "activate",
    accessString: "toy",
    userName: "",
    password: "",
    compression: "none",
    authProtocol: "none",
    ipType: "ipv4",
    contextType: "7e5e2a7e-4e6f-7272-736b-656e7e5e2a7e",
  });
});

t.test("oFono's subscriptions: two services with their CIDs", async (t) => {
  t.strictSame(
    decodeStruct(
      basicConnect.deviceServiceSubscribeList.set,
      payloadOf("oFono", "DEVICE_SERVICE_SUBSCRIBE_LIST", "set"),
    ),
    {
      entries: [
        { service: "a289cc33-bcbb-8b4f-b6b0-133ec2aae6df", cids: [2, 3, 9, 10, 11, 12] },
        { service: "533fbeeb-14fe-4467-9f90-33a223e56c3f", cids: [1, 2, 5] },
      ],
    },
  );
});

for (const { host, action, name, cid, payload } of requests) {
  t.test(`${host}: ${name} ${action} cut anywhere inside its content is refused by field name`, async (t) => {
    const fields = findCommand(basicConnect.basicConnectService, cid)?.[action] ?? {};
    const whole = Buffer.from(payload, "hex");
    // Padding behind the last text carries nothing: "toy" is six bytes and two of padding.
    const content = name === "CONNECT" && action === "set" ? whole.length - 2 : whole.length;
    for (let length = 0; length < content; length++)
      t.throws(() => decodeStruct(fields, whole.subarray(0, length)), RangeError, `${length} bytes`);
    t.strictSame(
      decodeStruct(fields, Buffer.concat([whole, Buffer.from("ee0100ffee", "hex")])),
      decodeStruct(fields, whole),
      "what newer firmware appends changes nothing",
    );
  });
}

const { answers }: { answers: { name: string; payload: string }[] } = JSON.parse(
  readFileSync(new URL("../fixtures/mbim/function-answers.json", import.meta.url), "utf8"),
);
const answerOf = (name: string) => Buffer.from(answers.find((one) => one.name === name)?.payload ?? "", "hex");

t.test("the cells around, from a modem on LTE that also lists its serving cell among the neighbours", async (t) => {
  const bytes = answerOf("MS_BASE_STATIONS_INFO");
  const found = decodeStruct(ms.baseStationsInfo.response, bytes);
  t.match(found, {
    systemType: ["lte", "nrNsa"],
    lteServing: { providerId: "21407", cellId: 0x465cd1f, earfcn: 6400, physicalCellId: 310, rsrp: -103, rsrq: -12 },
    gsmServing: undefined,
    gsmNeighbours: [],
  });
  t.strictSame(cellsOf(found), [
    {
      generation: "lte",
      serving: true,
      mcc: "214",
      mnc: "07",
      areaCode: 0x6ffe,
      cellId: 0x465cd1f,
      physicalCellId: 310,
      channel: 6400,
      rsrpDbm: -103,
      rsrqDb: -12,
    },
  ]);
  for (let length = 0; length < bytes.length; length++)
    t.throws(
      () => decodeStruct(ms.baseStationsInfo.response, bytes.subarray(0, length)),
      RangeError,
      `${length} bytes`,
    );
});

t.test("libmbim's request to tell the card two terminal capabilities is written to the same bytes", async (t) => {
  const bytes = answerOf("MS_UICC_TERMINAL_CAPABILITY");
  t.equal(again(uiccTerminalCapability.set, bytes).toString("hex"), bytes.toString("hex"));
});

t.test("random bytes in any structure of any CID: values or RangeError, and a line for the log", async (t) => {
  const random = seeded(2026);
  let decoded = 0;
  for (const command of commands)
    for (const part of ["query", "set", "response", "notify"] as const)
      for (let round = 0; round < 200; round++) {
        // Small numbers make offsets and counts that lead somewhere.
        const payload = Buffer.from(Array.from({ length: random(160) }, () => (random(3) === 0 ? random(64) : 0)));
        try {
          decodeStruct(command[part] ?? {}, payload);
          decoded += 1;
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
        }
        const { service, cid } = command;
        const message = { type: "commandDone", transaction: 1, status: 0, service, cid, payload } as const;
        if (messageText(message).includes("\n")) t.fail(`${command.name}: more than one line`);
        payloadHex(message);
      }
  t.ok(decoded > 1000, `${decoded} could be read`);
});

t.test("no two entries share a CID, and each is found by it", async (t) => {
  for (const command of commands) t.equal(findCommand(command.service, command.cid), command, command.name);
});
