/** NAS: the serving cell and those around it. Levels in tenths of dB or dBm unless a name says otherwise. */
import { flag8, i16, u8, u16, u32, u64 } from "../../codec/scalar.js";
import { listWith } from "../../codec/sized.js";
import { nested } from "../../codec/struct.js";
import { may } from "../../codec/tlv.js";
import { empty, type Message } from "../message.js";

const service = "nas";

/** MCC and MNC digit by digit, low half first; ffffff is none. @see 3GPP TS 24.008 10.5.1.13 */
const plmn = nested({ a: u8, b: u8, c: u8 });

const gsmCell = {
  /** 0xffffffff: not decoded. */
  cellId: u32,
  plmn,
  lac: u16,
  arfcn: u16,
  baseStationIdentityCode: u8,
};

/** 0 is -110 dBm or less, 63 is -48 dBm or more. @see 3GPP TS 45.008 8.1.4 */
const rxLevel = u16;

const lteCell = nested({ physicalCellId: u16, rsrq: i16, rsrp: i16, rssi: i16, selectionRxLevel: i16 });

export const getCellLocation = {
  service,
  id: 0x0043,
  name: "GET_CELL_LOCATION_INFO",
  request: empty,
  response: {
    gsm: may(
      0x10,
      nested({ ...gsmCell, timingAdvance: u32, rxLevel, neighbours: listWith(nested({ ...gsmCell, rxLevel })) }),
    ),
    umts: may(
      0x11,
      nested({
        /** The low half of it; `umtsCellId` has all. */
        cellId: u16,
        plmn,
        lac: u16,
        uarfcn: u16,
        scramblingCode: u16,
        rscpDbm: i16,
        ecIoDb: i16,
        neighbours: listWith(nested({ uarfcn: u16, scramblingCode: u16, rscpDbm: i16, ecIoDb: i16 })),
        gsmNeighbours: listWith(nested({ arfcn: u16, networkColourCode: u8, baseStationColourCode: u8, rssiDbm: i16 })),
      }),
    ),
    lte: may(
      0x13,
      nested({
        isIdle: flag8,
        plmn,
        tac: u16,
        cellId: u32,
        earfcn: u16,
        servingPhysicalCellId: u16,
        reselectionPriority: u8,
        nonIntraSearchThreshold: u8,
        servingLowThreshold: u8,
        intraSearchThreshold: u8,
        /** The serving cell among them. */
        cells: listWith(lteCell),
      }),
    ),
    lteOtherFrequencies: may(
      0x14,
      nested({
        isIdle: flag8,
        frequencies: listWith(
          nested({
            earfcn: u16,
            lowThreshold: u8,
            highThreshold: u8,
            reselectionPriority: u8,
            cells: listWith(lteCell),
          }),
        ),
      }),
    ),
    umtsCellId: may(0x17, u32),
    lteTimingAdvance: may(0x1e, u32),
    nrArfcn: may(0x2e, u32),
    nr: may(
      0x2f,
      nested({
        plmn,
        /** Most significant byte first. */
        tac: nested({ high: u8, middle: u8, low: u8 }),
        cellId: u64,
        physicalCellId: u16,
        rsrq: i16,
        rsrp: i16,
        snr: i16,
      }),
    ),
  },
} as const satisfies Message;
