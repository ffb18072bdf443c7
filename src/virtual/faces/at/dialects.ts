/** What each family of modems adds to the generic commands, and how it says no: one row each. */
import type { AtProfile, VirtualProfile } from "../../model/profile.js";
import type { Row } from "./answer.js";
import { asrCompositionRows } from "./asr-composition.js";
import { cardRows } from "./card.js";
import { huaweiCellRows } from "./cells.js";
import { cmuxRow } from "./cmux.js";
import { asrHardwareRows, huaweiTemperatureRow, quectelHardwareRows, sim7600HardwareRows } from "./hardware.js";
import { huaweiNews, huaweiRows, setPortRow } from "./huawei.js";
import { huaweiCallNews } from "./huawei-calls.js";
import { oldSystemsRow, systemsRow } from "./huawei-selection.js";
import { type IdentityHabits, identityRows } from "./identity.js";
import { messageRows } from "./messages.js";
import { networkRows } from "./network.js";
import { packetRows } from "./packet.js";
import { quectelNews, quectelRows } from "./quectel.js";
import { cme } from "./refusals.js";
import { sidesRow } from "./selection.js";
import { settingsRows } from "./settings.js";
import { a76xxRows, sim7600News, sim7600Rows, simcomRows } from "./simcom.js";
import type { CallNews, FamilyNews, VendorNews } from "./urcs.js";
import { type UssdStyle, ussdRow } from "./ussd.js";

interface DialectRow {
  readonly identity: IdentityHabits;
  /** The answer to a command that it does not know: a text, or a number of +CME ERROR. */
  readonly unknown: string | number;
  readonly news: VendorNews;
  readonly calls?: CallNews;
  readonly ussd?: UssdStyle;
  rows(profile: VirtualProfile): readonly Row[];
}

const silent: VendorNews = () => [];
const knownCompositions = ({ usb }: VirtualProfile): readonly string[] => Object.keys(usb?.compositions ?? {});
const huaweiPortsOf = ({ at }: VirtualProfile) => at?.ports ?? {};

const dialects: Readonly<Record<AtProfile["dialect"], DialectRow>> = {
  generic: {
    identity: { capabilities: "+CGSM,+DS,+ES", revisionLabel: "", information: "labelled" },
    unknown: cme.notSupported,
    news: silent,
    rows: () => [],
  },
  // LTE sticks with HiSilicon's Balong chip.
  huaweiBalong: {
    identity: { capabilities: "+CGSM,+DS,+ES", revisionLabel: "", information: "labelled" },
    unknown: "ERROR",
    news: huaweiNews,
    calls: huaweiCallNews,
    ussd: "packed",
    rows: (profile) => [
      ...huaweiRows(huaweiPortsOf(profile)),
      setPortRow(profile.at?.portCodes ?? ""),
      systemsRow,
      ...huaweiCellRows,
      huaweiTemperatureRow,
    ],
  },
  // 3G sticks with Qualcomm's chip.
  huaweiQualcomm: {
    identity: { capabilities: "+CGSM,+DS,+ES", revisionLabel: "", information: "labelled" },
    unknown: "COMMAND NOT SUPPORT",
    news: huaweiNews,
    calls: huaweiCallNews,
    ussd: "packed",
    rows: (profile) => [...huaweiRows(huaweiPortsOf(profile)), oldSystemsRow],
  },
  sim7600: {
    identity: { capabilities: "+CGSM", revisionLabel: "+CGMR: ", information: "labelled" },
    unknown: "ERROR",
    news: sim7600News,
    rows: (profile) => [...simcomRows(knownCompositions(profile)), ...sim7600Rows, ...sim7600HardwareRows],
  },
  a76xx: {
    identity: { capabilities: "+CGSM,+FCLASS,+DS", revisionLabel: "+CGMR: ", information: "labelled" },
    unknown: "ERROR",
    news: silent,
    rows: (profile) => [
      ...simcomRows(knownCompositions(profile)),
      ...a76xxRows,
      ...asrHardwareRows,
      ...asrCompositionRows,
    ],
  },
  quectel: {
    identity: { capabilities: "+CGSM", revisionLabel: "", information: "short" },
    unknown: "ERROR",
    news: quectelNews,
    rows: () => [...quectelRows, ...quectelHardwareRows],
  },
};

export interface Dialect {
  readonly rows: ReadonlyMap<string, Row>;
  readonly unknown: string | number;
  readonly news: FamilyNews;
}

/** A vendor's row takes the place of a generic one with its name. */
export function dialectOf(profile: VirtualProfile): Dialect {
  const dialect = dialects[profile.at?.dialect ?? "generic"];
  const { news, calls = () => [], ussd = "plain" } = dialect;
  const generic = [
    ...[...settingsRows, ...identityRows(dialect.identity), ...cardRows],
    ...[...networkRows, sidesRow, ...packetRows, ...messageRows, ussdRow(ussd)],
  ];
  const { cmux } = profile.at ?? {};
  const line = cmux === undefined ? [] : [cmuxRow(cmux)];
  const rows = new Map([...generic, ...line, ...dialect.rows(profile)].map((row) => [row.name, row]));
  return { rows, unknown: dialect.unknown, news: { changes: news, calls, ussd } };
}
