/** NAS: what each radio says of its service, in QMI's structures. Pure. */
import type { IndicationOf, ResponseOf } from "../../../qmi/message.js";
import type * as nas from "../../../qmi/services/nas-system.js";
import { generationOf, heardCells } from "../../model/cells.js";
import type { OperatorProfile } from "../../model/profile.js";
import type { ModemState } from "../../model/state.js";

type Info = ResponseOf<typeof nas.getSystemInfo> & IndicationOf<typeof nas.systemInfoChanged>;

const asciiDigits = (text: string) => {
  const [a = 0xff, b = 0xff, c = 0xff] = Buffer.from(text);
  return { a, b, c };
};

/** Not valid, yet still ASCII: libqmi leaves out all of a structure whose text it cannot read. */
const noDigits = asciiDigits("000");

const noService = { status: "none", trueStatus: "none", preferredDataPath: false } as const;

/** A refusal is told of LTE, on which this network says no. */
function refused(cause: number): Info {
  const nowhere = { lacValid: false, lac: 0, cellIdValid: false, cellId: 0, tacValid: false, tac: 0 };
  const lte = {
    ...parts("none", false),
    ...nowhere,
    rejectValid: true,
    rejectDomain: "ps",
    rejectCause: cause,
    plmnValid: false,
    mcc: noDigits,
    mnc: noDigits,
  } as const;
  return { lteStatus: { ...noService, status: "limited", trueStatus: "limited" }, lte };
}

const parts = (domain: "none" | "csPs", roaming: boolean) =>
  ({
    domainValid: true,
    domain,
    capabilityValid: true,
    capability: "csPs",
    roamingValid: domain !== "none",
    roaming: roaming ? "on" : "off",
    forbiddenValid: true,
    forbidden: false,
  }) as const;

function served(state: ModemState, operator: OperatorProfile): Info {
  const [cell] = heardCells(state);
  const generation = generationOf(operator.technology);
  const status = { status: "available", trueStatus: "available", preferredDataPath: false } as const;
  const area = cell?.area ?? 0;
  const common = {
    ...parts("csPs", operator.standing !== "home"),
    lacValid: generation !== "lte",
    lac: generation === "lte" ? 0 : area,
    cellIdValid: cell !== undefined,
    cellId: cell?.id ?? 0,
    rejectValid: false,
    rejectDomain: "none",
    rejectCause: 0,
    plmnValid: true,
    mcc: asciiDigits(operator.mcc),
    mnc: asciiDigits(operator.mnc),
  } as const;
  switch (generation) {
    case "lte":
      return { lteStatus: status, lte: { ...common, tacValid: true, tac: area } };
    case "umts":
      return { wcdmaStatus: status, wcdma: { ...common, ...noWcdmaExtras, scramblingCode: cell?.physicalId ?? 0 } };
    case "gsm":
      return { gsmStatus: status, gsm: { ...common, egprsValid: true, egprs: true, dtmValid: false, dtm: false } };
  }
}

const noWcdmaExtras = {
  hsCallValid: false,
  hsCall: 0,
  hsServiceValid: false,
  hsService: 0,
  scramblingCodeValid: true,
} as const;

/** The same for answer and indication, whose tables differ in types only. */
export function systemInfo(state: ModemState): Info {
  const { registration } = state;
  if (registration.is === "registered") return served(state, registration.operator);
  if (registration.is === "denied") return refused(registration.cause);
  return { gsmStatus: noService, wcdmaStatus: noService, lteStatus: noService };
}
