/** WDA: how packets travel on the data endpoint. */
import { enumOf, flag8, u32 } from "../../codec/scalar.js";
import { nested } from "../../codec/struct.js";
import { may } from "../../codec/tlv.js";
import type { Message } from "../message.js";

const service = "wda";

export const linkLayer = enumOf({ unknown: 0, ethernet: 1, rawIp: 2, ethernetPdu: 3 });
export const aggregation = enumOf({
  disabled: 0,
  tlp: 1,
  qcNcm: 2,
  mbim: 3,
  rndis: 4,
  qmap: 5,
  qmapV2: 6,
  qmapV3: 7,
  qmapV4: 8,
  qmapV5: 9,
});
export const endpointType = enumOf({ unknown: 0, hsic: 1, hsusb: 2, pcie: 3, embedded: 4, bamDmux: 5 });
export const endpoint = nested({ type: endpointType, interfaceNumber: u32 });

const format = {
  qosHeader: may(0x10, flag8),
  linkLayer: may(0x11, linkLayer),
  uplinkAggregation: may(0x12, aggregation),
  downlinkAggregation: may(0x13, aggregation),
  ndpSignature: may(0x14, u32),
  downlinkMaxDatagrams: may(0x15, u32),
  /** Bytes. */
  downlinkMaxSize: may(0x16, u32),
} as const;

const told = { ...format, uplinkMaxDatagrams: may(0x17, u32), uplinkMaxSize: may(0x18, u32) } as const;

export const setDataFormat = {
  service,
  id: 0x0020,
  name: "SET_DATA_FORMAT",
  request: {
    ...format,
    endpoint: may(0x17, endpoint),
    uplinkMaxDatagrams: may(0x1b, u32),
    uplinkMaxSize: may(0x1c, u32),
  },
  response: told,
} as const satisfies Message;

export const getDataFormat = {
  service,
  id: 0x0021,
  name: "GET_DATA_FORMAT",
  request: { endpoint: may(0x10, endpoint) },
  response: told,
} as const satisfies Message;
