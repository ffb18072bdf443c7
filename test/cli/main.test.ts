import t from "tap";
import { main } from "../../src/cli/main.js";

/** Runs one command line without any bus. */
async function wwanctl(...argv: readonly string[]) {
  const said: { out: string[]; err: string[] } = { out: [], err: [] };
  const code = await main(["--bus", "unix:path=/nonexistent/bus", ...argv], {
    out: (text) => void said.out.push(text),
    err: (text) => void said.err.push(text),
  });
  return { out: said.out.join("\n"), err: said.err.join("\n"), code };
}

t.test("without a bus: exit 2, the complaint goes to stderr, with --json to stdout as JSON", async (t) => {
  const [plain, json] = await Promise.all([wwanctl("status"), wwanctl("--json", "uplink")]);
  t.match(plain, { code: 2, out: "", err: /^wwanctl: no D-Bus at unix:path=\/nonexistent\/bus: connect ENOENT/ });
  t.match(json, { code: 2, err: "" });
  t.match(JSON.parse(json.out), { error: /^no D-Bus/ });
});
