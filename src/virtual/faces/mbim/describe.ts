/** The model's values as MBIM's structures. Pure: state in, values of the message tables out. */
import type { ResponseOf } from "../../../mbim/command.js";
import type * as bc from "../../../mbim/services/basic-connect.js";
import { contextTypes, unknownU32 } from "../../../mbim/services/basic-connect-types.js";
import type * as v2 from "../../../mbim/services/basic-connect-v2.js";
import type * as ms from "../../../mbim/services/ms-basic-connect-extensions.js";
import { plmnOf, routerLinkLocal } from "../../model/carrier.js";
import type { OperatorProfile, VirtualProfile } from "../../model/profile.js";
import { hasIpv4, hasIpv6, type Session } from "../../model/session.js";
import type { ModemState } from "../../model/state.js";
import type { Pdn, Technology } from "../../model/words.js";

export const dataClassOf = {
  gsm: "gprs",
  edge: "edge",
  umts: "umts",
  hspa: "hsdpa",
  lte: "lte",
} as const satisfies Record<Technology, string>;

/** Bits per second of the bearer as the technology's category has it: up, down. */
const speeds = {
  gsm: [42_800n, 85_600n],
  edge: [118_400n, 236_800n],
  umts: [384_000n, 384_000n],
  hspa: [5_760_000n, 21_100_000n],
  lte: [50_000_000n, 150_000_000n],
} as const satisfies Record<Technology, readonly [bigint, bigint]>;

/** @see 3GPP TS 27.007 8.5: 0 is -113 dBm or less, 31 is -51 dBm or more, 99 unknown */
export const codedRssi = (rssiDbm: number | undefined): number =>
  rssiDbm === undefined ? 99 : Math.max(0, Math.min(31, Math.round((rssiDbm + 113) / 2)));

export const deviceCaps = ({ device }: VirtualProfile): ResponseOf<typeof bc.deviceCaps> => ({
  deviceType: "removable",
  cellularClass: ["gsm"],
  voiceClass: "none",
  simClass: ["removable"],
  dataClass: device.technologies.map((technology) => dataClassOf[technology]),
  smsCaps: ["pduReceive", "pduSend"],
  controlCaps: ["manualRegistration", "hardwareRadioSwitch"],
  maxSessions: device.maxSessions,
  customDataClass: "",
  deviceId: device.imei,
  firmwareInfo: device.firmware,
  hardwareInfo: `${device.model} ${device.hardware}`,
});

const readyStateOf = {
  empty: "simNotInserted",
  pinLocked: "deviceLocked",
  pukLocked: "deviceLocked",
  blocked: "badSim",
  ready: "initialized",
} as const satisfies Record<ModemState["sim"]["slot"], string>;

export function subscriberReady(state: ModemState): ResponseOf<typeof bc.subscriberReadyStatus> {
  const { slot, subscriber } = state.sim;
  return {
    readyState: readyStateOf[slot],
    // The ICCID can be read without a PIN, the IMSI cannot.
    subscriberId: slot === "ready" ? subscriber.imsi : "",
    simIccId: slot === "empty" ? "" : subscriber.iccid,
    readyInfo: [],
    telephoneNumbers: slot === "ready" ? subscriber.msisdns : [],
  };
}

export const radioState = (state: ModemState): ResponseOf<typeof bc.radioState> => ({
  hardware: state.hardwareOn ? "on" : "off",
  software: state.softwareOn ? "on" : "off",
});

/** What the card wants; while it wants nothing, PIN1 with the tries it has. */
export function pin({ sim }: ModemState): ResponseOf<typeof bc.pin> {
  const wantsPuk = sim.slot === "pukLocked" || sim.slot === "blocked";
  return {
    pinType: wantsPuk ? "puk1" : "pin1",
    pinState: sim.slot === "ready" ? "unlocked" : "locked",
    remainingAttempts: wantsPuk ? sim.pukTriesLeft : sim.pinTriesLeft,
  };
}

export function pinList({ sim }: ModemState): ResponseOf<typeof bc.pinList> {
  const none = { mode: "notSupported", format: "unknown", lengthMin: unknownU32, lengthMax: unknownU32 } as const;
  return {
    pin1: { mode: sim.pinEnabled ? "enabled" : "disabled", format: "numeric", lengthMin: 4, lengthMax: 8 },
    pin2: none,
    deviceSimPin: none,
    deviceFirstSimPin: none,
    networkPin: none,
    networkSubsetPin: none,
    serviceProviderPin: none,
    corporatePin: none,
    subsidyLock: none,
    custom: none,
  };
}

type Provider = ResponseOf<typeof bc.homeProvider>;

export function provider(operator: OperatorProfile, state: ModemState, visible: boolean): Provider {
  const { registration, carrier } = state;
  const registered = registration.is === "registered" && registration.operator === operator;
  return {
    providerId: plmnOf(operator),
    providerState: [
      ...(operator.standing === "home" ? (["home"] as const) : []),
      ...(operator.standing === "forbidden" ? (["forbidden"] as const) : []),
      ...(visible ? (["visible"] as const) : []),
      ...(registered ? (["registered"] as const) : []),
    ],
    providerName: operator.name,
    cellularClass: ["gsm"],
    rssi: visible ? codedRssi(registered ? (carrier.rssiDbm ?? operator.rssiDbm) : operator.rssiDbm) : 99,
    errorRate: 99,
  };
}

const registerStateOf = {
  off: "deregistered",
  deregistered: "deregistered",
  searching: "searching",
  denied: "denied",
} as const;

export function registration(
  profile: VirtualProfile,
  state: ModemState,
  nwError = 0,
): ResponseOf<typeof v2.registerStateV2> {
  const { registration: now, selection } = state;
  const operator = now.is === "registered" ? now.operator : undefined;
  const roaming = operator !== undefined && operator.standing !== "home";
  return {
    nwError: now.is === "denied" ? now.cause : nwError,
    registerState: now.is === "registered" ? (roaming ? "roaming" : "home") : registerStateOf[now.is],
    registerMode: selection.mode === "auto" ? "automatic" : "manual",
    availableDataClasses: operator ? [dataClassOf[operator.technology]] : [],
    currentCellularClass: ["gsm"],
    providerId: operator ? plmnOf(operator) : "",
    providerName: operator?.name ?? "",
    roamingText: roaming ? "roaming" : "",
    registrationFlags: profile.attachesByItself ? ["packetServiceAutoAttach"] : [],
    preferredDataClasses: profile.device.technologies.map((one) => dataClassOf[one]),
  };
}

export function packetService(state: ModemState, nwError = 0): ResponseOf<typeof v2.packetServiceV2> {
  const { packet, registration: now } = state;
  const technology = now.is === "registered" && packet.is === "attached" ? now.operator.technology : undefined;
  const [uplinkSpeed, downlinkSpeed] = technology ? speeds[technology] : ([0n, 0n] as const);
  return {
    nwError: packet.is === "detached" && nwError === 0 ? (packet.cause ?? 0) : nwError,
    packetServiceState: packet.is,
    highestAvailableDataClass: technology ? [dataClassOf[technology]] : [],
    uplinkSpeed,
    downlinkSpeed,
    frequencyRange: [],
  };
}

export interface SignalReporting {
  readonly signalStrengthInterval: number;
  readonly rssiThreshold: number;
  readonly errorRateThreshold: number;
}

type Connection = ResponseOf<typeof bc.connect>;

export const sessionOf = (state: ModemState, id: number): Session | undefined =>
  state.sessions.find((session) => session.id === id);

/** A session's state; `nwError` says why it is down, or why it got less than was asked for. */
export function connection(state: ModemState, sessionId: number, nwError = 0): Connection {
  const session = sessionOf(state, sessionId);
  const active = session?.is === "active" ? session : undefined;
  return {
    sessionId,
    activationState: session === undefined ? "deactivated" : active ? "activated" : "activating",
    voiceCallState: "none",
    ipType: active?.pdn ?? "default",
    contextType: session === undefined ? contextTypes.none : contextTypes.internet,
    nwError: active?.cause ?? nwError,
  };
}

type IpConfiguration = ResponseOf<typeof bc.ipConfiguration>;

const given = ["address", "gateway", "dns", "mtu"] as const;

function ipv4Part({ pool }: VirtualProfile, pdn: Pdn, address: string) {
  if (!hasIpv4(pdn)) return { ipv4Available: [], ipv4Addresses: [], ipv4Gateway: undefined, ipv4Dns: [], ipv4Mtu: 0 };
  return {
    ipv4Available: given,
    ipv4Addresses: [{ prefixLength: 24, address }],
    ipv4Gateway: pool.ipv4Router,
    ipv4Dns: [pool.ipv4Router],
    ipv4Mtu: pool.mtu,
  };
}

function ipv6Part({ pool }: VirtualProfile, pdn: Pdn, address: string) {
  if (!hasIpv6(pdn)) return { ipv6Available: [], ipv6Addresses: [], ipv6Gateway: undefined, ipv6Dns: [], ipv6Mtu: 0 };
  return {
    ipv6Available: given,
    ipv6Addresses: [{ prefixLength: 64, address }],
    ipv6Gateway: routerLinkLocal,
    ipv6Dns: [pool.ipv6Router],
    ipv6Mtu: pool.mtu,
  };
}

export function ipConfiguration(
  profile: VirtualProfile,
  { id, pdn, lease }: Session & { readonly is: "active" },
): IpConfiguration {
  return { sessionId: id, ...ipv4Part(profile, pdn, lease.ipv4), ...ipv6Part(profile, pdn, lease.ipv6) };
}

export const noCredentials = { userName: "", password: "", compression: "none", authProtocol: "none" } as const;

export const storedContexts = ({
  storedApn,
}: VirtualProfile): ResponseOf<typeof bc.provisionedContextList>["contexts"] =>
  storedApn === ""
    ? []
    : [{ contextId: 0, contextType: contextTypes.internet, accessString: storedApn, ...noCredentials }];

/** The default bearer: on LTE there is one from the attach on. */
export function lteAttach(
  { defaultApn }: VirtualProfile,
  { packet, registration }: ModemState,
): ResponseOf<typeof ms.lteAttachStatus> {
  const isLte = registration.is === "registered" && registration.operator.technology === "lte";
  const isAttached = isLte && packet.is === "attached";
  return {
    state: isAttached ? "attached" : "detached",
    ipType: isAttached ? "ipv4v6" : "default",
    accessString: isAttached ? defaultApn : "",
    ...noCredentials,
  };
}
