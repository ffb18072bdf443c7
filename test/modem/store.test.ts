import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { newContext } from "../../src/modem/context-settings.js";
import { parseSimRecord } from "../../src/modem/sim-record.js";
import { createSimStore, emptyRecord, type SimRecord } from "../../src/modem/store.js";
import { StateFolder } from "../../src/runtime/atomic-file.js";
import { silentLog } from "../../src/runtime/log.js";

const iccid = "89490200001234567890";
const record: SimRecord = {
  ...emptyRecord({ iccid, imsi: "262011234567890" }),
  powered: true,
  roamingAllowed: false,
  registration: { mode: "manual", mcc: "262", mnc: "02" },
  lastContextNumber: 4,
  contexts: [{ ...newContext("internet"), number: 4, apn: "internet", password: "secret" }],
};
const storeIn = (folder: string) => createSimStore(new StateFolder(folder, silentLog), silentLog);

t.test("a card's record comes back as it was, by ICCID and by any IMSI", async (t) => {
  const store = storeIn(t.testdir());
  t.equal(await store.load({ iccid }), undefined);
  await store.save(record);
  t.strictSame(await store.load({ iccid }), record);
  t.strictSame(await store.load({ imsi: "262011234567890" }), record, "a modem that does not tell the ICCID");
  t.equal(await store.load({ iccid: "8901", imsi: "262011234567890" }), undefined, "another card is another story");
  t.equal(await store.load({ imsi: "001010000000001" }), undefined);
  t.equal(await store.load({}), undefined);
  await t.rejects(store.save(emptyRecord({})), { message: /without ICCID and IMSI/ });
});

t.test("what was found out about APNs comes back; a record of before there was such a thing is read", async (t) => {
  const store = storeIn(t.testdir());
  const known: SimRecord = {
    ...record,
    contexts: [{ ...newContext("internet"), number: 4, provisioned: true, source: "import" }],
    importedImsis: ["262011234567890"],
    apnOutcomes: [{ plmn: "26201", apn: "a", username: "u", password: "p", auth: "pap", from: "database: Example" }],
    ipFamilies: [{ plmn: "310260", apn: "a", protocol: "ipv6" }],
  };
  await store.save(known);
  t.strictSame(await store.load({ iccid }), known);
  t.match(parseSimRecord(record), { ok: true });
  t.match(parseSimRecord({ ...known, apnOutcomes: [{ plmn: "x" }] }), { ok: false, reason: /^apnOutcomes\.0/ });
});

t.test("a record kept under the IMSI is taken over when the ICCID becomes known", async (t) => {
  const store = storeIn(t.testdir());
  const { iccid: _unknown, ...nameless } = record;
  await store.save(nameless);
  t.strictSame(await store.load({ iccid, imsi: "262011234567890" }), nameless);
});

t.test("a state file cut at every byte is set aside, and a card is then one never seen", async (t) => {
  const folder = t.testdir();
  const store = storeIn(folder);
  await store.save(record);
  const [name = ""] = await readdir(folder);
  const whole = await readFile(join(folder, name));
  for (let length = 0; length < whole.length; length++) {
    await writeFile(join(folder, name), whole.subarray(0, length));
    const loaded = await store.load({ iccid });
    if (loaded !== undefined) t.fail(`believed ${length} of ${whole.length} bytes`);
  }
  t.equal((await readdir(folder)).length, whole.length, "each is kept for a person to look at");
  await store.save(record);
  t.strictSame(await store.load({ iccid }), record);
});

t.test("a whole file with a senseless record is set aside as well", async (t) => {
  const folder = t.testdir();
  const files = new StateFolder(folder, silentLog);
  await files.write(`iccid-${iccid}.json`, { ...record, lastContextNumber: 3 });
  t.equal(await createSimStore(files, silentLog).load({ iccid }), undefined);
  t.ok((await readdir(folder)).includes(`iccid-${iccid}.json.broken-1`));
});

t.test("a record is believed as a whole or not at all", async (t) => {
  const [context] = record.contexts;
  const bad: readonly (readonly [string, unknown])[] = [
    ["nothing", null],
    ["a list", []],
    ["no contexts", { ...record, contexts: undefined }],
    ["an odd ICCID", { ...record, iccid: "../../etc/passwd" }],
    ["an odd IMSI", { ...record, imsis: ["abc"] }],
    ["a number twice", { ...record, contexts: [context, context] }],
    ["a number beyond the last", { ...record, lastContextNumber: 3 }],
    ["an unknown type", { ...record, contexts: [{ ...context, type: "ia" }] }],
    ["an APN that no client could set", { ...record, contexts: [{ ...context, apn: "a b" }] }],
    ["a name too long", { ...record, contexts: [{ ...context, name: "n".repeat(128) }] }],
    ["an odd network", { ...record, registration: { mode: "manual", mcc: "26", mnc: "02" } }],
  ];
  for (const [what, value] of bad) t.equal(parseSimRecord(value).ok, false, what);
  t.same(parseSimRecord({ ...record, fromTheFuture: 1 }), { ok: true, record }, "unknown keys are a newer wwand's");
});
