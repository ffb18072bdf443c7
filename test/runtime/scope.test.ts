import t from "tap";
import { Scope } from "../../src/runtime/scope.js";

t.test("a daemon that ends closes in reverse order, once, however often it is asked", async (t) => {
  const closed: string[] = [];
  const scope = new Scope();
  scope.own("bus", (name) => void closed.push(name));
  scope.own("modem", async (name) => void closed.push(name));
  await Promise.all([scope.close(), scope.close()]);
  t.strictSame(closed, ["modem", "bus"]);
  t.ok(scope.isClosed);
});

t.test("one closer that fails does not spare the others, and every failure is told", async (t) => {
  const closed: string[] = [];
  const scope = new Scope();
  scope.own("first", (name) => void closed.push(name));
  scope.own("second", () => {
    throw new Error("second hangs");
  });
  scope.own("third", () => Promise.reject(new Error("third hangs")));
  const error = await scope.close().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  t.type(error, AggregateError);
  t.strictSame(error instanceof AggregateError && error.errors.map(String), [
    "Error: third hangs",
    "Error: second hangs",
  ]);
  t.strictSame(closed, ["first"]);
});

t.test("what is acquired after the end is closed at once instead of leaking", async (t) => {
  const scope = new Scope();
  await scope.close();
  const closed = new Promise<string>((resolve) => scope.own("late port", resolve));
  t.equal(await closed, "late port");
  const broken = () => {
    throw new Error("gone already");
  };
  t.equal(scope.own("broken port", broken), "broken port", "whoever acquired it goes on to its own end");
});

t.test("a child scope ends with its parent, after what was opened later", async (t) => {
  const closed: string[] = [];
  const parent = new Scope();
  const child = parent.child();
  child.own("port", (name) => void closed.push(name));
  parent.own("later", (name) => void closed.push(name));
  await parent.close();
  t.strictSame(closed, ["later", "port"]);
  t.ok(child.isClosed);
});
