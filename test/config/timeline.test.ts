/** Timelines that people write: every mistake with its line. */
import t from "tap";
import { timelineFrom } from "../../src/config/timeline.js";
import { ethernetFirst, policyOf } from "./policies.js";

const policy = policyOf(`${ethernetFirst}
[uplink.fixed]
match = { name = "eth7" }
address = "static"
ipv4 = { address = "192.0.2.7/24", gateway = "192.0.2.1" }
`);
const head = "version = 1\n";
const event = (lines: string): string => `[[event]]\nat = "1s"\nuplink = "eth"\n${lines}\n`;
const read = (text: string) => timelineFrom("day.toml", text, policy);

t.test("events in any order come in the order of time; two of one moment as written", async (t) => {
  const { news, endMs, startsAt, seed } = read(
    `${head}start = "2026-07-01T02:00:00+02:00"
[[event]]
at = "2m"
uplink = "lte"
link = "up"
[[event]]
at = "1500ms"
uplink = "eth"
link = "no-carrier"
ipv4 = { address = false, answers = "7ms", loss = "2.5%" }
ipv6 = { answers = "portal" }
[[event]]
at = "2m"
uplink = "eth"
traffic = "2kB/s"
hold = "a reason"
[[event]]
at = "3m"
uplink = "lte"
roaming = "20801"`,
  );
  t.strictSame(news, [
    {
      ...{ atMs: 1_500, uplink: "eth", link: "no-carrier" },
      families: { 4: { address: false, answers: 7, loss: 0.025 }, 6: { answers: "portal" } },
    },
    { atMs: 120_000, uplink: "lte", link: "up", families: {} },
    { atMs: 120_000, uplink: "eth", families: {}, bytesPerS: 2_000, hold: "a reason" },
    { atMs: 180_000, uplink: "lte", families: {}, roaming: "20801" },
  ]);
  t.equal(endMs, 780_000, "ten minutes after the last one");
  t.equal(startsAt.toISOString(), "2026-07-01T00:00:00.000Z");
  t.equal(seed, 1);
});

const mistakes: readonly (readonly [text: string, line: number, message: RegExp])[] = [
  [event(""), 1, /version: expected the key "version", found nothing/],
  [head, 1, /event: expected the key "event", found nothing/],
  [`${head}${event('link = "down"')}`, 5, /event\[0\]\.link: expected "up" or "no-carrier" or "absent", found "down"/],
  [`${head}${event('ipv4 = { answers = "quickly" }')}`, 5, /answers: expected a duration with its unit, .* or "none"/],
  [`${head}${event('ipv4 = { loss = "200%" }')}`, 5, /loss: expected a share in percent/],
  [`${head}${event("ipv4 = { adress = true }")}`, 5, /did you mean "address"\?/],
  [`${head}${event('uplnk = "eth"')}`, 5, /did you mean "uplink"\?/],
  [`${head}[[event]]\nat = 5\nuplink = "eth"`, 3, /event\[0\]\.at: expected a duration with its unit/],
  [`${head}[[event]]\nat = "32d"\nuplink = "eth"`, 3, /expected a duration between 0ms and 744h/],
  [`${head}[[event]]\nat = "1s"\nuplink = "et"`, 4, /did you mean "eth"\?, found "et"/],
  [`${head}[[event]]\nat = "1s"\nuplink = "fixed"\nipv4 = { address = false }`, 5, /others give its addresses/],
  [`${head}[[event]]\nat = "1s"\nuplink = "fixed"\nipv4 = { answers = "none" }`, 5, /expected an uplink with a check/],
  [
    `${head}${event('roaming = "20801"')}`,
    5,
    /roaming: expected an uplink of a modem, found one that is matched by name/,
  ],
  [`${head}${event('used = "1GB"')}`, 5, /used: expected an uplink with a cap, found one without/],
  [`${head}until = "500ms"\n${event("")}`, 2, /until: expected a moment after the last event/],
  [`${head}start = "2026-13-01T00:00:00Z"\n${event("")}`, 2, /start: expected a moment with its zone/],
  [`${head}start = "yesterday"\n${event("")}`, 2, /start: expected a moment with its zone/],
  [`${head}[[event]\n`, 2, /expected TOML/],
];

for (const [text, line, message] of mistakes)
  t.test(`refused: ${message.source}`, async (t) => {
    try {
      read(text);
      t.fail("it was taken");
    } catch (error) {
      t.match(error, { name: "ConfigError", file: "day.toml", message });
      // What is missing has no line but that of the table without it.
      if (!message.source.includes("found nothing")) t.match(error, { line });
    }
  });
