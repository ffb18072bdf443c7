/** The bytes of an AT port as lines, and each answer read from them. */
import type { AtQuery } from "../../../src/at/command.js";
import { refusal } from "../../../src/at/errors.js";
import { parameters } from "../../../src/at/parameters.js";
import * as ati from "../../../src/at/replies/ati.js";
import * as ccho from "../../../src/at/replies/ccho.js";
import * as ceer from "../../../src/at/replies/ceer.js";
import * as cesq from "../../../src/at/replies/cesq.js";
import * as cfun from "../../../src/at/replies/cfun.js";
import * as cgatt from "../../../src/at/replies/cgatt.js";
import * as cgcontrdp from "../../../src/at/replies/cgcontrdp.js";
import * as cgdcont from "../../../src/at/replies/cgdcont.js";
import * as cgmi from "../../../src/at/replies/cgmi.js";
import * as cgmm from "../../../src/at/replies/cgmm.js";
import * as cgmr from "../../../src/at/replies/cgmr.js";
import * as cgnsspwr from "../../../src/at/replies/cgnsspwr.js";
import * as cgpaddr from "../../../src/at/replies/cgpaddr.js";
import * as cgps from "../../../src/at/replies/cgps.js";
import * as cgsn from "../../../src/at/replies/cgsn.js";
import * as chiptemp from "../../../src/at/replies/chiptemp.js";
import * as cimi from "../../../src/at/replies/cimi.js";
import * as clck from "../../../src/at/replies/clck.js";
import * as cmgl from "../../../src/at/replies/cmgl.js";
import * as cmgr from "../../../src/at/replies/cmgr.js";
import * as cmgs from "../../../src/at/replies/cmgs.js";
import * as cnbp from "../../../src/at/replies/cnbp.js";
import * as cnetci from "../../../src/at/replies/cnetci.js";
import * as cnmi from "../../../src/at/replies/cnmi.js";
import * as cnmp from "../../../src/at/replies/cnmp.js";
import * as cnum from "../../../src/at/replies/cnum.js";
import * as cops from "../../../src/at/replies/cops.js";
import * as cpin from "../../../src/at/replies/cpin.js";
import * as cpms from "../../../src/at/replies/cpms.js";
import * as cpmutemp from "../../../src/at/replies/cpmutemp.js";
import * as cpsi from "../../../src/at/replies/cpsi.js";
import * as creg from "../../../src/at/replies/creg.js";
import * as crsm from "../../../src/at/replies/crsm.js";
import * as csca from "../../../src/at/replies/csca.js";
import * as csq from "../../../src/at/replies/csq.js";
import * as cusbpidswitch from "../../../src/at/replies/cusbpidswitch.js";
import * as cusd from "../../../src/at/replies/cusd.js";
import * as dhcp from "../../../src/at/replies/dhcp.js";
import * as gcap from "../../../src/at/replies/gcap.js";
import * as getportmode from "../../../src/at/replies/getportmode.js";
import * as hcsq from "../../../src/at/replies/hcsq.js";
import * as iccid from "../../../src/at/replies/iccid.js";
import * as messageNews from "../../../src/at/replies/message-news.js";
import * as monnc from "../../../src/at/replies/monnc.js";
import * as monsc from "../../../src/at/replies/monsc.js";
import * as ndisstat from "../../../src/at/replies/ndisstat.js";
import * as pinRetries from "../../../src/at/replies/pin-retries.js";
import * as qcfgBand from "../../../src/at/replies/qcfg-band.js";
import * as qcfgNwscanmode from "../../../src/at/replies/qcfg-nwscanmode.js";
import * as qcfgUsbnet from "../../../src/at/replies/qcfg-usbnet.js";
import * as qcsq from "../../../src/at/replies/qcsq.js";
import * as qeng from "../../../src/at/replies/qeng.js";
import * as qgps from "../../../src/at/replies/qgps.js";
import * as qnetdevctl from "../../../src/at/replies/qnetdevctl.js";
import * as qnwprefcfg from "../../../src/at/replies/qnwprefcfg.js";
import * as qtemp from "../../../src/at/replies/qtemp.js";
import * as rejinfo from "../../../src/at/replies/rejinfo.js";
import * as rfswitch from "../../../src/at/replies/rfswitch.js";
import * as syscfg from "../../../src/at/replies/syscfg.js";
import * as syscfgex from "../../../src/at/replies/syscfgex.js";
import * as ws46 from "../../../src/at/replies/ws46.js";
import { finalResult } from "../../../src/at/results.js";
import { AtTokenizer } from "../../../src/at/tokenizer.js";
import { ignoring } from "../ignoring.js";

/** By the file that each stands in, all of them: corpus.test.ts compares with the folder. */
export const replies = {
  ...{ ati, ccho, crsm, ceer, cesq, cfun, cgatt, cgcontrdp, cgdcont, cgpaddr, cgmi, cgmm, cgmr },
  ...{ cgsn, cimi, clck, cnbp, cnmp, cnum, cops, cpin, cpsi, creg, csq, cusbpidswitch },
  ...{ dhcp, gcap, getportmode, hcsq, iccid, ndisstat, qcsq, qnwprefcfg, rejinfo, rfswitch, ws46 },
  ...{ cgnsspwr, cgps, chiptemp, cpmutemp, qgps, qnetdevctl, qtemp },
  ...{ cnetci, monnc, monsc, qeng, syscfg, syscfgex },
  ...{ cmgl, cmgr, cmgs, cnmi, cpms, csca, cusd },
  "message-news": messageNews,
  "pin-retries": pinRetries,
  "qcfg-band": qcfgBand,
  "qcfg-nwscanmode": qcfgNwscanmode,
  "qcfg-usbnet": qcfgUsbnet,
} as const;

const isQuery = (value: unknown): value is AtQuery<unknown> =>
  typeof value === "object" && value !== null && "read" in value;
const queries = Object.values(replies)
  .flatMap((module) => Object.values<unknown>(module))
  // Those that are asked of a domain, a lock, a context.
  .concat(
    creg.registrationDomains.map(creg.registrationQuery),
    clck.lockState("SC"),
    cgcontrdp.activeContexts(),
    cgpaddr.contextAddresses(1),
    ccho.openChannel(Buffer.alloc(16)),
    ccho.channelCommand(1, Buffer.alloc(5)),
    ccho.rawCommand(Buffer.alloc(5)),
    crsm.fileParameters(0x6f07),
    crsm.fileContent(0x6f07, 0, 9),
    crsm.writtenFile(0x6f7b, Buffer.alloc(3)),
    qnwprefcfg.quectelBandList("lte_band"),
    qnetdevctl.quectelJoined(1),
  )
  .filter(isQuery);

/** What a line tells unasked. */
const news: readonly ((line: string) => unknown)[] = [
  ...[creg.registrationNews, csq.rssiDbmOf, hcsq.huaweiSignalOf, ndisstat.ndisStatusesOf, rejinfo.networkRejectOf],
  ...[rfswitch.radioSwitchesOf, messageNews.messageNews],
];

/** The first byte chooses the answer that the lines are read as. */
export function fuzz(data: Buffer): void {
  const tokenizer = new AtTokenizer();
  tokenizer.expectsPrompt = data.length % 2 === 1;
  const lines = tokenizer.feed(data.subarray(1)).flatMap((token) => (token.is === "line" ? [token.text] : []));
  for (const line of lines) {
    parameters(line);
    const result = finalResult(line, { call: true, numbers: true });
    if (result?.is === "refused" && refusal("AT", result.text).message === "")
      throw new Error("a refusal without words");
  }
  const query = queries[(data[0] ?? 0) % queries.length];
  ignoring(RangeError, () => query?.read(lines));
  for (const read of news) for (const line of lines) ignoring(RangeError, () => read(line));
}
