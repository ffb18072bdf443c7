/**
 * Microsoft's extensions of Basic Connect: the parts that are used.
 * @see learn.microsoft.com, "MB LTE Attach Operations", "MB multi-SIM operations", "MB base stations information query",
 * "MB Network Blacklist Operations", "MB Protocol Configuration Options (PCO) operations"
 */
import { countOf, elements, pairsTo, secret, text } from "../../codec/reference.js";
import { enumOf, flagsOf, u8, u16, u32, u64 } from "../../codec/scalar.js";
import { structure } from "../../codec/struct.js";
import { type Command, empty } from "../command.js";
import { deviceCaps as basicConnectCaps } from "./basic-connect.js";
import * as is from "./basic-connect-types.js";
import * as cells from "./ms-cells.js";

export const msBasicConnectExtensionsService = "3d01dcc5-fef5-4d05-0d3a-bef7058e9aaf";

const service = msBasicConnectExtensionsService;

/** What a host has forbidden the modem: cards of an operator anywhere, or an operator's network to any card. */
const networkBlacklistInfo = {
  /** Why the modem does not register now. */
  state: flagsOf({ simProvider: 1, networkProvider: 2 }),
  entryCount: countOf("entries"),
  entries: pairsTo(structure({ mcc: u32, mnc: u32, list: enumOf({ sim: 0, network: 1 }) })),
} as const;

export const networkBlacklist = {
  service,
  cid: 2,
  name: "MS_NETWORK_BLACKLIST",
  query: empty,
  /** The whole list; its `state` says nothing. */
  set: networkBlacklistInfo,
  response: networkBlacklistInfo,
  notify: networkBlacklistInfo,
} as const satisfies Command;

/** MBIM_MS_LTE_ATTACH_STATUS: the default bearer, as the network gave it. */
const lteAttachInfo = {
  state: enumOf({ detached: 0, attached: 1 }),
  ipType: is.ipType,
  accessString: text,
  userName: text,
  password: secret,
  compression: is.compression,
  authProtocol: is.authProtocol,
} as const;

/** LTE_ATTACH_STATUS in the first edition. */
export const lteAttachStatus = {
  service,
  cid: 4,
  name: "MS_LTE_ATTACH_INFO",
  query: empty,
  response: lteAttachInfo,
  notify: lteAttachInfo,
} as const satisfies Command;

/** MBIM_LTE_ATTACH_CONTEXT: what is asked for at the attach, for one kind of network. */
const lteAttachContext = {
  ipType: is.ipType,
  roaming: enumOf({ home: 0, partner: 1, nonPartner: 2 }),
  source: enumOf({ admin: 0, user: 1, operator: 2, modem: 3, device: 4 }),
  accessString: text,
  userName: text,
  password: secret,
  compression: is.compression,
  authProtocol: is.authProtocol,
} as const;

const lteAttachContexts = {
  contextCount: countOf("contexts"),
  contexts: pairsTo(structure(lteAttachContext)),
} as const;

export const lteAttachConfiguration = {
  service,
  cid: 3,
  name: "MS_LTE_ATTACH_CONFIG",
  query: empty,
  /** `overwrite` takes three contexts, one for each kind of network; `restoreFactory` none. */
  set: { operation: enumOf({ overwrite: 0, restoreFactory: 1 }), ...lteAttachContexts },
  response: lteAttachContexts,
  notify: lteAttachContexts,
  timeoutMs: { set: 30_000 },
} as const satisfies Command;

export const sysCaps = {
  service,
  cid: 5,
  name: "MS_SYS_CAPS",
  query: empty,
  response: {
    /** Modems in the device, and slots that they share. */
    executors: u32,
    slots: u32,
    /** Executors that can be up at once. */
    concurrency: u32,
    modemId: u64,
  },
} as const satisfies Command;

/** DEVICE_CAPS, with the executor that answers. ModemManager asks it instead wherever MS_VERSION is known. */
export const deviceCaps = {
  service,
  cid: 6,
  name: "MS_DEVICE_CAPS",
  query: empty,
  response: { ...basicConnectCaps.response, executor: u32 },
} as const satisfies Command;

/** Which slot each executor has, from 0. */
const slotMappings = { mapCount: countOf("maps"), maps: pairsTo(structure({ slot: u32 })) } as const;

export const deviceSlotMappings = {
  service,
  cid: 7,
  name: "MS_DEVICE_SLOT_MAPPINGS",
  query: empty,
  set: slotMappings,
  response: slotMappings,
  timeoutMs: { set: 60_000 },
} as const satisfies Command;

const slotInfo = {
  slotIndex: u32,
  state: enumOf({
    unknown: 0,
    offEmpty: 1,
    off: 2,
    empty: 3,
    notReady: 4,
    active: 5,
    error: 6,
    activeEsim: 7,
    activeEsimNoProfiles: 8,
  }),
} as const;

export const slotInfoStatus = {
  service,
  cid: 8,
  name: "MS_SLOT_INFO_STATUS",
  query: { slotIndex: u32 },
  response: slotInfo,
  notify: slotInfo,
} as const satisfies Command;

const pcoValue = {
  sessionId: u32,
  octetCount: countOf("octets"),
  /** `partial`: the modem keeps some of it to itself. */
  type: enumOf({ complete: 0, partial: 1 }),
  /** As the network sent it, see codec/protocol-options.ts. */
  octets: elements(u8),
} as const;

export const pco = {
  service,
  cid: 9,
  name: "MS_PCO",
  query: pcoValue,
  response: pcoValue,
  notify: pcoValue,
} as const satisfies Command;

export const deviceReset = {
  service,
  cid: 10,
  name: "MS_DEVICE_RESET",
  set: empty,
  response: empty,
} as const satisfies Command;

export const baseStationsInfo = {
  service,
  cid: 11,
  name: "MS_BASE_STATIONS_INFO",
  /** At most so many neighbours of each kind. */
  query: { maxGsm: u32, maxUmts: u32, maxTdscdma: u32, maxLte: u32, maxCdma: u32 },
  response: cells.baseStations,
  timeoutMs: { query: 30_000 },
} as const satisfies Command;

/** `unknownU32` where there is none: the location area code on LTE. */
const locationInfo = { locationAreaCode: u32, trackingAreaCode: u32, cellId: u32 } as const;

export const locationInfoStatus = {
  service,
  cid: 12,
  name: "MS_LOCATION_INFO_STATUS",
  query: empty,
  response: locationInfo,
  notify: locationInfo,
} as const satisfies Command;

/** BCD: 0x0100 is 1.0. */
const versions = { mbim: u16, extensions: u16 } as const;

/** Each side says what it has; the lower one holds for the rest of the conversation. @see MBIM extensions 2.0 */
export const version = {
  service,
  cid: 15,
  name: "MS_VERSION",
  query: versions,
  response: versions,
} as const satisfies Command;
