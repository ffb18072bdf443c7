/** Texts of USSD as modems have been seen to write them; each is named after its modem. */
import t from "tap";
import { ussdNews } from "../../src/at/replies/cusd.js";
import { ussdWordOf } from "../../src/drivers/at/ussd.js";
import { readUssd, writtenUssd } from "../../src/drivers/at/ussd-coding.js";

t.test("what is told: plain, septets, UCS2, whatever the scheme says", async (t) => {
  for (const [text, scheme, style, read, whose] of [
    ["Your account balance is 49.10 USD", 64, "plain", "Your account balance is 49.10 USD", "SIM900"],
    ["EBB79B1E0685E9ECF4BADE9E03", 0, "plain", "konta atlikums", "MikroTik's LTE modem"],
    ["CF2135487D2E4131DCCD25A381E02E", 1, "packed", "OCTATOK 187.24 p.", "a Huawei stick of chan_dongle's issue 38"],
    ["00480061007600690020006B0065007200650074", 15, "plain", "Havi keret", "a modem that was left in UCS2"],
    ["042D0442043E00200432043004480020043D043E043C04350440", 72, "packed", "Это ваш номер", "a Huawei stick"],
    ["004F004B", 72, "plain", "OK", "the same coding"],
    ["4917112345678", 15, "plain", "4917112345678", "a number"],
    ["49171123456789", 15, "plain", "49171123456789", "a number of an even length"],
    ["no octets", 72, "plain", "no octets", "a scheme that is not kept to"],
  ] as const)
    t.equal(readUssd(text, scheme, style), read, whose);
  t.equal(readUssd("OK", undefined, "plain"), "OK", "no scheme at all");
});

t.test(
  "what is sent: a code as it is, or as Huawei wants it; other letters as UCS2; no mark ends it early",
  async (t) => {
    t.strictSame(writtenUssd("*100#", "plain"), { text: "*100#", codingScheme: 15 });
    t.strictSame(writtenUssd("*100#", "packed"), { text: "AA180C3602", codingScheme: 15 }, "as E1550 and E173 take it");
    t.strictSame(writtenUssd("да", "packed"), { text: "04340430", codingScheme: 72 });
    t.strictSame(writtenUssd("é", "plain"), { text: "00E9", codingScheme: 72 });
    t.strictSame(writtenUssd('a"b', "plain"), { text: "006100220062", codingScheme: 72 });
    t.throws(() => writtenUssd("1".repeat(183), "plain"), { code: "invalid" });
  },
);

t.test("how a dialogue ends", async (t) => {
  const word = (line: string) => {
    const news = ussdNews(line);
    return news && ussdWordOf(news, "plain");
  };
  t.strictSame(word('+CUSD: 2,"Bye",15'), { is: "text", text: "Bye", asks: false }, "the network's last word");
  for (const [result, because] of [
    [2, "terminated"],
    [3, "otherClient"],
    [4, "notSupported"],
    [5, "timedOut"],
    [6, "terminated"],
  ] as const)
    t.strictSame(word(`+CUSD: ${result}`), { is: "end", because });
  t.strictSame(word('+CUSD: 4,"never mind",15'), { is: "end", because: "notSupported" });
});
