import t from "tap";
import { TraceRing } from "../../src/trace/ring.js";
import { VirtualClock } from "../fakes/clock.js";

const limits = { ageMs: 60_000, sourceBytes: 4_000, openingBytes: 1_000, sources: 4 };
const port = (modem: string) => ({ modem, port: "/dev/p", protocol: "qmi" }) as const;
const frame = (modem: string, text: string) =>
  ({ is: "frame", direction: "<", bytes: Buffer.from(text), ...port(modem) }) as const;

const told = (ring: TraceRing): readonly string[] =>
  ring
    .entries()
    .map((entry) =>
      entry.is === "frame" ? entry.bytes.toString() : entry.is === "gap" ? `gap ${entry.entries}` : entry.is,
    );

t.test("a modem that chatters loses its middle, not its opening, and nothing of another modem's", async (t) => {
  const ring = new TraceRing(new VirtualClock(), limits);
  ring.add({ is: "opened", ...port("a") });
  ring.add(frame("a", "hello"));
  ring.add(frame("b", "quiet"));
  for (let n = 0; n < 5_000; n++) ring.add(frame("a", `news ${n}`));
  const lines = told(ring);
  t.strictSame(lines.slice(0, 4), ["opened", "hello", "quiet", "news 0"]);
  t.match(
    lines.find((line) => line.startsWith("gap")),
    /gap 49\d\d/,
  );
  t.equal(lines.at(-1), "news 4999");
  t.ok(lines.length < 50, "bounded");
});

t.test("what is older than the limit goes, and a new conversation forgets the opening of the last", async (t) => {
  const clock = new VirtualClock();
  const ring = new TraceRing(clock, limits);
  ring.add({ is: "opened", ...port("a") });
  ring.add(frame("a", "first"));
  ring.add(frame("b", "old"));
  await clock.advance(61_000);
  t.strictSame(told(ring), ["opened", "first"], "the conversation still lasts");
  ring.add({ is: "opened", ...port("a") });
  ring.add(frame("a", "second"));
  t.strictSame(told(ring), ["opened", "second"], "its beginning is what counts now");
});

t.test("entries come in the order in which they happened, whatever their source", async (t) => {
  const ring = new TraceRing(new VirtualClock(), limits);
  for (const modem of ["b", "a", "c", "a", "b"]) ring.add(frame(modem, modem));
  ring.add({ is: "note", text: "decided" });
  t.strictSame(told(ring), ["b", "a", "c", "a", "b", "note"]);
});

t.test("modems that come under ever new names do not fill the memory", async (t) => {
  const ring = new TraceRing(new VirtualClock(), limits);
  for (let n = 0; n < 100; n++) ring.add(frame(`m${n}`, `m${n}`));
  t.strictSame(told(ring), ["m96", "m97", "m98", "m99"]);
});
