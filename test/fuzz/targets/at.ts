/** The bytes of an AT port as lines, and each answer read from them. */
import type { AtQuery } from "../../../src/at/command.js";
import { refusal } from "../../../src/at/errors.js";
import { parameters } from "../../../src/at/parameters.js";
import * as ati from "../../../src/at/replies/ati.js";
import * as cgmi from "../../../src/at/replies/cgmi.js";
import * as cgmm from "../../../src/at/replies/cgmm.js";
import * as cgmr from "../../../src/at/replies/cgmr.js";
import * as cgsn from "../../../src/at/replies/cgsn.js";
import * as cimi from "../../../src/at/replies/cimi.js";
import * as cpin from "../../../src/at/replies/cpin.js";
import * as cusbpidswitch from "../../../src/at/replies/cusbpidswitch.js";
import * as gcap from "../../../src/at/replies/gcap.js";
import * as getportmode from "../../../src/at/replies/getportmode.js";
import * as iccid from "../../../src/at/replies/iccid.js";
import * as qcfgUsbnet from "../../../src/at/replies/qcfg-usbnet.js";
import { finalResult } from "../../../src/at/results.js";
import { AtTokenizer } from "../../../src/at/tokenizer.js";
import { ignoring } from "../ignoring.js";

/** By the file that each stands in, all of them: corpus.test.ts compares with the folder. */
export const replies = {
  ...{ ati, cgmi, cgmm, cgmr, cgsn, cimi, cpin, cusbpidswitch, gcap, getportmode, iccid, "qcfg-usbnet": qcfgUsbnet },
} as const;

const isQuery = (value: unknown): value is AtQuery<unknown> =>
  typeof value === "object" && value !== null && "read" in value;
const queries = Object.values(replies)
  .flatMap((module) => Object.values<unknown>(module))
  .filter(isQuery);

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
}
