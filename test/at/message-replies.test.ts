/** What modems say about messages, as people have published it; numbers there are those of test data. */
import t from "tap";
import { keptMessages } from "../../src/at/replies/cmgl.js";
import { keptMessage } from "../../src/at/replies/cmgr.js";
import { sendMessage } from "../../src/at/replies/cmgs.js";
import { offeredMessageNews } from "../../src/at/replies/cnmi.js";
import { messageMemories, ofMemory } from "../../src/at/replies/cpms.js";
import { serviceCentre } from "../../src/at/replies/csca.js";
import { ussdNews } from "../../src/at/replies/cusd.js";
import { messageNews } from "../../src/at/replies/message-news.js";
import { decodeReceived } from "../../src/sms/pdu.js";

const text = (pdu: Buffer) => {
  const message = decodeReceived(pdu);
  return message.is === "deliver" ? message.text : `report ${message.reference}: ${message.status}`;
};

t.test("+CNMI=?: ranges, lists, single numbers", async (t) => {
  const all = [0, 1, 2];
  t.strictSame(
    offeredMessageNews.read(["+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)"]),
    { mode: all, mt: [0, 1, 2, 3], bm: [0, 2], ds: all, bfr: [0, 1] },
    "in Gammu's tests",
  );
  t.strictSame(
    offeredMessageNews.read(["+CNMI: (0,1,2),(0,1),(0,2),(0),(1)"]),
    { mode: all, mt: [0, 1], bm: [0, 2], ds: [0], bfr: [1] },
    "Cinterion PHS8, in ModemManager",
  );
  t.strictSame(offeredMessageNews.read(["+CNMI: 2,(1)"]), { mode: [2], mt: [1], bm: [], ds: [], bfr: [] });
  for (const wrong of ["+CNMI: (a)", "+CNMI: (0-9999)"])
    t.throws(() => offeredMessageNews.read([wrong]), RangeError, wrong);
});

t.test("+CPMS=?, and how full a memory is", async (t) => {
  t.strictSame(messageMemories.read(['+CPMS: ("SM","ME"),("SM","ME"),("SM","ME")']), ["SM", "ME"], "MT5700M");
  const sim800l = '("SM","ME","SM_P","ME_P","MT")';
  t.strictSame(messageMemories.read([`+CPMS: ${sim800l},${sim800l},${sim800l}`]), ["SM", "ME", "MT"], "SIM800L");
  const inCard = ofMemory("SM", keptMessage(1));
  t.equal(inCard.text, 'AT+CPMS="SM";+CMGR=1');
  t.match(inCard.read(["+CPMS: 10,50,10,50,10,50"]), { said: undefined, isFull: false }, "MT5700M");
  t.match(inCard.read(["+CPMS: 50,50,50,50,50,50"]), { isFull: true });
  t.match(inCard.read(["+CPMS:"]), { isFull: false });
  t.equal(ofMemory(undefined, keptMessage(1)).text, "AT+CMGR=1");
});

t.test("+CMGL, +CMGR: messages with their octets; what has none is left out", async (t) => {
  const pdu = "07917248014000F3240B917247587706F400003110824115248012C8329BFD06C9C373B8B82C97E741F034";
  const [kept, ...none] = keptMessages.read(["+CMGL: 0,0,,35", pdu, "+CMGL: 4,1,,0", "+CMGL: 5,1,,24"]);
  t.match(kept, { index: 0, status: "new" }, "in python-gsmmodem's tests");
  t.match(kept && text(kept.pdu), /^Hello/);
  t.strictSame(none, []);
  t.strictSame(keptMessages.read([]), []);
  t.throws(() => keptMessages.read(["+CMGL: x,1,,24", pdu]), RangeError);
  t.throws(() => keptMessages.read(["+CMGL: 1,9,,24", pdu]), RangeError);
  const read = keptMessage(0).read(["+CMGR: 1,,35", pdu]);
  t.equal(read?.status, "read");
  for (const nothing of [[], ["+CMGR: 0,,0"], ["+CMGR: 0,,24", "no octets"]])
    t.equal(keptMessage(0).read(nothing), undefined);
});

t.test("+CMGS: a length without the service centre, octets up to Ctrl-Z, a reference", async (t) => {
  const pdu = Buffer.from("0021010B917777777777F7000005E8329BFD06", "hex");
  const send = sendMessage(pdu, pdu.length - 1);
  t.equal(send.text, "AT+CMGS=18");
  t.equal(send.payload?.toString("latin1"), "0021010B917777777777F7000005E8329BFD06\x1a");
  t.equal(send.read(["+CMGS: 40,"]), 40, "in lua-gsmmodem's tests");
  for (const silent of [[], ["+CMGS:"], ["+CMGS: x"]]) t.equal(send.read(silent), undefined, "it is sent all the same");
});

t.test("+CSCA: with or without the plus that its type means", async (t) => {
  t.equal(serviceCentre.read(['+CSCA: "+31653131313",145']), "+31653131313");
  t.equal(serviceCentre.read(['+CSCA: "31653131313",145']), "+31653131313");
  t.equal(serviceCentre.read(['+CSCA: "0800123",129']), "0800123");
  t.equal(serviceCentre.read(['+CSCA: "",129']), "");
  t.throws(() => serviceCentre.read(['+CSCA: "nobody",129']), RangeError);
});

t.test("+CUSD: words, ends, texts with marks and breaks of their own", async (t) => {
  t.strictSame(ussdNews("+CUSD: 4"), { result: 4 });
  t.strictSame(ussdNews('+CUSD: 0,"Your account balance is 49.10 USD",64'), {
    ...{ result: 0, text: "Your account balance is 49.10 USD", codingScheme: 64 },
  });
  t.strictSame(ussdNews('+CUSD: 1,"Take "Super"\nor not",15'), {
    ...{ result: 1, text: 'Take "Super"\nor not', codingScheme: 15 },
  });
  t.strictSame(ussdNews('+CUSD: 0,"EBB79B1E0685E9ECF4BADE9E03", 0')?.codingScheme, 0, "MikroTik's LTE modem");
  t.strictSame(ussdNews('+CUSD: 2,""'), { result: 2, text: "" });
  t.equal(ussdNews("+CREG: 1"), undefined);
  t.throws(() => ussdNews("+CUSD: none"), RangeError);
});

t.test("+CMTI, +CDSI, +CMT, +CDS", async (t) => {
  t.strictSame(messageNews('+CMTI: "SM",12'), { is: "kept", memory: "SM", index: 12 });
  t.strictSame(messageNews('+CDSI: "SR",0'), { is: "kept", memory: "SR", index: 0 });
  const report = messageNews("+CDS: 25\n07919761989901F006270B917777777777F7515012113320215150121133402100");
  t.equal(report?.is === "handed over" && text(report.pdu), "report 39: 0", "in lua-gsmmodem's tests");
  t.equal(messageNews("+CMGL: 1,1,,2"), undefined);
  for (const broken of ["+CMT: ,24", "+CDS: 25\nnothing", "+CMTI: 3", '+CMTI: "SM",x'])
    t.throws(() => messageNews(broken), RangeError, broken);
});
