/** The bytes of an AT port as lines, and each answer read from them. */
import type { AtQuery } from "../../../src/at/command.js";
import { refusalError } from "../../../src/at/errors.js";
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
