/** WDS: data calls. */
import { ipv6 } from "../../codec/address.js";
import { enumOf, flag8, flagsOf, i16, u8, u16, u32, u64 } from "../../codec/scalar.js";
import { listWith, restText, secretly, textWith } from "../../codec/sized.js";
import { type Field, nested } from "../../codec/struct.js";
import { may, must } from "../../codec/tlv.js";
import { empty, type Indication, type Message } from "../message.js";
import { endpoint } from "./wda.js";

const service = "wds";

/** Four bytes, the last octet of the address first, as `192.0.2.7`. */
const ipv4: Field<string> = {
  read: (from) => {
    const number = from.u32();
    return `${number >>> 24}.${(number >>> 16) & 0xff}.${(number >>> 8) & 0xff}.${number & 0xff}`;
  },
  write: (to, value) => to.put(Buffer.from(value.split(".").map(Number).reverse())),
  show: String,
};

export const ipFamily = enumOf({ unknown: 0, ipv4: 4, ipv6: 6, unspecified: 8, ethernet: 12 }, u8);
export const authentication = flagsOf({ pap: 1, chap: 2 }, u8);

/** Why a call ended or did not begin; `code` means something within its `type` only. */
const callEnd = {
  callEndReason: may(0x10, u16),
  verboseReason: may(
    0x11,
    nested({ type: enumOf({ mip: 1, internal: 2, cm: 3, "3gpp": 6, ppp: 7, ehrpd: 8, ipv6: 9 }, u16), code: i16 }),
  ),
} as const;

/** Takes back a START_NETWORK that is under way, by its transaction. */
export const abort = {
  service,
  id: 0x0002,
  name: "ABORT",
  lane: "urgent",
  request: { transaction: must(0x01, u16) },
  response: empty,
} as const satisfies Message;

export const startNetwork = {
  service,
  id: 0x0020,
  name: "START_NETWORK",
  request: {
    apn: may(0x14, restText),
    authentication: may(0x16, authentication),
    username: may(0x17, restText),
    password: may(0x18, secretly(restText)),
    ipFamily: may(0x19, ipFamily),
    /** The profile to start from; what is given beside it wins. */
    profile3gpp: may(0x31, u8),
    autoconnect: may(0x33, flag8),
  },
  response: { packetDataHandle: must(0x01, u32) },
  failure: callEnd,
  abort,
  timeoutMs: 120_000,
} as const satisfies Message;

export const stopNetwork = {
  service,
  id: 0x0021,
  name: "STOP_NETWORK",
  lane: "urgent",
  request: { packetDataHandle: must(0x01, u32), disableAutoconnect: may(0x10, flag8) },
  response: empty,
  timeoutMs: 30_000,
} as const satisfies Message;

const connectionStatus = enumOf({ unknown: 0, disconnected: 1, connected: 2, suspended: 3, authenticating: 4 }, u8);

export const getPacketServiceStatus = {
  service,
  id: 0x0022,
  name: "GET_PACKET_SERVICE_STATUS",
  request: empty,
  response: { status: must(0x01, connectionStatus) },
} as const satisfies Message;

export const packetServiceStatus = {
  service,
  id: 0x0022,
  name: "PACKET_SERVICE_STATUS",
  indication: {
    connection: must(0x01, nested({ status: connectionStatus, reconfigurationRequired: flag8 })),
    ...callEnd,
    ipFamily: may(0x12, ipFamily),
  },
} as const satisfies Indication;

/** Which settings are asked for, or have changed. */
export const settingsMask = flagsOf({
  profileId: 1,
  profileName: 2,
  pdpType: 4,
  apnName: 8,
  dnsAddress: 0x10,
  grantedQos: 0x20,
  username: 0x40,
  authProtocol: 0x80,
  ipAddress: 0x100,
  gatewayInfo: 0x200,
  pcscfAddress: 0x400,
  pcscfServers: 0x800,
  pcscfNames: 0x1000,
  mtu: 0x2000,
  domainNames: 0x4000,
  ipFamily: 0x8000,
  imcnFlag: 0x10000,
  extendedTechnology: 0x20000,
  operatorPco: 0x40000,
});

const ipv6WithPrefix = nested({ address: ipv6, prefixLength: u8 });

export const getCurrentSettings = {
  service,
  id: 0x002d,
  name: "GET_CURRENT_SETTINGS",
  request: { wanted: may(0x10, settingsMask) },
  response: {
    profileName: may(0x10, restText),
    pdpType: may(0x11, enumOf({ ipv4: 0, ppp: 1, ipv6: 2, ipv4v6: 3, nonIp: 4 }, u8)),
    apn: may(0x14, restText),
    primaryDns4: may(0x15, ipv4),
    secondaryDns4: may(0x16, ipv4),
    address4: may(0x1e, ipv4),
    gateway4: may(0x20, ipv4),
    netmask4: may(0x21, ipv4),
    address6: may(0x25, ipv6WithPrefix),
    gateway6: may(0x26, ipv6WithPrefix),
    primaryDns6: may(0x27, ipv6),
    secondaryDns6: may(0x28, ipv6),
    /** Bytes. */
    mtu: may(0x29, u32),
    domainNames: may(0x2a, listWith(textWith(u16))),
    ipFamily: may(0x2b, ipFamily),
  },
} as const satisfies Message;

export const setIpFamily = {
  service,
  id: 0x004d,
  name: "SET_IP_FAMILY",
  request: { preference: must(0x01, ipFamily) },
  response: empty,
} as const satisfies Message;

export const setEventReport = {
  service,
  id: 0x0001,
  name: "SET_EVENT_REPORT",
  request: { channelRate: may(0x10, flag8), dataBearerTechnology: may(0x12, flag8), dormancy: may(0x13, flag8) },
  response: empty,
} as const satisfies Message;

export const indicationRegister = {
  service,
  id: 0x0003,
  name: "INDICATION_REGISTER",
  request: { extendedIpConfig: may(0x12, flag8), profileChanges: may(0x19, flag8) },
  response: empty,
} as const satisfies Message;

/** The network gave a living call other settings. */
export const extendedIpConfig = {
  service,
  id: 0x008c,
  name: "EXTENDED_IP_CONFIG",
  indication: { changed: may(0x10, settingsMask) },
} as const satisfies Indication;

const statisticsMask = flagsOf({
  txPackets: 1,
  rxPackets: 2,
  txErrors: 4,
  rxErrors: 8,
  txOverflows: 0x10,
  rxOverflows: 0x20,
  txBytes: 0x40,
  rxBytes: 0x80,
  txDropped: 0x100,
  rxDropped: 0x200,
});

export const getPacketStatistics = {
  service,
  id: 0x0024,
  name: "GET_PACKET_STATISTICS",
  request: { wanted: must(0x01, statisticsMask) },
  response: {
    txPackets: may(0x10, u32),
    rxPackets: may(0x11, u32),
    txErrors: may(0x12, u32),
    rxErrors: may(0x13, u32),
    txOverflows: may(0x14, u32),
    rxOverflows: may(0x15, u32),
    txBytes: may(0x19, u64),
    rxBytes: may(0x1a, u64),
    txDropped: may(0x1d, u32),
    rxDropped: may(0x1e, u32),
  },
} as const satisfies Message;

/** The APN that the network gave at attach. */
export const getLteAttachParameters = {
  service,
  id: 0x0085,
  name: "GET_LTE_ATTACH_PARAMETERS",
  request: empty,
  response: {
    apn: may(0x10, restText),
    ipSupport: may(0x11, enumOf({ ipv4: 0, ipv6: 1, ipv4v6: 2 }, u8)),
    overTheAirAttach: may(0x12, flag8),
  },
} as const satisfies Message;

/** What the network, or the modem for it, holds back, and for how long yet. By APN. */
export const getPdnThrottleInfo = {
  service,
  id: 0x006c,
  name: "GET_PDN_THROTTLE_INFO",
  request: { network: must(0x01, enumOf({ "3gpp": 0, "3gpp2": 1 }, u8)) },
  response: {
    apns: may(
      0x10,
      listWith(
        nested({
          isIpv4Throttled: flag8,
          isIpv6Throttled: flag8,
          ipv4LeftMs: u32,
          ipv6LeftMs: u32,
          apn: textWith(u8),
        }),
      ),
    ),
  },
} as const satisfies Message;

/** Ties this client's calls to one multiplexed channel of the data endpoint. */
export const bindMuxDataPort = {
  service,
  id: 0x00a2,
  name: "BIND_MUX_DATA_PORT",
  request: {
    endpoint: may(0x10, endpoint),
    muxId: may(0x11, u8),
    clientType: may(0x13, enumOf({ undefined: 0, tethered: 1 })),
  },
  response: empty,
} as const satisfies Message;
