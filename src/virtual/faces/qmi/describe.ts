/** The model's values as QMI's structures. Pure: state in, values of the message tables out. */
import type { IndicationOf, ResponseOf } from "../../../qmi/message.js";
import type * as dms from "../../../qmi/services/dms.js";
import type * as nas from "../../../qmi/services/nas.js";
import type * as uim from "../../../qmi/services/uim.js";
import type * as wds from "../../../qmi/services/wds.js";
import { routerLinkLocal } from "../../model/carrier.js";
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
  if (operator === undefined) return { servingSystem: system };
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

/** There is one cell in this network. */
const cell = { id: 0x1a2b3c, area: 0x0102 } as const;

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

export function systemSelection(
  { device }: VirtualProfile,
  { selection }: ModemState,
): ResponseOf<typeof nas.getSystemSelection> {
  const modes = [...new Set(device.technologies.map((technology) => radioOf[technology]))];
  const common = { emergency: false, modes, roaming: "any" } as const;
  if (selection.mode === "auto") return { ...common, selection: "automatic" };
  const [mcc, mnc] = [selection.plmn.slice(0, 3), selection.plmn.slice(3)];
  return {
    ...common,
    selection: "manual",
    manual: { mcc: Number(mcc), mnc: Number(mnc), mncHasThreeDigits: mnc.length === 3 },
  };
}

/** What a receiver that hears `rssiDbm` over a 10 MHz carrier also measures: RSRP is one subcarrier's share. */
const lteSignal = (rssiDbm: number) => ({
  rssiDbm,
  rsrqDb: -10,
  rsrpDbm: rssiDbm - 28,
  snrTenthDb: 128,
});

export function signalInfo(state: ModemState): ResponseOf<typeof nas.getSignalInfo> {
  const rssiDbm = signalOf(state);
  if (rssiDbm === undefined || state.registration.is !== "registered") return {};
  switch (radioOf[state.registration.operator.technology]) {
    case "lte":
      return { lte: lteSignal(rssiDbm) };
    case "umts":
      return { wcdma: { rssiDbm, ecIoHalfDb: -12 } };
    case "gsm":
      return { gsmRssiDbm: rssiDbm };
  }
}

export function signalStrength(state: ModemState): ResponseOf<typeof nas.getSignalStrength> {
  const { registration } = state;
  const radioInterface = registration.is === "registered" ? radioOf[registration.operator.technology] : "none";
  // -125 is what firmware says where it hears nothing.
  const strength = { dbm: signalOf(state) ?? -125, radioInterface } as const;
  return { strength, strengths: [strength] };
}

const applicationState = {
  pinLocked: "pinRequired",
  pukLocked: "pukRequired",
  blocked: "pinBlocked",
  ready: "ready",
} as const;

const pin1State = (sim: ModemState["sim"]) => {
  if (sim.pukTriesLeft === 0) return "permanentlyBlocked";
  if (sim.pinTriesLeft === 0) return "blocked";
  if (!sim.pinEnabled) return "disabled";
  return sim.slot === "ready" ? "enabledVerified" : "enabledNotVerified";
};

/** A USIM of a test card. @see ETSI TS 101 220 (application providers) */
export const usimAid = Buffer.from("a0000000871002ff49ff0589", "hex");

const none = 0xffff;

export function cardStatus({ sim }: ModemState): ResponseOf<typeof uim.getCardStatus> {
  const indexes = { primary1x: none, secondaryGw: none, secondary1x: none } as const;
  const noUpin = { upinState: "notInitialized", upinRetries: 0, upukRetries: 0 } as const;
  if (sim.slot === "empty")
    return {
      cardStatus: {
        primaryGw: none,
        ...indexes,
        cards: [{ state: "absent", ...noUpin, error: "noAtrReceived", applications: [] }],
      },
    };
  const application = {
    type: "usim",
    state: applicationState[sim.slot],
    personalizationState: sim.slot === "ready" ? "ready" : "unknown",
    personalizationFeature: 0,
    personalizationRetries: 0,
    personalizationUnblockRetries: 0,
    aid: usimAid,
    upinReplacesPin1: false,
    pin1State: pin1State(sim),
    pin1Retries: sim.pinTriesLeft,
    puk1Retries: sim.pukTriesLeft,
    pin2State: "notInitialized",
    pin2Retries: 0,
    puk2Retries: 0,
  } as const;
  return {
    cardStatus: {
      primaryGw: 0,
      ...indexes,
      cards: [{ state: "present", ...noUpin, error: "unknown", applications: [application] }],
    },
  };
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
