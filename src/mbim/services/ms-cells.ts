/**
 * The cells of MS_BASE_STATIONS_INFO. Numbers that are not known have all bits set.
 * @see learn.microsoft.com, "MB base stations information query"
 */
import { bytes, maybe, packedList, text } from "../../codec/reference.js";
import { i32, u32 } from "../../codec/scalar.js";
import { structure } from "../../codec/struct.js";
import { dataClass } from "./basic-connect-types.js";

const gsmPlace = { providerId: text, locationAreaCode: u32, cellId: u32 } as const;
const gsmRadio = {
  arfcn: u32,
  /** BSIC. */
  baseStationId: u32,
  /** 0 is -110 dBm, in steps of 1 dB. */
  rxLevel: u32,
} as const;
const servingGsm = { ...gsmPlace, timingAdvance: u32, ...gsmRadio } as const;
const neighbouringGsm = { ...gsmPlace, ...gsmRadio } as const;

const umtsRadio = {
  uarfcn: u32,
  primaryScramblingCode: u32,
  /** dBm; 0 unknown. */
  rscp: i32,
  /** dB; 1 unknown. */
  ecno: i32,
  pathLoss: u32,
} as const;
const servingUmts = {
  ...gsmPlace,
  frequencyUplink: u32,
  frequencyDownlink: u32,
  frequencyTdd: u32,
  ...umtsRadio,
} as const;
const neighbouringUmts = { ...gsmPlace, ...umtsRadio } as const;

const neighbouringLte = {
  providerId: text,
  cellId: u32,
  earfcn: u32,
  physicalCellId: u32,
  trackingAreaCode: u32,
  /** dBm, dB; -1 unknown. */
  rsrp: i32,
  rsrq: i32,
} as const;
const servingLte = { ...neighbouringLte, timingAdvance: u32 } as const;

/** TD-SCDMA and CDMA have no word in wwand's API; their bytes stay as they are. */
export const baseStations = {
  systemType: dataClass,
  gsmServing: maybe(structure(servingGsm)),
  umtsServing: maybe(structure(servingUmts)),
  tdscdmaServing: bytes,
  lteServing: maybe(structure(servingLte)),
  gsmNeighbours: packedList(structure(neighbouringGsm)),
  umtsNeighbours: packedList(structure(neighbouringUmts)),
  tdscdmaNeighbours: bytes,
  lteNeighbours: packedList(structure(neighbouringLte)),
  cdmaCells: bytes,
} as const;
