/** Bytes as modems send them, cut at every position: the lines are the same. */
import t from "tap";
import { AtTokenizer, maxLineChars } from "../../src/at/tokenizer.js";

const shown = (tokenizer: AtTokenizer, ...parts: readonly Buffer[]): readonly string[] =>
  parts.flatMap((part) =>
    tokenizer.feed(part).map((token) => {
      if (token.is === "line") return token.text;
      return token.is === "prompt" ? "<prompt>" : `<${token.chars} too many>`;
    }),
  );

const conversations: Readonly<Record<string, { readonly bytes: string; readonly lines: readonly string[] }>> = {
  "Huawei K3520 (public test data): echo, a block of lines, the result": {
    bytes:
      "ATI\r\r\nManufacturer: huawei\r\nModel: K3520\r\nRevision: 11.314.12.02.00\r\nIMEI: 353284020952548\r\n+GCAP: +CGSM,+DS,+ES\r\n\r\nOK\r\n",
    lines: [
      ...["ATI", "Manufacturer: huawei", "Model: K3520", "Revision: 11.314.12.02.00", "IMEI: 353284020952548"],
      ...["+GCAP: +CGSM,+DS,+ES", "OK"],
    ],
  },
  "without echo, an unsolicited line in the middle": {
    bytes: "\r\n460010123456789\r\n\r\n^RSSI:18\r\n\r\nOK\r\n",
    lines: ["460010123456789", "^RSSI:18", "OK"],
  },
  "ATV0: results are digits and end with CR only": { bytes: "AT\r0\r", lines: ["AT", "0"] },
  "S3 and S4 changed, and a firmware that doubles its CR": {
    bytes: "+CSQ: 20,99\nOK\n\r\r\n+CREG: 0,1\r\r\nOK\r\r\n",
    lines: ["+CSQ: 20,99", "OK", "+CREG: 0,1", "OK"],
  },
  "rubbish while the modem starts": {
    bytes: "\0\0\xff\xfe\r\n\0\r\nRDY\r\n\x1b\r\n+CFUN: 1\r\n",
    lines: ["\xff\xfe", "RDY", "+CFUN: 1"],
  },
};

for (const [name, { bytes, lines }] of Object.entries(conversations))
  t.test(name, async (t) => {
    const all = Buffer.from(bytes, "latin1");
    for (let cut = 0; cut <= all.length; cut++)
      t.strictSame(shown(new AtTokenizer(), all.subarray(0, cut), all.subarray(cut)), lines, `cut at ${cut}`);
    const single = Array.from(all, (_, at) => all.subarray(at, at + 1));
    t.strictSame(shown(new AtTokenizer(), ...single), lines, "byte by byte");
  });

t.test("a prompt has no line end: it is one only where a command waits for it", async (t) => {
  const bytes = Buffer.from("AT+CMGS=23\r\r\n> ", "latin1");
  for (let cut = 0; cut <= bytes.length; cut++) {
    const tokenizer = new AtTokenizer();
    tokenizer.expectsPrompt = true;
    const heard = shown(
      tokenizer,
      bytes.subarray(0, cut),
      bytes.subarray(cut),
      Buffer.from("\r\n+CMGS: 5\r\n\r\nOK\r\n"),
    );
    t.strictSame(heard, ["AT+CMGS=23", "<prompt>", "+CMGS: 5", "OK"], `cut at ${cut}`);
  }
  const text = Buffer.from('+CMGR: "REC READ","+49"\r\n> see below\r\n\r\nOK\r\n');
  t.strictSame(shown(new AtTokenizer(), text), ['+CMGR: "REC READ","+49"', "> see below", "OK"], "a message's text");
});

t.test("a line without end costs a bounded memory, and the next one is heard", async (t) => {
  const tokenizer = new AtTokenizer();
  for (let part = 0; part < 1000; part++) t.strictSame(tokenizer.feed(Buffer.alloc(1000, "x")), []);
  t.strictSame(shown(tokenizer, Buffer.from("\r\nOK\r\n")), ["<1000000 too many>", "OK"]);
  t.strictSame(shown(tokenizer, Buffer.from(`${"y".repeat(maxLineChars)}\r\n`)), ["y".repeat(maxLineChars)]);
});
