/** What becomes of a multiplexed serial line: ended or forgotten by the modem, frames lost, channels held back. */
import t from "tap";
import { within } from "../lab/eventually.js";
import { begin, limitMs, movesOn, power } from "./serial-line.js";

t.setTimeout(110_000);

for (const [fault, told] of [
  ["close", /was closed by the far end/],
  ["restart", /does not speak TS 27.010 any more/],
] as const)
  t.test(`the modem's own end of it (${fault}): told in words, and driven again`, async (t) => {
    const { modem, client, daemon } = await begin(t);
    await power(client);
    await client.take();
    const from = daemon.lines.length;
    await modem.step("cmux", fault);
    t.match(await daemon.line(/modem lost/, from), told);
    await within("listed again", client.until("/ Manager ModemAdded /at_0"), limitMs);
    await power(client);
    t.equal((await daemon.end()).code, 0);
  });

t.test("frames are lost and corrupted, channels held back for 5 s: nobody notices", async (t) => {
  const { modem, client, daemon } = await begin(t);
  await power(client);
  for (const fault of ["hold", "corrupt", "lose"]) {
    await modem.step("cmux", fault);
    // News may be what is lost, as on every line: the next ones come.
    if (fault !== "hold") await modem.step("handover");
    await movesOn(client, modem);
  }
  t.notMatch(daemon.text, /modem lost/);
  t.equal((await daemon.end()).code, 0);
});
