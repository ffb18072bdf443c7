import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { identify, type KnownModem, ModemBook, type Sighting } from "../../src/discovery/modem-book.js";
import { StateFolder } from "../../src/runtime/atomic-file.js";
import { silentLog } from "../../src/runtime/log.js";

const [first, second] = ["490154203237518", "490154203237526"];
const ids = "1199:9091";
const at = (place: string, imei?: string): Sighting => ({ place, ids, imei });

/** Sees them one after the other, all of them plugged in; their numbers. */
function together(book: readonly KnownModem[], ...seen: readonly Sighting[]) {
  const numbers: number[] = [];
  let now = book;
  for (const one of seen) {
    const found = identify(now, new Set(numbers), one);
    now = found.book;
    numbers.push(found.number);
  }
  return { book: now, numbers };
}

t.test("two identical modems keep their numbers when they are swapped between ports", async (t) => {
  const { book, numbers } = together([], at("usb 1-1", first), at("usb 1-2", second));
  t.strictSame(numbers, [0, 1]);
  t.strictSame(together(book, at("usb 1-1", second), at("usb 1-2", first)).numbers, [1, 0]);
});

t.test("until the IMEI is read the place decides, and the IMEI corrects it", async (t) => {
  const { book } = together([], at("usb 1-1", first), at("usb 1-2", second));
  t.strictSame(together(book, at("usb 1-2")).numbers, [1], "the one that was there last");
  const provisional = together(book, at("usb 1-2"));
  t.strictSame(together(provisional.book, at("usb 1-2", first)).numbers, [0]);
});

t.test("a modem that said nothing at first keeps its number when it does", async (t) => {
  const { book } = together([], at("usb 1-1"));
  t.match(together(book, at("usb 1-1", first)), { numbers: [0], book: { length: 1 } });
});

t.test("another model in the same port is another modem, and so is a second one of the same IMEI", async (t) => {
  const { book } = together([], at("usb 1-1", first));
  t.strictSame(together(book, { place: "usb 1-1", ids: "2c7c:0125" }).numbers, [1]);
  t.strictSame(together(book, at("usb 1-1", first), at("usb 1-2", first)).numbers, [0, 1], "cloned firmware");
});

t.test("remembered over a restart; a file that is something else is kept for a person", async (t) => {
  const folder = t.testdir({});
  const files = new StateFolder(folder, silentLog);
  const book = await ModemBook.open(files, silentLog);
  book.numberOf(at("usb 1-1", second), new Set([0]));
  await files.write("other.json", 1);
  const again = await ModemBook.open(new StateFolder(folder, silentLog), silentLog);
  t.equal(again.numberOf(at("usb 1-3", second), new Set()), 1);
  writeFileSync(join(folder, "modems.json"), "not ours");
  const fresh = await ModemBook.open(new StateFolder(folder, silentLog), silentLog);
  t.strictSame([...fresh.numbers], []);
  t.match(readdirSync(folder).join(" "), /modems\.json\.broken-1/);
});
