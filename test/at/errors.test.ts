import t from "tap";
import { errorName, refusal } from "../../src/at/errors.js";
import { finalResult } from "../../src/at/results.js";

const plain = { call: false, numbers: false };

t.test("which line ends an answer", async (t) => {
  const endsOf = (expected: Parameters<typeof finalResult>[1], ...lines: readonly string[]) =>
    lines.map((line) => finalResult(line, expected)?.is ?? "no");
  t.strictSame(endsOf(plain, "OK", "ERROR", "+CME ERROR: 10", "+CMS ERROR: 500", "COMMAND NOT SUPPORT"), [
    ...["ok", "refused", "refused", "refused", "refused"],
  ]);
  t.strictSame(endsOf(plain, "OK, as it were", "+CREG: 1", "0", "4", "CONNECT", "NO CARRIER", "BUSY"), [
    ...["no", "no", "no", "no", "no", "no", "no"],
  ]);
  t.strictSame(endsOf({ call: true, numbers: false }, "CONNECT", "CONNECT 150000000", "NO CARRIER", "NO DIALTONE"), [
    ...["connect", "connect", "refused", "refused"],
  ]);
  t.strictSame(endsOf({ call: true, numbers: true }, "0", "1", "2", "3", "4", "00"), [
    ...["ok", "connect", "no", "refused", "refused", "no"],
  ]);
});

t.test("a refusal keeps the modem's words, by number and by text", async (t) => {
  t.match(refusal("AT+CPIN?", "+CME ERROR: 10"), {
    code: "notReady",
    message: "AT+CPIN?: SIM not inserted",
    failure: { domain: "cme", code: 10, name: "SIM not inserted" },
  });
  t.match(refusal("AT+CPIN=...", "+CME ERROR: Incorrect Password"), {
    code: "badPin",
    failure: { domain: "cme", code: 16, name: "Incorrect Password" },
  });
  t.match(refusal("AT+CGACT", "+CME ERROR: 133"), { code: "denied", failure: { code: 133 } });
  t.match(refusal("AT+CMGS=23", "+CMS ERROR: 331"), {
    code: "notRegistered",
    failure: { domain: "cms", code: 331, name: "no network service" },
  });
  t.match(refusal("AT+COPS=0", "+CME ERROR: network fell over"), {
    code: "refused",
    failure: { domain: "cme", code: 100, name: "network fell over" },
  });
  t.match(refusal("AT+QX", "+CME ERROR: 7001"), { failure: { code: 7001, name: "error 7001, the vendor's own" } });
  t.match(refusal("AT^CURC=0", "COMMAND NOT SUPPORT"), { code: "unsupported", failure: undefined });
  t.match(refusal("AT+CGMI", "ERROR"), { code: "refused", message: "AT+CGMI: ERROR" });
  t.equal(errorName("cme", 30), "no network service");
});
