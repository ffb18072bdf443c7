import t from "tap";
import { sameData } from "../../src/runtime/same-data.js";

t.test("states are the same by what they hold", async (t) => {
  const state = () => ({ name: "wwan0", dns: ["192.0.2.1"], ipv4: { prefixLength: 30 }, mtu: undefined });
  const { mtu: _mtu, ...absent } = state();
  t.ok(sameData(state(), state()));
  t.ok(sameData(state(), absent), "undefined counts as absent");
  t.ok(sameData(absent, state()));
  t.ok(sameData(Number.NaN, Number.NaN));
});

t.test("and differ by each member, on either side and at any depth", async (t) => {
  const pairs: readonly (readonly [unknown, unknown])[] = [
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, {}],
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ a: { b: [1, 2] } }, { a: { b: [1] } }],
    [[1], [1, 2]],
    [[], {}],
    [{}, null],
    ["1", 1],
    [{ mtu: undefined }, { mtu: 1500 }],
    // A name that every object seems to have.
    [{}, { toString: "a context's name" }],
  ];
  for (const [one, other] of pairs) {
    t.notOk(sameData(one, other), `${JSON.stringify(one)} and ${JSON.stringify(other)}`);
    t.notOk(sameData(other, one), "the other way round");
  }
});
