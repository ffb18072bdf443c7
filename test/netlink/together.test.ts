import t from "tap";
import { Together } from "../../src/netlink/together.js";

t.test("questions of one turn are one, each once; those of the next turn are another", async (t) => {
  const asked: (readonly string[])[] = [];
  const together = new Together(async (questions: readonly string[]) => {
    asked.push(questions);
    return questions.length;
  });
  const first = ["a", "b", "a"].map((question) => together.ask(question));
  t.strictSame(await Promise.all(first), [2, 2, 2]);
  t.equal(await together.ask("a"), 1);
  t.strictSame(asked, [["a", "b"], ["a"]]);
});

t.test("a refusal is everybody's, and the next turn asks again", async (t) => {
  let refusal: Error | undefined = new Error("ENOENT");
  const together = new Together(async (questions: readonly string[]) => {
    if (refusal !== undefined) throw refusal;
    return questions;
  });
  const both = await Promise.allSettled([together.ask("a"), together.ask("b")]);
  t.strictSame(
    both.map(({ status }) => status),
    ["rejected", "rejected"],
  );
  refusal = undefined;
  t.strictSame(await together.ask("a"), ["a"]);
});
