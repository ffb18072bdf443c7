/** What differs between families of modems that speak AT: one row each, with where it is known from. */
import type { HeardCell } from "../../at/cell-layout.js";
import type { AtCommand, AtQuery } from "../../at/command.js";
import { asrGnssPower } from "../../at/replies/cgnsspwr.js";
import { simcomGps } from "../../at/replies/cgps.js";
import { huaweiTemperatures } from "../../at/replies/chiptemp.js";
import { simcomNeighbours } from "../../at/replies/cnetci.js";
import { simcomModeRadios } from "../../at/replies/cnmp.js";
import { simcomTemperature } from "../../at/replies/cpmutemp.js";
import { simcomServingCells } from "../../at/replies/cpsi.js";
import { cardIccid, ccid, ciccid, huaweiIccid, qccid } from "../../at/replies/iccid.js";
import { huaweiNeighbours } from "../../at/replies/monnc.js";
import { huaweiServingCells } from "../../at/replies/monsc.js";
import {
  cardPinRetries,
  cardPukRetries,
  huaweiRetries,
  type PinRetries,
  quectelRetries,
  simcomRetries,
} from "../../at/replies/pin-retries.js";
import { quectelNeighbours, quectelServingCells } from "../../at/replies/qeng.js";
import { quectelGnss } from "../../at/replies/qgps.js";
import { quectelTemperatures } from "../../at/replies/qtemp.js";
import { type RadioSwitches, radioSwitches } from "../../at/replies/rfswitch.js";
import { huaweiOldRadios } from "../../at/replies/syscfg.js";
import { huaweiRadios } from "../../at/replies/syscfgex.js";
import { type Radio, radiosOfDevice, simcomRadios } from "../../at/replies/ws46.js";
import type { Temperature } from "../../modem/types.js";
import type { GnssCommands } from "./hardware.js";
import { quectelNrSelector, quectelSelector } from "./quectel-selectors.js";
import type { RadioSelector } from "./radio-selector.js";
import { huaweiOldSelector, huaweiSelector, simcomSelector, standardSelector } from "./radio-selectors.js";
import {
  csqNews,
  huaweiNews,
  huaweiQuery,
  qindNews,
  quectelQuery,
  type SignalNews,
  type SignalQuery,
  simcomQuery,
  standardQueries,
} from "./signal-queries.js";
import { quectelWays, type StandingWays, simcomWays } from "./standing-dialler.js";
import type { UssdStyle } from "./ussd-coding.js";

export interface AtDialect {
  readonly name: string;
  /** Of manufacturer and model, with a blank between. */
  readonly fits: RegExp;
  /** Where it is known from. */
  readonly because: string;
  /** Turns on what the modem tells by itself. */
  readonly begin: readonly AtCommand[];
  /** The best first. */
  readonly iccid: readonly AtQuery<string>[];
  /** Tries left. One answer has both, or each its own. */
  readonly retries: { readonly pin: AtQuery<PinRetries>; readonly puk: AtQuery<PinRetries> };
  /** The best first; those of the standard come after them. */
  readonly signal: readonly SignalQuery[];
  /** Absent: it is asked from time to time. */
  readonly signalNews?: SignalNews;
  /** Tells of a switch that holds the radio off. */
  readonly radioSwitches?: AtQuery<RadioSwitches>;
  /** +CEER names the network's cause where a registration was refused. */
  readonly explainsRefusals?: true;
  /** The vendor's view of cells, serving and around. */
  readonly cells: readonly AtQuery<readonly HeardCell[]>[];
  /** The first that the firmware knows. */
  readonly radios: readonly AtQuery<readonly Radio[]>[];
  /** Modes and bands: the first that the firmware knows. */
  readonly selectors: readonly RadioSelector[];
  /** How its network interface is connected; absent: not by a command that is known. */
  readonly connects?: "ndis" | StandingWays;
  /** How it has texts of USSD. */
  readonly ussd: UssdStyle;
  /** The context that the attach of LTE goes by. Absent: not known. */
  readonly attachContext?: number;
  readonly reset: AtCommand;
  /** Absent: no command is known. */
  readonly gnss?: GnssCommands;
  readonly temperatures?: AtQuery<readonly Temperature[]>;
}

const both = (query: AtQuery<PinRetries>) => ({ pin: query, puk: query });
const restart: AtCommand = { text: "AT+CFUN=1,1" };

const generic: AtDialect = {
  name: "generic",
  fits: /^/,
  because: "3GPP TS 27.007",
  begin: [],
  iccid: [cardIccid],
  retries: { pin: cardPinRetries, puk: cardPukRetries },
  signal: standardQueries,
  cells: [],
  radios: [radiosOfDevice],
  selectors: [standardSelector],
  ussd: "plain",
  reset: restart,
};

const huawei: AtDialect = {
  ...generic,
  name: "huawei",
  fits: /huawei/i,
  because: "ME909s Series LTE Module AT Command Interface Specification",
  begin: [{ text: "AT^CURC=1" }],
  iccid: [huaweiIccid, cardIccid],
  retries: both(huaweiRetries),
  signal: [huaweiQuery, ...standardQueries],
  signalNews: huaweiNews,
  radioSwitches,
  cells: [huaweiServingCells, huaweiNeighbours],
  radios: [huaweiRadios, huaweiOldRadios],
  selectors: [huaweiSelector, huaweiOldSelector],
  // E1550, E173, E3372: a plain code is refused.
  ussd: "packed",
  connects: "ndis",
  attachContext: 1,
  // Tracking, not one position; whether it runs no command tells.
  gnss: { on: [{ text: "AT^WPDST=1" }, { text: "AT^WPDGP" }], off: [{ text: "AT^WPEND" }] },
  temperatures: huaweiTemperatures,
};

const simcom: AtDialect = {
  ...generic,
  name: "simcom",
  fits: /sim ?com|simtech/i,
  because: "SIM7500_SIM7600 Series AT Command Manual",
  begin: [{ text: "AT+AUTOCSQ=1,1" }],
  iccid: [ciccid, cardIccid],
  retries: both(simcomRetries),
  signal: [simcomQuery, ...standardQueries],
  signalNews: csqNews,
  explainsRefusals: true,
  cells: [simcomServingCells],
  radios: [simcomRadios],
  selectors: [simcomSelector],
  connects: simcomWays,
  attachContext: 1,
  gnss: { isOn: simcomGps, on: [{ text: "AT+CGPS=1" }], off: [{ text: "AT+CGPS=0" }] },
  temperatures: simcomTemperature,
};

/** ASR's chip under the same name: no +AUTOCSQ, and its cards by +CCID. */
const simcomAsr: AtDialect = {
  ...generic,
  name: "simcom a76xx",
  fits: /\bA76[0-9]{2}/i,
  because: "A76XX Series AT Command Manual",
  iccid: [ccid, ciccid, cardIccid],
  retries: both(simcomRetries),
  signal: [simcomQuery, ...standardQueries],
  cells: [simcomServingCells, simcomNeighbours],
  radios: [simcomModeRadios],
  selectors: [simcomSelector],
  connects: simcomWays,
  attachContext: 1,
  gnss: { isOn: asrGnssPower, on: [{ text: "AT+CGNSSPWR=1" }], off: [{ text: "AT+CGNSSPWR=0" }] },
  temperatures: simcomTemperature,
};

const quectel: AtDialect = {
  ...generic,
  name: "quectel",
  fits: /quectel/i,
  because: "EC2x&EG9x&EG2x-G Series AT Commands Manual",
  begin: [{ text: 'AT+QINDCFG="csq",1' }, { text: "AT+QSIMSTAT=1" }],
  iccid: [qccid, cardIccid],
  retries: both(quectelRetries),
  signal: [quectelQuery, ...standardQueries],
  signalNews: qindNews,
  cells: [quectelServingCells, quectelNeighbours],
  selectors: [quectelNrSelector, quectelSelector],
  // ECM and RNDIS: by itself as on an EC25 (docs.sixfab.com), or joined by a command as on an EC200.
  connects: quectelWays,
  attachContext: 1,
  gnss: { isOn: quectelGnss, on: [{ text: "AT+QGPS=1" }], off: [{ text: "AT+QGPSEND" }] },
  temperatures: quectelTemperatures,
};

/** The first that fits; the last always does. */
const dialects: readonly AtDialect[] = [huawei, simcomAsr, simcom, quectel, generic];

export function dialectOf(manufacturer: string, model: string): AtDialect {
  return dialects.find(({ fits }) => fits.test(`${manufacturer} ${model}`)) ?? generic;
}
