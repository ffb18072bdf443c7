import t from "tap";
import { Inbox } from "../../src/runtime/inbox.js";

const forever = new AbortController().signal;

t.test("an answer goes to the one waiter that it fits, in the order of waiting", async (t) => {
  const inbox = new Inbox<{ id: number; text: string }>();
  const second = inbox.next(({ id }) => id === 2, forever);
  const first = inbox.next(({ id }) => id === 1, forever);
  t.ok(inbox.deliver({ id: 1, text: "one" }));
  t.ok(inbox.deliver({ id: 2, text: "two" }));
  t.strictSame([(await first).text, (await second).text], ["one", "two"]);
  t.notOk(inbox.deliver({ id: 1, text: "nobody waits any more" }), "unsolicited");
});

t.test("the device goes away: every waiter hears why, and so does whoever comes later", async (t) => {
  const inbox = new Inbox<number>();
  const waiting = [inbox.next(() => true, forever), inbox.next(() => false, forever)];
  inbox.close(new Error("unplugged"));
  inbox.close(new Error("a second reason changes nothing"));
  for (const wait of waiting) await t.rejects(wait, { message: "unplugged" });
  await t.rejects(
    inbox.next(() => true, forever),
    { message: "unplugged" },
  );
  t.equal(inbox.waiting, 0);
});

t.test("an abort frees its own waiter only, and leaves no listener behind", async (t) => {
  const inbox = new Inbox<number>();
  const abort = new AbortController();
  const given = inbox.next(() => true, abort.signal);
  const other = inbox.next(() => true, forever);
  abort.abort(new Error("deadline"));
  await t.rejects(given, { message: "deadline" });
  t.equal(inbox.waiting, 1);
  inbox.deliver(7);
  t.equal(await other, 7);
  await t.rejects(
    inbox.next(() => true, abort.signal),
    { message: "deadline" },
    "aborted before it began",
  );
});
