/** The model's values as QMI's structures. Pure: state in, values of the message tables out. */
import type { IndicationOf, ResponseOf } from "../../../qmi/message.js";
import type * as dms from "../../../qmi/services/dms.js";
import type * as nas from "../../../qmi/services/nas.js";
import type * as signal from "../../../qmi/services/nas-signal.js";
import type * as wds from "../../../qmi/services/wds.js";
import { routerLinkLocal } from "../../model/carrier.js";
import { heardCells } from "../../model/cells.js";
import type { OperatorProfile, VirtualProfile } from "../../model/profile.js";
import { hasIpv4, hasIpv6, type Session } from "../../model/session.js";
import { type ModemState, signalOf } from "../../model/state.js";
import type { Technology } from "../../model/words.js";

/** NAS radio interfaces know generations only. */
const radioOf = {
  gsm: "gsm",
  edge: "gsm",
  umts: "umts",
  hspa: "umts",
  lte: "lte",
} as const satisfies Record<Technology, string>;

const capabilityOf = {
  gsm: "gprs",
  edge: "edge",
  umts: "wcdma",
  hspa: "hsdpa",
  lte: "lte",
} as const satisfies Record<Technology, string>;

/** Bits per second that the hardware can do: up, down. */
const rates = { gsm: [85_600, 85_600], umts: [5_760_000, 42_000_000], lte: [50_000_000, 150_000_000] } as const;

export function capabilities({ device }: VirtualProfile): ResponseOf<typeof dms.getCapabilities> {
  const radios = [...new Set(device.technologies.map((technology) => radioOf[technology]))];
  const [maxTxRate, maxRxRate] = rates[radios.at(-1) ?? "gsm"];
  return {
    info: { maxTxRate, maxRxRate, dataService: "simultaneousCsPs", sim: "supported", radioInterfaces: radios },
  };
}

export const operatingMode = ({ softwareOn, hardwareOn }: ModemState): ResponseOf<typeof dms.getOperatingMode> => ({
  mode: softwareOn && hardwareOn ? "online" : "lowPower",
  hardwareRestricted: !hardwareOn,
});

const plmnNumbers = ({ mcc, mnc }: OperatorProfile) => ({ mcc: Number(mcc), mnc: Number(mnc) });
const digitsOf = (operator: OperatorProfile) => ({
  ...plmnNumbers(operator),
  mncHasThreeDigits: operator.mnc.length === 3,
});

const registrationOf = {
  off: "notRegistered",
  deregistered: "notRegistered",
  searching: "searching",
  registered: "registered",
  denied: "denied",
} as const satisfies Record<ModemState["registration"]["is"], string>;

/** The same for answer and indication, whose tables differ in types only. */
export function servingSystem(
  state: ModemState,
): ResponseOf<typeof nas.getServingSystem> & IndicationOf<typeof nas.servingSystemChanged> {
  const { registration, packet } = state;
  const operator = registration.is === "registered" ? registration.operator : undefined;
  const system = {
    registration: registrationOf[registration.is],
    csAttach: operator ? "attached" : "detached",
    psAttach: packet.is === "attached" ? "attached" : "detached",
    network: operator ? "3gpp" : "unknown",
    radioInterfaces: [operator ? radioOf[operator.technology] : "none"],
  } as const;
  const [cell] = heardCells(state);
  if (operator === undefined || cell === undefined) return { servingSystem: system };
  return {
    servingSystem: system,
    roaming: operator.standing === "home" ? "off" : "on",
    dataCapabilities: packet.is === "attached" ? [capabilityOf[operator.technology]] : [],
    plmn: { ...plmnNumbers(operator), name: operator.name },
    plmnDigits: digitsOf(operator),
    cellId: cell.id,
    ...(operator.technology === "lte" ? { tac: cell.area } : { lac: cell.area }),
  };
}

export const homeNetwork = (operator: OperatorProfile): ResponseOf<typeof nas.getHomeNetwork> => ({
  home: { ...plmnNumbers(operator), name: operator.name },
  digits: { is3gpp: true, mncHasThreeDigits: operator.mnc.length === 3 },
});

function networkStatus(operator: OperatorProfile, { registration }: ModemState) {
  const serves = registration.is === "registered" && registration.operator === operator;
  return [
    serves ? "current" : "available",
    operator.standing === "home" ? "home" : "roaming",
    operator.standing === "forbidden" ? "forbidden" : "notForbidden",
    operator.standing === "home" ? "preferred" : "notPreferred",
  ] as const;
}

export const scanned = (
  operators: readonly OperatorProfile[],
  state: ModemState,
): ResponseOf<typeof nas.networkScan> => ({
  networks: operators.map((operator) => ({
    ...plmnNumbers(operator),
    status: networkStatus(operator, state),
    name: operator.name,
  })),
  radios: operators.map((operator) => ({ ...plmnNumbers(operator), radioInterface: radioOf[operator.technology] })),
  digits: operators.map(digitsOf),
});

/** What a receiver that hears `rssiDbm` over a 10 MHz carrier also measures: RSRP is one subcarrier's share. */
export const lteSignal = (rssiDbm: number) => ({
  rssiDbm,
  rsrqDb: -10,
  rsrpDbm: rssiDbm - 28,
  snrTenthDb: 128,
});

export function signalInfo(state: ModemState): ResponseOf<typeof signal.getSignalInfo> {
  const rssiDbm = signalOf(state);
  if (rssiDbm === undefined || state.registration.is !== "registered") return {};
  switch (radioOf[state.registration.operator.technology]) {
    case "lte":
      return { lte: lteSignal(rssiDbm) };
    case "umts":
      return { wcdma: { rssiDbm, ecIoMinusHalfDb: 12 } };
    case "gsm":
      return { gsmRssiDbm: rssiDbm };
  }
}

export function signalStrength(state: ModemState): ResponseOf<typeof signal.getSignalStrength> {
  const { registration } = state;
  const radioInterface = registration.is === "registered" ? radioOf[registration.operator.technology] : "none";
  // -125 is what firmware says where it hears nothing.
  const strength = { dbm: signalOf(state) ?? -125, radioInterface } as const;
  return { strength, strengths: [strength] };
}

type ActiveSession = Session & { readonly is: "active" };

export function currentSettings(
  { pool }: VirtualProfile,
  { pdn, apn, lease }: ActiveSession,
): ResponseOf<typeof wds.getCurrentSettings> {
  const common = { apn, mtu: pool.mtu, pdpType: pdn, ipFamily: hasIpv4(pdn) ? "ipv4" : "ipv6" } as const;
  const v4 = {
    address4: lease.ipv4,
    netmask4: "255.255.255.0",
    gateway4: pool.ipv4Router,
    primaryDns4: pool.ipv4Router,
  };
  const v6 = {
    address6: { address: lease.ipv6, prefixLength: 64 },
    gateway6: { address: routerLinkLocal, prefixLength: 64 },
    primaryDns6: pool.ipv6Router,
  };
  return { ...common, ...(hasIpv4(pdn) ? v4 : {}), ...(hasIpv6(pdn) ? v6 : {}) };
}
