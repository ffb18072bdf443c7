/** CTL: client ids, versions, the start of a conversation. */
import { enumOf, u8, u16 } from "../../codec/scalar.js";
import { listWith, restText } from "../../codec/sized.js";
import { nested } from "../../codec/struct.js";
import { must } from "../../codec/tlv.js";
import { empty, type Indication, type Message } from "../message.js";

const clientInfo = nested({ service: u8, client: u8 });

/** Service and version of everything that the modem serves. Asks for nothing and disturbs nobody: the question to probe with. */
export const getVersionInfo = {
  service: "ctl",
  id: 0x0021,
  name: "GET_VERSION_INFO",
  request: empty,
  response: { services: must(0x01, listWith(nested({ service: u8, major: u16, minor: u16 }))) },
} as const satisfies Message;

export const allocateClient = {
  service: "ctl",
  id: 0x0022,
  name: "ALLOCATE_CID",
  request: { service: must(0x01, u8) },
  response: { allocated: must(0x01, clientInfo) },
} as const satisfies Message;

export const releaseClient = {
  service: "ctl",
  id: 0x0023,
  name: "RELEASE_CID",
  request: { released: must(0x01, clientInfo) },
  response: { released: must(0x01, clientInfo) },
} as const satisfies Message;

export const setInstanceId = {
  service: "ctl",
  id: 0x0020,
  name: "SET_INSTANCE_ID",
  request: { instance: must(0x01, u8) },
  response: { linkId: must(0x01, u16) },
} as const satisfies Message;

/** Before WDA: whether packets come behind a QoS header, and in which link layer. */
export const setDataFormat = {
  service: "ctl",
  id: 0x0026,
  name: "SET_DATA_FORMAT",
  request: {
    qosHeader: must(0x01, u8),
    linkLayer: must(0x10, enumOf({ unknown: 0, ethernet: 1, rawIp: 2 }, u16)),
  },
  response: { linkLayer: must(0x10, enumOf({ unknown: 0, ethernet: 1, rawIp: 2 }, u16)) },
} as const satisfies Message;

/** Releases every client id of this control point, and so ends what they had begun. */
export const sync = {
  service: "ctl",
  id: 0x0027,
  name: "SYNC",
  request: empty,
  response: empty,
} as const satisfies Message;

/** The modem has started afresh: every client id is void. */
export const synced = { service: "ctl", id: 0x0027, name: "SYNC", indication: empty } as const satisfies Indication;

/** To qmi-proxy, not to the modem: which device this connection is for. */
export const proxyOpen = {
  service: "ctl",
  id: 0xff00,
  name: "PROXY_OPEN",
  request: { devicePath: must(0x01, restText) },
  response: empty,
} as const satisfies Message;
