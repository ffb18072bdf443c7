import t from "tap";
import { type Applier, reconcile } from "../../src/network/reconcile.js";

interface Slot {
  readonly name: string;
  readonly value: number;
}
const slotOf = (item: Slot): string => item.name;
const a1 = { name: "a", value: 1 };
const a2 = { name: "a", value: 2 };
const b1 = { name: "b", value: 1 };
const c1 = { name: "c", value: 1 };

/** Writes down what is done; refuses what is named. */
function applier(refused: readonly string[] = []): Applier<Slot> & { readonly done: string[] } {
  const done: string[] = [];
  const step = (doing: string) => async (item: Slot) => {
    if (refused.includes(`${doing} ${item.name}`)) throw new Error(`${doing} ${item.name} refused`);
    done.push(`${doing} ${item.name}${item.value}`);
  };
  return { done, put: step("put"), remove: step("remove") };
}

t.test("puts before it removes, in reverse; leaves alone what is right", async (t) => {
  const kernel = applier();
  const { actual, failures } = await reconcile([a1, b1, c1], [a2, { name: "d", value: 1 }], kernel, { slotOf });
  t.strictSame(kernel.done, ["put a2", "put d1", "remove c1", "remove b1"]);
  t.strictSame(actual, [a2, { name: "d", value: 1 }]);
  t.strictSame(failures, []);
  const again = applier();
  await reconcile(actual, actual, again, { slotOf });
  t.strictSame(again.done, []);
});

t.test("a refusal is told, the rest is done, and the result is the truth", async (t) => {
  const kernel = applier(["put a", "remove c"]);
  const { actual, failures } = await reconcile([a1, c1], [a2, b1], kernel, { slotOf });
  t.strictSame(kernel.done, ["put b1"]);
  t.strictSame(actual, [a1, c1, b1], "the old value of a is still there");
  t.match(failures, [
    { item: a2, doing: "put", error: { message: "put a refused" } },
    { item: c1, doing: "remove" },
  ]);
});

t.test("the last installed item is not traded for one that was refused", async (t) => {
  const kernel = applier(["put b"]);
  const { actual } = await reconcile([a1], [b1], kernel, { slotOf });
  t.strictSame([kernel.done, actual], [[], [a1]]);
  const wanted = applier();
  await reconcile([a1], [], wanted, { slotOf });
  t.strictSame(wanted.done, ["remove a1"], "unless nothing is wanted");
});

t.test("what counts as the same is the caller's to say", async (t) => {
  const kernel = applier();
  await reconcile([a1], [a2], kernel, { slotOf, same: (x, y) => x.name === y.name });
  t.strictSame(kernel.done, []);
});

t.test("several puts are under way at once, in their order; nothing is removed before all are answered", async (t) => {
  const done: string[] = [];
  const answers: (() => void)[] = [];
  const put = (item: Slot) =>
    new Promise<void>((resolve) => {
      done.push(`put ${item.name}${item.value}`);
      answers.push(resolve);
    });
  const remove = async (item: Slot) => void done.push(`remove ${item.name}${item.value}`);
  const over = reconcile([c1], [a1, b1, { name: "d", value: 1 }], { put, remove }, { slotOf, putsAtOnce: 2 });
  t.strictSame(done, ["put a1", "put b1"]);
  for (const answer of answers.splice(0).reverse()) answer();
  await new Promise(setImmediate);
  t.strictSame(done, ["put a1", "put b1", "put d1"]);
  for (const answer of answers.splice(0)) answer();
  const { failures } = await over;
  t.strictSame([done.at(-1), failures], ["remove c1", []]);
});
