/** What modems answer about network, signal and calls, as people have published it; places and addresses are their test data. */
import t from "tap";
import type { AtQuery } from "../../src/at/command.js";
import { extendedError } from "../../src/at/replies/ceer.js";
import { extendedSignal } from "../../src/at/replies/cesq.js";
import { functionality } from "../../src/at/replies/cfun.js";
import { packetAttach } from "../../src/at/replies/cgatt.js";
import { activeContexts } from "../../src/at/replies/cgcontrdp.js";
import { pdpContexts } from "../../src/at/replies/cgdcont.js";
import { lockState } from "../../src/at/replies/clck.js";
import { ownNumbers } from "../../src/at/replies/cnum.js";
import { operatorCode, operatorName, operatorScan } from "../../src/at/replies/cops.js";
import { simcomCell } from "../../src/at/replies/cpsi.js";
import { registrationNews, registrationQuery } from "../../src/at/replies/creg.js";
import { strength } from "../../src/at/replies/csq.js";
import { huaweiAddresses } from "../../src/at/replies/dhcp.js";
import { huaweiSignal } from "../../src/at/replies/hcsq.js";
import { ndisStatus, ndisStatusesOf } from "../../src/at/replies/ndisstat.js";
import {
  cardPinRetries,
  cardPukRetries,
  huaweiRetries,
  quectelRetries,
  simcomRetries,
} from "../../src/at/replies/pin-retries.js";
import { quectelSignal } from "../../src/at/replies/qcsq.js";
import { networkRejectOf } from "../../src/at/replies/rejinfo.js";
import { radioSwitches } from "../../src/at/replies/rfswitch.js";
import { huaweiRadios } from "../../src/at/replies/syscfgex.js";
import { radiosOfDevice, simcomRadios } from "../../src/at/replies/ws46.js";

const news = (line: string) => registrationNews(line)?.report;

t.test("+CREG and its kin, asked: by ModemManager's collection of what modems answer", async (t) => {
  const gprs = registrationQuery("+CGREG");
  t.strictSame(gprs.read(["+CGREG: 1,3"]), { stat: 3 });
  const f3607gw = { stat: 1, areaCode: 0x8be3, cellId: 0x2b5d, act: 3 };
  t.strictSame(gprs.read(['+CGREG: 2,1,"8BE3","00002B5D",3']), f3607gw, "Ericsson F3607gw");
  t.strictSame(
    gprs.read(["+CGREG: 2,1, 81ED, 1A9CEB"]),
    { stat: 1, areaCode: 0x81ed, cellId: 0x1a9ceb },
    "Alcatel X220D",
  );
  t.strictSame(gprs.read(["+CGREG:2,10,ebbd,f025"]), { stat: 10, areaCode: 0xebbd, cellId: 0xf025 });
  const eps = registrationQuery("+CEREG");
  const e362 = { stat: 1, areaCode: 0x1f00, cellId: 0x79d903, act: 7 };
  t.strictSame(eps.read(["+CEREG: 2,1, 1F00, 20 ,79D903 ,7"]), e362, "Novatel E362 puts the routing area in between");
  t.strictSame(eps.read(["+CEREG: 2,1, 1F00, 79D903 ,7"]), e362);
  t.strictSame(registrationQuery("+C5GREG").read(["+C5GREG: 2,1,1F00,79D903,11,6,ABCDEF"]), { ...e362, act: 11 });
  t.strictSame(eps.read(["+CEREG: 3,3,,,,0,7"]), { stat: 3, cause: 7 }, "27.007 10.1.22: with the network's cause");
  t.strictSame(eps.read(["+CEREG: 3,3,,,,1,7"]), { stat: 3 }, "a number of the maker's own is none of the network's");
  t.strictSame(gprs.read(["+CGREG: 3,3,,,,,0,14"]), { stat: 3, cause: 14 });
  const inBetween = ["+CEREG: 2,2", '+CEREG: 1,"1F00","79D903",7'];
  t.strictSame(eps.read(inBetween), e362, "a report came in the middle of the answer");
});

t.test("+CREG and its kin, told", async (t) => {
  t.strictSame(registrationNews("+CREG: 5"), { domain: "+CREG", report: { stat: 5 } });
  t.strictSame(news('+CGREG: 1,"1422","00000142",3,"00"'), { stat: 1, areaCode: 0x1422, cellId: 0x142, act: 3 });
  t.strictSame(news('+CGREG: 5,"0502","0404736D",2'), { stat: 5, areaCode: 0x502, cellId: 0x404736d, act: 2 }, "MD400");
  t.strictSame(news("+CEREG: 11, 78FE, 20 ,14419E ,7"), { stat: 11, areaCode: 0x78fe, cellId: 0x14419e, act: 7 });
  t.strictSame(news("+C5GREG: 1, 10"), { stat: 10 }, "an answer's form");
  t.equal(registrationNews("+CSQ: 12,99"), undefined);
  t.throws(() => registrationNews("+CREG: "), RangeError);
});

t.test("+COPS", async (t) => {
  t.strictSame(operatorName.read(['+COPS: 1,0,"CHINA MOBILE"']), { isManual: true, name: "CHINA MOBILE" });
  t.strictSame(operatorCode.read(['+COPS: 0,2,"46000",7']), { isManual: false, name: "46000", act: 7 });
  t.strictSame(operatorCode.read(["+COPS: 0"]), { isManual: false });
  const heard = (...lines: readonly string[]) =>
    operatorScan.read(lines).map(({ stat, name, plmn, act }) => [stat, name, plmn, act]);
  t.strictSame(heard('+COPS: (2,"T-Mobile US","TMO US","31026",0),(1,"AT&T","AT&T","310410",2),,(0,1,2,3,4),(0,1,2)'), [
    [2, "T-Mobile US", "31026", 0],
    [1, "AT&T", "310410", 2],
  ]);
  t.strictSame(
    heard('+COPS: (2,"","T-Mobile","31026",0),(2,"T - Mobile","T - Mobile","310260"),2),(1,"AT&T","AT&T","310410"),0)'),
    [
      [2, "T-Mobile", "31026", 0],
      [2, "T - Mobile", "310260", 2],
      [1, "AT&T", "310410", 0],
    ],
    "TM-506 closes its parentheses too early",
  );
  t.strictSame(heard('+COPS: (2,"T-Mobile",,"31026",0),', '(1,"AT&T",,"310410",0),,(0,1,3),(0,2)'), [
    [2, "T-Mobile", "31026", 0],
    [1, "AT&T", "310410", 0],
  ]);
  t.strictSame(heard('+COPS: (2,"blau","","26203"),(3,"","","26201")'), [
    [2, "blau", "26203", undefined],
    [3, "", "26201", undefined],
  ]);
});

t.test("signal: +CESQ, +CSQ, ^HCSQ, +QCSQ", async (t) => {
  t.strictSame(extendedSignal.read(["+CESQ: 99,99,255,255,20,80"]), { rsrqDb: -10, rsrpDbm: -61 });
  t.strictSame(extendedSignal.read(["+CESQ: 99,99,95,40,255,255"]), { rscpDbm: -26, ecioDb: -4.5 });
  t.strictSame(extendedSignal.read(["+CESQ:10,6,255,255,255,255"]), { rxlevDbm: -101 });
  t.equal(strength.read(["+CSQ: 19,99"]), -75);
  t.equal(strength.read(["+CSQ: 99,99"]), undefined);
  t.equal(strength.read(["+CSQ: 18,99", "+CSQ: 19,99"]), -75, "the newest counts");
  const lte = { system: "lte", rssiDbm: -88, rsrpDbm: -101, snrDb: 6.8, rsrqDb: -14.5 };
  t.strictSame(huaweiSignal.read(["^HCSQ: LTE,33,40,135,11"]), lte);
  t.strictSame(huaweiSignal.read(['^HCSQ: "WCDMA",30,30,58']), {
    system: "umts",
    rssiDbm: -91,
    rscpDbm: -91,
    ecioDb: -3.5,
  });
  t.strictSame(huaweiSignal.read(['^HCSQ: "GSM",36,255']), { system: "gsm", rssiDbm: -85 });
  t.strictSame(huaweiSignal.read(["^HCSQ: NOSERVICE"]), { system: "none" });
  const ec25 = { system: "lte", rssiDbm: -69, rsrpDbm: -102, snrDb: 10, rsrqDb: -12 };
  t.strictSame(quectelSignal.read(['+QCSQ: "LTE",-69,-102,150,-12']), ec25);
  t.strictSame(quectelSignal.read(['+QCSQ: "NOSERVICE"']), { system: "none" });
});

t.test("+CPSI of SIM7600s in Switzerland, Russia and elsewhere", async (t) => {
  t.strictSame(
    simcomCell.read(["+CPSI: LTE,Online,228-02,0x9CA4,20964868,46,EUTRAN-BAND20,6200,3,3,-178,-1089,-742,8"]),
    {
      ...{
        system: "lte",
        mcc: "228",
        mnc: "02",
        areaCode: 0x9ca4,
        cellId: 20964868,
        physicalCellId: 46,
        channel: 6200,
      },
      ...{ rsrqDb: -17.8, rsrpDbm: -108.9, rssiDbm: -74.2, snrDb: 8 },
    },
  );
  const codes = simcomCell.read(["+CPSI: LTE,Online,250-02,0x260A,196089506,299,EUTRAN-BAND7,2850,5,5,21,47,43,17"]);
  t.equal(codes?.rsrpDbm, undefined, "numbers of the firmware's own are no measurement");
  t.match(
    simcomCell.read(["+CPSI: WCDMA,Online,252-02,0x2612,-294967296,WCDMA IMT 2000,437,10687,0,-3,-83,-32768,-83,-15"]),
    { system: "umts", cellId: undefined },
    "a cell's number that ran over is none",
  );
  t.equal(simcomCell.read(["+CPSI: NO SERVICE,Online"]), undefined);
});

t.test("+CFUN, ^RFSWITCH, +CGATT, +CLCK, +CNUM, +WS46, *CNTI, ^SYSCFGEX", async (t) => {
  t.equal(functionality.read(["+CFUN: 4,0"]), 4);
  t.strictSame(radioSwitches.read(["^RFSWITCH:1,0"]), { softwareOn: true, hardwareOn: false });
  t.equal(packetAttach.read(["+CGATT: 1"]), true);
  t.equal(lockState("SC").read(["+CLCK: 0,1", "+CLCK: 1,2"]), true);
  t.strictSame(ownNumbers.read(['+CNUM: something,"+34600000001",145', '+CNUM: ,"1234567890",161', '+CNUM: ,"",129']), [
    "+34600000001",
    "1234567890",
  ]);
  t.strictSame(
    ownNumbers.read(['+CNUM: ,"34600000002",145']),
    ["+34600000002"],
    "the type says that it is international",
  );
  t.strictSame(ownNumbers.read([]), []);
  t.strictSame(radiosOfDevice.read(["+WS46: (12,22,25,28-31)"]), ["gsm", "umts", "lte"]);
  t.strictSame(radiosOfDevice.read(["+WS46: (12,22,25)"]), ["gsm", "umts"], "25 is all that there is, here of 3G");
  t.strictSame(radiosOfDevice.read(["(29-31)"]), ["gsm", "umts", "lte"]);
  t.strictSame(simcomRadios.read(["*CNTI: 2,GSM,EDGE,UMTS,HSDPA/HSUPA,LTE"]), ["gsm", "umts", "lte"]);
  t.strictSame(
    huaweiRadios.read(['^SYSCFGEX: ("00","03","02","01","99"),((2000000680380,"GSM900/WCDMA2100")),(0-2)']),
    [...["gsm", "umts", "lte"]],
  );
});

t.test("tries of PIN and PUK: ^CPIN, +SPIC, +QPINC, +CSIM", async (t) => {
  const all = { pin: 3, puk: 10, pin2: 3, puk2: 10 };
  t.strictSame(huaweiRetries.read(["^CPIN: SIM PIN,3,10,3,10,3"]), all);
  t.strictSame(huaweiRetries.read(["^CPIN: READY,,10,3,10,3"]), all);
  t.strictSame(simcomRetries.read(["+SPIC: 3,10,0,10"]), { ...all, pin2: 0 });
  t.strictSame(quectelRetries.read(['+QPINC: "SC",3,10', '+QPINC: "P2",3,10']), all);
  t.strictSame(cardPinRetries.read(['+CSIM: 4,"63C2"']), { pin: 2 });
  t.strictSame(cardPukRetries.read(['+CSIM: 4,"6983"']), { puk: 0 });
});

t.test("why: ^REJINFO of an MT5700M, +CEER of Qualcomm's firmware and others", async (t) => {
  const reject = '^REJINFO:46000,1,40,6,3,40,"0026F8","FF","0A444202"';
  t.strictSame(networkRejectOf(reject), { cause: 40, isEps: true });
  t.equal(
    networkRejectOf('^REJINFO: "46000",0,301,0,0,301,"1422","05","0C027F50"'),
    undefined,
    "the modem's own number",
  );
  t.strictSame(extendedError.read(["+CEER: EMM_CAUSE_ESM_FAILURE"]), { layer: "emm", name: "esmfailure" });
  const sm34 = "+CEER: Deactivate Cause: SM34 (Service option temporarily out of order)";
  t.strictSame(extendedError.read([sm34]), { layer: "sm", number: 34 });
  const tracker = "+CEER: 5,33 Requested service option not subscribed";
  t.strictSame(extendedError.read([tracker]), { layer: "esm", number: 33 }, "a tracker with a Quectel modem, in Japan");
  t.strictSame(extendedError.read(["+CEER: 5,36"]), { layer: "esm", number: 36 }, "EC2x");
  t.equal(extendedError.read(["+CEER: 0,0"]), undefined);
  t.equal(extendedError.read(["+CEER: No cause information available"]), undefined);
  t.equal(extendedError.read(['+CEER: "0 Unknown"']), undefined);
});

t.test("contexts: +CGDCONT, +CGCONTRDP, ^NDISSTAT, ^DHCP", async (t) => {
  t.strictSame(pdpContexts.read(['+CGDCONT: 1,"IPV4V6","internet","0.0.0.0",0,0']), [
    { cid: 1, type: "IPV4V6", apn: "internet" },
  ]);
  const apn = '"ibox.tim.it.mnc001.mcc222.gprs"';
  const common = { cid: 4, apn: "ibox.tim.it", gateway: "2.197.17.49", dns: ["10.207.43.46", "10.206.56.132"] };
  const tim = [
    `+CGCONTRDP: 4,5,${apn},"2.197.17.49.255.255.255.255","2.197.17.49","10.207.43.46","10.206.56.132","0.0.0.0","0.0.0.0",0`,
  ];
  t.strictSame(activeContexts(4).read(tim), [{ ...common, address: "2.197.17.49.255.255.255.255", mask: "" }]);
  const older = [
    `+CGCONTRDP: 4,5,${apn},"2.197.17.49","255.255.255.255","2.197.17.49","10.207.43.46","10.206.56.132","0.0.0.0","0.0.0.0"`,
  ];
  t.strictSame(activeContexts(4).read(older), [{ ...common, address: "2.197.17.49", mask: "255.255.255.255" }]);
  t.strictSame(ndisStatus.read(['^NDISSTATQRY: 1,,,"IPV4",0,,,"IPV6"']), [
    { family: "ipv4", isUp: true },
    { family: "ipv6", isUp: false },
  ]);
  t.strictSame(ndisStatusesOf("^NDISSTAT: 0,33,,IPV6"), [{ family: "ipv6", isUp: false, cause: 33 }]);
  t.strictSame(ndisStatusesOf('^NDISSTAT: 1,1,,,"IPV4"'), [{ family: "ipv4", isUp: true }], "a number in front");
  t.strictSame(ndisStatusesOf("^NDISSTAT:0"), [{ family: "ipv4", isUp: false }]);
  t.strictSame(
    huaweiAddresses.read(["^DHCP:0xa3ec5c64,0xf8ffffff,0xa1ec5c64,0xa1ec5c64,0x2200b10a,0x74bba80a,236800,236800"]),
    {
      ...{
        address: "100.92.236.163",
        prefixLength: 29,
        gateway: "100.92.236.161",
        dns: ["10.177.0.34", "10.168.187.116"],
      },
    },
  );
  t.match(
    huaweiAddresses.read(["^DHCP: 1010A0A,FCFFFFFF,2010A0A,2010A0A,0,0,150000000,150000000"]),
    { address: "10.10.1.1", prefixLength: 30, dns: [] },
    "leading zeros are left out",
  );
});

t.test("no answer is read from rubbish, and none is half read when it is cut", async (t) => {
  const queries: readonly (readonly [AtQuery<unknown>, string])[] = [
    [registrationQuery("+CEREG"), '+CEREG: 2,1,"1F00","79D903",7'],
    [operatorCode, '+COPS: 0,2,"46000",7'],
    [strength, "+CSQ: 19,99"],
    [extendedSignal, "+CESQ: 99,99,255,255,20,80"],
    [huaweiSignal, '^HCSQ:"LTE",30,19,66,0'],
    [quectelSignal, '+QCSQ: "LTE",-69,-102,150,-12'],
    [functionality, "+CFUN: 1"],
    [radioSwitches, "^RFSWITCH:1,1"],
    [packetAttach, "+CGATT: 1"],
    [radiosOfDevice, "+WS46: (12,22)"],
    [huaweiRetries, "^CPIN: SIM PIN,3,10,3,10,3"],
    [simcomRetries, "+SPIC: 3,10,0,10"],
    [quectelRetries, '+QPINC: "SC",3,10'],
    [cardPinRetries, '+CSIM: 4,"63C2"'],
    [huaweiAddresses, "^DHCP:a3ec5c64,f8ffffff,a1ec5c64,a1ec5c64,2200b10a,74bba80a,236800,236800"],
    [ndisStatus, "^NDISSTATQRY: 1,,,IPV4"],
    [simcomCell, "+CPSI: LTE,Online,228-02,0x9CA4,20964868,46,EUTRAN-BAND20,6200,3,3,-178,-1089,-742,8"],
  ];
  for (const [query, whole] of queries) {
    for (const lines of [[], ["\xff\xfe"], [",,,"], ["("]]) t.throws(() => query.read(lines), RangeError, query.text);
    for (let length = 0; length <= whole.length; length++)
      try {
        query.read([whole.slice(0, length)]);
      } catch (error) {
        if (!(error instanceof RangeError)) t.fail(`${query.text} cut at ${length}: ${error}`);
      }
  }
  t.pass("checked");
});
