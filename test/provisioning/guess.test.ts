/** What is remembered of the provider database between two cards of one network. */
import { rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import { OperatorGuesses } from "../../src/provisioning/guess.js";
import { OfonoFiles } from "../../src/provisioning/ofono-files.js";
import { silentLog } from "../../src/runtime/log.js";

const never = new AbortController().signal;

const database = (apn: string): string =>
  `<serviceproviders><country code="zz"><provider><name>P</name><gsm><network-id mcc="999" mnc="01"/>` +
  `<apn value="${apn}"><usage type="internet"/></apn></gsm></provider></country></serviceproviders>`;

t.test("a network's answer is remembered as long as the file is the same", async (t) => {
  const folder = t.testdir({ "providers.xml": database("one.example") });
  const file = join(folder, "providers.xml");
  const ofono = new OfonoFiles(() => join(folder, "ofono"), silentLog);
  const guesses = new OperatorGuesses({ ofono, databaseFile: () => file, log: silentLog });
  const guess = async () => {
    const question = { card: {}, home: { mcc: "999", mnc: "01" }, serviceProviderName: undefined };
    return (await guesses.guess(question, never)).internet.map(({ apn }) => apn);
  };
  await utimes(file, 1_000, 1_000);
  t.strictSame(await guess(), ["one.example"]);
  await writeFile(file, database("two.example"));
  await utimes(file, 1_000, 1_000);
  t.strictSame(await guess(), ["one.example"], "same size, same moment: the same file");
  await utimes(file, 2_000, 2_000);
  t.strictSame(await guess(), ["two.example"], "a newer one is read");
  await rm(file);
  t.strictSame(await guess(), [], "and one that is gone is not remembered");
});
