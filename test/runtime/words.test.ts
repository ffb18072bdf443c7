import t from "tap";
import { causeText, errnoOf, errorText, ModemError } from "../../src/runtime/error.js";
import { createLog, type LogLevel, logLine, masked } from "../../src/runtime/log.js";

t.test("an error is one line with the whole chain of causes, the modem's own words included", async (t) => {
  const failure = { domain: "esm", code: 27, name: "MissingOrUnknownApn" } as const;
  const error = new ModemError("refused", "CONNECT: Failure", { failure });
  t.equal(causeText(failure), "esm 27 MissingOrUnknownApn");
  t.equal(
    errorText(new Error("mbim_0 did not connect", { cause: error })),
    "mbim_0 did not connect: CONNECT: Failure (esm 27 MissingOrUnknownApn)",
  );
  t.equal(errorText(new AggregateError([new Error("a"), new Error("b")], "two things")), "two things: a; b");
  t.equal(errorText("just text"), "just text");
});

t.test("only errno names count as errno", async (t) => {
  t.equal(errnoOf(Object.assign(new Error("x"), { code: "ENODEV" })), "ENODEV");
  t.equal(errnoOf(new ModemError("timeout", "x")), undefined);
  t.equal(errnoOf("ENODEV"), undefined);
});

t.test("whatever a modem sends, a log line stays one line", async (t) => {
  t.equal(
    logLine("operator\nfound", { name: "A\r\nB", cell: 7, none: undefined }),
    String.raw`operator found name=A\x0d\x0aB cell=7`,
  );
  t.equal(logLine("name \u001b[2J"), String.raw`name \x1b[2J`, "and leaves the terminal alone");
  t.equal(logLine("apn", { apn: "" }), 'apn apn=""');
  t.equal(logLine("because", { why: 'said "no"' }), String.raw`because why="said \"no\""`);
});

t.test("a log of one level leaves out what is less important, and says from where a line comes", async (t) => {
  const lines: string[] = [];
  const log = createLog("info" satisfies LogLevel, (line) => void lines.push(line))
    .child("mbim_0")
    .child("bearer");
  log.debug("frames");
  log.info("up", { interface: "wwan0" });
  log.error("down");
  t.strictSame(lines, ["<6>mbim_0 bearer: up interface=wwan0\n", "<3>mbim_0 bearer: down\n"]);
});

t.test("identities keep what support needs and nothing that names the subscriber", async (t) => {
  t.equal(masked("262011234567890"), "26201********90");
  t.equal(masked("1234567"), "*******");
  t.equal(masked(""), "");
  t.equal(
    logLine("EACCES: open '/var/lib/wwand/sim/iccid-8949020000012345678.json'", { imei: "353338976168895" }),
    "EACCES: open '/var/lib/wwand/sim/iccid-89490************78.json' imei=35333********95",
    "also where nobody thought of one",
  );
});
