/** What the fuzzer has found worth keeping, each also cut at every length and with every byte flipped. */
import { readdirSync } from "node:fs";
import t from "tap";
import { readCorpus, targets } from "./corpus.js";
import { replies } from "./targets/at.js";

t.setTimeout(110_000);

/** Longer ones are long lists: what is in them differs in nothing from the shorter ones. */
const mostBytes = 100;

/** Every input that follows from this one. */
function* around(input: Buffer): Generator<Buffer> {
  yield input;
  if (input.length > mostBytes) return;
  for (let length = 0; length < input.length; length++) yield input.subarray(0, length);
  for (let at = 0; at < input.length; at++) {
    const flipped = Buffer.from(input);
    flipped.writeUInt8(input.readUInt8(at) ^ 0xff, at);
    yield flipped;
  }
}

for (const target of targets)
  t.test(`${target}: a value or a typed error, whatever comes`, async (t) => {
    const { fuzz }: { fuzz(data: Buffer): void } = await import(`./targets/${target}.js`);
    const inputs = readCorpus(target);
    t.ok(inputs.length > 0, `${inputs.length} inputs`);
    for (const input of inputs)
      for (const variant of around(input))
        try {
          fuzz(variant);
        } catch (error) {
          t.fail(`${variant.toString("hex")}: ${String(error)}`);
        }
  });

t.test("the target for AT reads every answer that there is", async (t) => {
  const files = readdirSync(new URL("../../src/at/replies", import.meta.url)).flatMap(
    (file) => /^(.*)\.ts$/.exec(file)?.[1] ?? [],
  );
  // identity-text is the shape of three others.
  t.strictSame(Object.keys(replies).sort(), files.filter((name) => name !== "identity-text").sort());
});
