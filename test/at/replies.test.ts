/** Answers of real modems as people have published them; IMEI and card numbers there are changed in their last digits. */
import t from "tap";
import type { AtQuery } from "../../src/at/command.js";
import { identification } from "../../src/at/replies/ati.js";
import { manufacturer } from "../../src/at/replies/cgmi.js";
import { model } from "../../src/at/replies/cgmm.js";
import { revision } from "../../src/at/replies/cgmr.js";
import { imei } from "../../src/at/replies/cgsn.js";
import { imsi } from "../../src/at/replies/cimi.js";
import { pinQuestion } from "../../src/at/replies/cpin.js";
import { simcomComposition } from "../../src/at/replies/cusbpidswitch.js";
import { capabilities } from "../../src/at/replies/gcap.js";
import { huaweiPorts } from "../../src/at/replies/getportmode.js";
import { ccid, ciccid, huaweiIccid, qccid } from "../../src/at/replies/iccid.js";
import { quectelFunction } from "../../src/at/replies/qcfg-usbnet.js";

t.test("ATI", async (t) => {
  const huawei = identification.read([
    ...["Manufacturer: huawei", "Model: E160G", "Revision: 11.608.12.00.55", "IMEI: 353143034375551"],
    "+GCAP: +CGSM,+DS,+ES",
  ]);
  t.strictSame(huawei, {
    manufacturer: "huawei",
    model: "E160G",
    revision: "11.608.12.00.55",
    imei: "353143034375551",
    capabilities: ["+CGSM", "+DS", "+ES"],
  });
  const sim7600 = ["Manufacturer: SIMCOM INCORPORATED", "Model: SIMCOM_SIM7600G-H", "Revision: SIM7600M22_V2.0"];
  t.match(identification.read([...sim7600, "IMEI: 868822040061788", "+GCAP: +CGSM"]), { model: "SIMCOM_SIM7600G-H" });
  const a7670e = ["Manufacturer: INCORPORATED", "Model: A7670E-FASE", "Revision: A7670M7_V1.11.1"];
  t.match(identification.read([...a7670e, "IMEI: 862205059261570", "+GCAP: +CGSM,+FCLASS,+DS"]), {
    manufacturer: "INCORPORATED",
    model: "A7670E-FASE",
    imei: "862205059261570",
  });
  t.strictSame(identification.read(["Quectel", "EC25", "Revision: EC25EFAR06A06M4G"]), {
    manufacturer: "Quectel",
    model: "EC25",
    revision: "EC25EFAR06A06M4G",
    capabilities: [],
  });
  t.throws(() => identification.read([]), RangeError);
});

t.test("+CGMI, +CGMM, +CGMR: bare, named, quoted", async (t) => {
  t.equal(manufacturer.read(["QUALCOMM INCORPORATED"]), "QUALCOMM INCORPORATED");
  t.equal(model.read(['+CGMM: "LE910C4-EU"']), "LE910C4-EU");
  t.equal(revision.read(["+CGMR: A011B07A7670M7_F"]), "A011B07A7670M7_F", "A7670E-FASE");
  t.throws(() => revision.read(["+CGMR: "]), RangeError);
});

t.test("+CGSN: 15 digits or nothing", async (t) => {
  t.equal(imei.read(["861817065314739"]), "861817065314739", "A7670C");
  t.equal(imei.read(['+CGSN: "355234567890123"']), "355234567890123");
  for (const line of ["80A1B2C3", "A100001234ABCD", "8618170653147390"]) t.throws(() => imei.read([line]), RangeError);
});

t.test("+CIMI, +CPIN?, +GCAP", async (t) => {
  t.equal(imsi.read(["460015356123463"]), "460015356123463", "ZTE 7520");
  t.throws(() => imsi.read(["46001", "x"]), RangeError);
  t.equal(pinQuestion.read(["+CPIN: SIM PIN"]), "pin");
  t.equal(pinQuestion.read(["+CPIN:READY"]), "none");
  t.equal(pinQuestion.read(["+CPIN: PH-NET PIN"]), "network");
  t.throws(() => pinQuestion.read(["+CPIN: NOT INSERTED"]), RangeError);
  t.strictSame(capabilities.read(["+GCAP: +CGSM,+DS", "+GCAP: +ES"]), ["+CGSM", "+DS", "+ES"]);
});

t.test("the card's number by four names, padded, swapped, with letters", async (t) => {
  t.equal(ciccid.read(["+ICCID: 898600700907A6019125"]), "898600700907A6019125", "SIM7600, in SIMCom's manual");
  t.equal(qccid.read(["+QCCID: 898604B2012290748345"]), "898604B2012290748345", "RG500U, a log with ECM_RNDIS_NCM");
  t.equal(qccid.read(["+QCCID: 8901260852290847433F"]), "8901260852290847433", "BG96");
  t.equal(ccid.read(['+CCID: "89148000000637720260",""']), "89148000000637720260", "BG96");
  t.equal(huaweiIccid.read(["^ICCID: 98942082100003454123"]), "89490228010030541432", "halves in the card's order");
  t.throws(() => ccid.read(["+CCID: 12345678901234567890"]), RangeError);
});

t.test("^GETPORTMODE", async (t) => {
  const read = (line: string) => [...huaweiPorts.read([line])].map(([name, number]) => `${name}=${number}`).join(" ");
  t.equal(read("^GETPORTMODE:TYPE:WCDMA:Qualcomm,MDM:0,DIAG:1,PCUI:2"), "MDM=0 DIAG=1 PCUI=2");
  t.equal(
    read("^GETPORTMODE: TYPE: WCDMA: huawei,MDM:0,PCUI:1,NDIS:2,CDROM:3,SD:4,"),
    "MDM=0 PCUI=1 NDIS=2 CDROM=3 SD=4",
  );
  t.equal(
    read("^GETPORTMODE: TYPE:WCDMA:huawei,NDIS:0,CDROM:1,DIAG:2,PCUI:3,GPS:4,PCVoice:5,SHELL:6"),
    "NDIS=0 CDROM=1 DIAG=2 PCUI=3 GPS=4 PCVOICE=5 SHELL=6",
  );
  t.throws(() => huaweiPorts.read(["^GETPORTMODE: TYPE: WCDMA: huawei"]), RangeError);
});

t.test("compositions: +CUSBPIDSWITCH?, +QCFG", async (t) => {
  t.equal(simcomComposition.read(["+CUSBPIDSWITCH: 9001"]), "9001", "SIM7600G-H, LE20B04SIM7600G22");
  t.equal(simcomComposition.read(["+CUSBPIDSWITCH: 901A"]), "901a");
  t.throws(() => simcomComposition.read(["+CUSBPIDSWITCH: (9000,9001),(0-1),(0-1)"]), RangeError);
  t.equal(quectelFunction.read(['+QCFG: "usbnet",1']), "ecm", "EC20");
  t.equal(quectelFunction.read(['+QCFG: "usbnet",5']), "ncm", "RG500U");
  t.throws(() => quectelFunction.read(['+QCFG: "usbnet",9']), RangeError);
});

t.test("no answer is read from rubbish", async (t) => {
  const queries: readonly AtQuery<unknown>[] = [
    ...[manufacturer, model, revision, imei, imsi, pinQuestion, ccid, huaweiIccid, huaweiPorts],
    ...[simcomComposition, quectelFunction],
  ];
  for (const query of queries)
    for (const lines of [[], ["\xff\xfe"], [",,,"], ["+CPIN"], ["("]]) {
      const isText = query === manufacturer || query === model || query === revision;
      if (isText && lines.length > 0) continue;
      t.throws(() => query.read(lines), RangeError, `${query.text} ${lines}`);
    }
});
