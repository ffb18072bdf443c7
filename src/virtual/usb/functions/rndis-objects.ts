/** What an RNDIS host may ask for, by OID. @see [MS-RNDIS] 3, NDIS OIDs of the Windows driver kit */

export interface RndisFacts {
  readonly mac: Buffer;
  readonly connected: boolean;
  readonly vendor: string;
}

const maxFrameBytes = 1500;
const maxTotalBytes = 1514;
/** In units of 100 bit/s: 150 Mbit/s. */
const linkSpeed = 1_500_000;

export const packetFilterOid = 0x0001010e;

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

const zero = u32(0);

const objects: ReadonlyMap<number, (facts: RndisFacts) => Buffer> = new Map<number, (facts: RndisFacts) => Buffer>([
  [0x00010101, () => Buffer.concat([...objects.keys()].map(u32))], // OID_GEN_SUPPORTED_LIST
  [0x00010102, () => zero], // OID_GEN_HARDWARE_STATUS: ready
  [0x00010103, () => zero], // OID_GEN_MEDIA_SUPPORTED: 802.3
  [0x00010104, () => zero], // OID_GEN_MEDIA_IN_USE
  [0x00010106, () => u32(maxFrameBytes)], // OID_GEN_MAXIMUM_FRAME_SIZE
  [0x00010107, () => u32(linkSpeed)], // OID_GEN_LINK_SPEED
  [0x0001010a, () => u32(maxTotalBytes)], // OID_GEN_TRANSMIT_BLOCK_SIZE
  [0x0001010b, () => u32(maxTotalBytes)], // OID_GEN_RECEIVE_BLOCK_SIZE
  [0x0001010c, () => u32(0x00ffffff)], // OID_GEN_VENDOR_ID: none
  [0x0001010d, ({ vendor }) => Buffer.from(`${vendor}\0`, "latin1")], // OID_GEN_VENDOR_DESCRIPTION
  [packetFilterOid, () => u32(0x2d)], // OID_GEN_CURRENT_PACKET_FILTER
  [0x00010111, () => u32(maxTotalBytes)], // OID_GEN_MAXIMUM_TOTAL_SIZE
  [0x00010114, ({ connected }) => u32(connected ? 0 : 1)], // OID_GEN_MEDIA_CONNECT_STATUS
  [0x00010202, () => zero], // OID_GEN_PHYSICAL_MEDIUM: unspecified
  [0x01010101, ({ mac }) => mac], // OID_802_3_PERMANENT_ADDRESS
  [0x01010102, ({ mac }) => mac], // OID_802_3_CURRENT_ADDRESS
  [0x01010103, () => u32(0xe0000000)], // OID_802_3_MULTICAST_LIST
  [0x01010104, () => u32(1)], // OID_802_3_MAXIMUM_LIST_SIZE
]);

/** Undefined: not supported. */
export const rndisObject = (oid: number, facts: RndisFacts): Buffer | undefined => objects.get(oid)?.(facts);
