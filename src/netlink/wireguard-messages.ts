/** The three messages of generic netlink that WireGuard interfaces need here. Pure. */
import { asBuffer, optionalU32, Payload, readAttributes } from "./message.js";

/** @see linux/genetlink.h GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME */
export const controlFamily = 16;
const getFamily = 3;
const attributeOfFamily = { id: 1, name: 2 } as const;

/** @see linux/wireguard.h WG_CMD_*, WGDEVICE_A_*, WG_GENL_VERSION */
const command = { getDevice: 0, setDevice: 1 } as const;
const attributeOfDevice = { ifindex: 1, mark: 7 } as const;
const version = 1;

/** struct genlmsghdr */
const headerBytes = 4;
const payload = (cmd: number): Payload => new Payload(Buffer.from([cmd, version, 0, 0]));

export const familyQuery = (): Buffer => payload(getFamily).text(attributeOfFamily.name, "wireguard").toBuffer();

/** The type of messages to WireGuard in this run of the kernel. @throws Error when cut off */
export const decodeFamily = (data: Buffer): number | undefined =>
  readAttributes(asBuffer(data).subarray(headerBytes)).get(attributeOfFamily.id)?.readUInt16LE(0);

export const deviceDump = (ifindex: number): Buffer =>
  payload(command.getDevice).u32(attributeOfDevice.ifindex, ifindex).toBuffer();

/**
 * The mark of its packets, 0 for none; undefined in the later messages of many peers. The private key beside it is not looked
 * at. @throws Error when cut off
 */
export const decodeMark = (data: Buffer): number | undefined =>
  optionalU32(readAttributes(asBuffer(data).subarray(headerBytes)).get(attributeOfDevice.mark));

/** Setting the mark, be it to what it was, makes the kernel forget the source address of every peer. */
export const markChange = (ifindex: number, mark: number): Buffer =>
  payload(command.setDevice).u32(attributeOfDevice.ifindex, ifindex).u32(attributeOfDevice.mark, mark).toBuffer();
