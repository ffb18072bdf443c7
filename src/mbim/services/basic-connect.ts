/** Basic Connect: one entry per CID. @see MBIM 1.0 10.5 */
import { ipv4, ipv6 } from "../../codec/address.js";
import { countOf, elementsAt, identity, identityText, maybeAt, pairsTo, secret, text } from "../../codec/reference.js";
import { guid, u32, u64 } from "../../codec/scalar.js";
import { nested, structure } from "../../codec/struct.js";
import { type Command, empty } from "../command.js";
import * as is from "./basic-connect-types.js";

export const basicConnectService = "a289cc33-bcbb-8b4f-b6b0-133ec2aae6df";

const service = basicConnectService;

export const deviceCaps = {
  service,
  cid: 1,
  name: "DEVICE_CAPS",
  query: empty,
  response: {
    deviceType: is.deviceType,
    cellularClass: is.cellularClass,
    voiceClass: is.voiceClass,
    simClass: is.simClass,
    dataClass: is.dataClass,
    smsCaps: is.smsCaps,
    controlCaps: is.controlCaps,
    maxSessions: u32,
    customDataClass: text,
    /** IMEI, or ESN/MEID. */
    deviceId: identity,
    firmwareInfo: text,
    hardwareInfo: text,
  },
} as const satisfies Command;

const subscriberReadyInfo = {
  readyState: is.readyState,
  /** IMSI. */
  subscriberId: identity,
  simIccId: identity,
  readyInfo: is.readyInfo,
  telephoneNumberCount: countOf("telephoneNumbers"),
  telephoneNumbers: pairsTo(identityText),
} as const;

export const subscriberReadyStatus = {
  service,
  cid: 2,
  name: "SUBSCRIBER_READY_STATUS",
  query: empty,
  response: subscriberReadyInfo,
  notify: subscriberReadyInfo,
} as const satisfies Command;

const radioStateInfo = { hardware: is.switchState, software: is.switchState } as const;

export const radioState = {
  service,
  cid: 3,
  name: "RADIO_STATE",
  query: empty,
  set: { software: is.switchState },
  response: radioStateInfo,
  notify: radioStateInfo,
  timeoutMs: { set: 30_000 },
} as const satisfies Command;

export const pin = {
  service,
  cid: 4,
  name: "PIN",
  query: empty,
  set: { pinType: is.pinType, pinOperation: is.pinOperation, pin: secret, newPin: secret },
  response: {
    pinType: is.pinType,
    pinState: is.pinState,
    /** `unknownU32` when the function does not tell. */
    remainingAttempts: u32,
  },
  timeoutMs: { set: 30_000 },
} as const satisfies Command;

const pinDescription = nested({
  mode: is.pinMode,
  format: is.pinFormat,
  /** `unknownU32` when not known. */
  lengthMin: u32,
  lengthMax: u32,
});

export const pinList = {
  service,
  cid: 5,
  name: "PIN_LIST",
  query: empty,
  response: {
    pin1: pinDescription,
    pin2: pinDescription,
    deviceSimPin: pinDescription,
    deviceFirstSimPin: pinDescription,
    networkPin: pinDescription,
    networkSubsetPin: pinDescription,
    serviceProviderPin: pinDescription,
    corporatePin: pinDescription,
    subsidyLock: pinDescription,
    custom: pinDescription,
  },
} as const satisfies Command;

export const homeProvider = {
  service,
  cid: 6,
  name: "HOME_PROVIDER",
  query: empty,
  set: is.provider,
  response: is.provider,
} as const satisfies Command;

export const preferredProviders = {
  service,
  cid: 7,
  name: "PREFERRED_PROVIDERS",
  query: empty,
  set: is.providers,
  response: is.providers,
  notify: is.providers,
} as const satisfies Command;

export const visibleProviders = {
  service,
  cid: 8,
  name: "VISIBLE_PROVIDERS",
  query: { action: is.scanAction },
  response: is.providers,
  timeoutMs: { query: 180_000 },
} as const satisfies Command;

const registrationInfo = {
  /** 3GPP cause of a refusal, 0 for none. */
  nwError: u32,
  registerState: is.registerState,
  registerMode: is.registerMode,
  availableDataClasses: is.dataClass,
  currentCellularClass: is.cellularClass,
  providerId: text,
  providerName: text,
  roamingText: text,
  registrationFlags: is.registrationFlags,
} as const;

export const registerState = {
  service,
  cid: 9,
  name: "REGISTER_STATE",
  query: empty,
  set: { providerId: text, action: is.registerAction, dataClass: is.dataClass },
  response: registrationInfo,
  notify: registrationInfo,
  timeoutMs: { set: 120_000 },
} as const satisfies Command;

const packetServiceInfo = {
  nwError: u32,
  packetServiceState: is.packetServiceState,
  highestAvailableDataClass: is.dataClass,
  /** Bits per second. */
  uplinkSpeed: u64,
  downlinkSpeed: u64,
} as const;

export const packetService = {
  service,
  cid: 10,
  name: "PACKET_SERVICE",
  query: empty,
  set: { action: is.packetServiceAction },
  response: packetServiceInfo,
  notify: packetServiceInfo,
  timeoutMs: { set: 120_000 },
} as const satisfies Command;

const signalStateInfo = {
  /** 0-31: -113 dBm and up in steps of 2 dB; 99 unknown. */
  rssi: u32,
  /** 0-7 as in 3GPP TS 45.008 8.2.4; 99 unknown. */
  errorRate: u32,
  /** Seconds between two reports. */
  signalStrengthInterval: u32,
  rssiThreshold: u32,
  errorRateThreshold: u32,
} as const;

export const signalState = {
  service,
  cid: 11,
  name: "SIGNAL_STATE",
  query: empty,
  set: { signalStrengthInterval: u32, rssiThreshold: u32, errorRateThreshold: u32 },
  response: signalStateInfo,
  notify: signalStateInfo,
} as const satisfies Command;

const connectInfo = {
  sessionId: u32,
  activationState: is.activationState,
  voiceCallState: is.voiceCallState,
  ipType: is.ipType,
  /** One of `contextTypes`. */
  contextType: guid,
  /** 3GPP cause of a refusal or of the end, 0 for none. */
  nwError: u32,
} as const;

export const connect = {
  service,
  cid: 12,
  name: "CONNECT",
  query: connectInfo,
  set: {
    sessionId: u32,
    command: is.activationCommand,
    /** At most 100 characters. */
    accessString: text,
    /** At most 255 characters, the password too. */
    userName: text,
    password: secret,
    compression: is.compression,
    authProtocol: is.authProtocol,
    ipType: is.ipType,
    contextType: guid,
  },
  response: connectInfo,
  notify: connectInfo,
  timeoutMs: { set: 180_000 },
} as const satisfies Command;

const provisionedContexts = {
  contextCount: countOf("contexts"),
  contexts: pairsTo(
    structure({
      contextId: u32,
      contextType: guid,
      accessString: text,
      userName: text,
      password: secret,
      compression: is.compression,
      authProtocol: is.authProtocol,
    }),
  ),
} as const;

export const provisionedContextList = {
  service,
  cid: 13,
  name: "PROVISIONED_CONTEXTS",
  query: empty,
  response: provisionedContexts,
  notify: provisionedContexts,
} as const satisfies Command;

const ipConfigurationInfo = {
  sessionId: u32,
  ipv4Available: is.ipAvailable,
  ipv6Available: is.ipAvailable,
  ipv4AddressCount: countOf("ipv4Addresses"),
  ipv4Addresses: elementsAt(nested(is.ipv4Element)),
  ipv6AddressCount: countOf("ipv6Addresses"),
  ipv6Addresses: elementsAt(nested(is.ipv6Element)),
  ipv4Gateway: maybeAt(ipv4),
  ipv6Gateway: maybeAt(ipv6),
  ipv4DnsCount: countOf("ipv4Dns"),
  ipv4Dns: elementsAt(ipv4),
  ipv6DnsCount: countOf("ipv6Dns"),
  ipv6Dns: elementsAt(ipv6),
  ipv4Mtu: u32,
  ipv6Mtu: u32,
} as const;

export const ipConfiguration = {
  service,
  cid: 15,
  name: "IP_CONFIGURATION",
  query: ipConfigurationInfo,
  response: ipConfigurationInfo,
  notify: ipConfigurationInfo,
} as const satisfies Command;

export const deviceServices = {
  service,
  cid: 16,
  name: "DEVICE_SERVICES",
  query: empty,
  response: {
    serviceCount: countOf("services"),
    maxDssSessions: u32,
    services: pairsTo(structure(is.deviceService)),
  },
} as const satisfies Command;

const subscriptions = { entryCount: countOf("entries"), entries: pairsTo(structure(is.eventEntry)) } as const;

export const deviceServiceSubscribeList = {
  service,
  cid: 19,
  name: "DEVICE_SERVICE_SUBSCRIBE_LIST",
  set: subscriptions,
  response: subscriptions,
} as const satisfies Command;

export const packetStatistics = {
  service,
  cid: 20,
  name: "PACKET_STATISTICS",
  query: empty,
  response: {
    inDiscards: u32,
    inErrors: u32,
    inOctets: u64,
    inPackets: u64,
    outOctets: u64,
    outPackets: u64,
    outErrors: u32,
    outDiscards: u32,
  },
} as const satisfies Command;

const idleHint = { state: is.switchState } as const;

export const networkIdleHint = {
  service,
  cid: 21,
  name: "NETWORK_IDLE_HINT",
  query: empty,
  set: idleHint,
  response: idleHint,
} as const satisfies Command;

const emergencyInfo = { state: is.switchState } as const;

export const emergencyMode = {
  service,
  cid: 22,
  name: "EMERGENCY_MODE",
  query: empty,
  response: emergencyInfo,
  notify: emergencyInfo,
} as const satisfies Command;
