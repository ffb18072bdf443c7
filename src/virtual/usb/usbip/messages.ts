/** USB/IP messages as bytes. Pure. @see Documentation/usb/usbip_protocol.rst of Linux */

const version = 0x0111;
const operations = {
  devlistRequest: 0x8005,
  devlistReply: 0x0005,
  importRequest: 0x8003,
  importReply: 0x0003,
} as const;
export const operationHeaderBytes = 8;
export const importRequestBytes = operationHeaderBytes + 32;
export const urbHeaderBytes = 48;
/** What usbfs lets a program ask for at most; a longer transfer is a lie. */
const maxTransferBytes = 16 << 20;

/** Negative errno values that hosts know. */
export const status = { ok: 0, pipe: -32, connectionReset: -104 } as const;
/** Why a device cannot be imported. */
const importFailures = { busy: 2, unknown: 4 } as const;
export type ImportFailure = keyof typeof importFailures;

/** What a stream begins with. `more`: not all of it is there yet. */
export type Parsed<T> =
  | { readonly is: "more"; readonly neededBytes: number }
  | { readonly is: "message"; readonly bytes: number; readonly message: T }
  | { readonly is: "nonsense"; readonly detail: string };

export type OperationRequest = { readonly is: "devlist" } | { readonly is: "import"; readonly busId: string };

const needs = <T>(neededBytes: number): Parsed<T> => ({ is: "more", neededBytes });

/** The first thing that a client says on a connection. */
export function parseOperation(bytes: Buffer): Parsed<OperationRequest> {
  if (bytes.length < operationHeaderBytes) return needs(operationHeaderBytes);
  const found = bytes.readUInt16BE(0);
  if (found !== version) return { is: "nonsense", detail: `version ${found.toString(16)} of USB/IP` };
  const code = bytes.readUInt16BE(2);
  if (code === operations.devlistRequest)
    return { is: "message", bytes: operationHeaderBytes, message: { is: "devlist" } };
  if (code !== operations.importRequest) return { is: "nonsense", detail: `operation ${code.toString(16)}` };
  if (bytes.length < importRequestBytes) return needs(importRequestBytes);
  const busId = bytes.toString("latin1", operationHeaderBytes, importRequestBytes).replace(/\0.*$/s, "");
  return { is: "message", bytes: importRequestBytes, message: { is: "import", busId } };
}

/** One transfer that the host wants done. */
export interface Submit {
  readonly is: "submit";
  readonly seqnum: number;
  /** 0 to 15, without direction. */
  readonly endpoint: number;
  readonly direction: "in" | "out";
  /** Bytes to take or to give at most. */
  readonly length: number;
  /** The eight bytes of a control transfer's setup stage; zeros elsewhere. */
  readonly setup: Buffer;
  /** Empty for `in`. */
  readonly data: Buffer;
}

export interface Unlink {
  readonly is: "unlink";
  readonly seqnum: number;
  readonly victim: number;
}

const commands = { submit: 1, unlink: 2, submitReply: 3, unlinkReply: 4 } as const;

/** What a client says once a device is imported. */
export function parseUrb(bytes: Buffer): Parsed<Submit | Unlink> {
  if (bytes.length < urbHeaderBytes) return needs(urbHeaderBytes);
  const command = bytes.readUInt32BE(0);
  const seqnum = bytes.readUInt32BE(4);
  if (command === commands.unlink) {
    const message: Unlink = { is: "unlink", seqnum, victim: bytes.readUInt32BE(20) };
    return { is: "message", bytes: urbHeaderBytes, message };
  }
  return command === commands.submit
    ? parseSubmit(bytes, seqnum)
    : { is: "nonsense", detail: `command ${command.toString(16)}` };
}

function parseSubmit(bytes: Buffer, seqnum: number): Parsed<Submit> {
  const direction = bytes.readUInt32BE(12) === 0 ? "out" : "in";
  const endpoint = bytes.readUInt32BE(16);
  const length = bytes.readUInt32BE(24);
  // Zero or all ones where the transfer is not isochronous.
  const packets = bytes.readInt32BE(32);
  if (endpoint > 15) return { is: "nonsense", detail: `endpoint ${endpoint}` };
  if (packets > 0) return { is: "nonsense", detail: "an isochronous transfer, and no endpoint is isochronous" };
  if (length > maxTransferBytes) return { is: "nonsense", detail: `a transfer of ${length} bytes` };
  const end = urbHeaderBytes + (direction === "out" ? length : 0);
  if (bytes.length < end) return needs(end);
  const setup = bytes.subarray(40, 48);
  const data = bytes.subarray(urbHeaderBytes, end);
  return {
    is: "message",
    bytes: end,
    message: { is: "submit", seqnum, endpoint, direction, length, setup, data },
  };
}

/** What the exporter says about a device. */
export interface ExportedDevice {
  readonly path: string;
  readonly busId: string;
  readonly busNumber: number;
  readonly deviceNumber: number;
  readonly speed: "full" | "high";
  readonly vendorId: number;
  readonly productId: number;
  readonly release: number;
  readonly triple: readonly [number, number, number];
  readonly configurationValue: number;
  readonly interfaces: readonly (readonly [number, number, number])[];
}

/** enum usb_device_speed of Linux. */
export const speedCodes = { full: 2, high: 3 } as const;
/** How hosts name a device on a connection. */
export const deviceIdOf = (busNumber: number, deviceNumber: number): number => (busNumber << 16) | deviceNumber;

const recordBytes = 312;

function recordOf(device: ExportedDevice): Buffer {
  const record = Buffer.alloc(recordBytes);
  record.write(device.path.slice(0, 255), 0, "latin1");
  record.write(device.busId.slice(0, 31), 256, "latin1");
  record.writeUInt32BE(device.busNumber, 288);
  record.writeUInt32BE(device.deviceNumber, 292);
  record.writeUInt32BE(speedCodes[device.speed], 296);
  record.writeUInt16BE(device.vendorId, 300);
  record.writeUInt16BE(device.productId, 302);
  record.writeUInt16BE(device.release, 304);
  record.set([...device.triple, device.configurationValue, 1, device.interfaces.length], 306);
  return record;
}

function operationReply(code: number, statusCode: number): Buffer {
  const head = Buffer.alloc(operationHeaderBytes);
  head.writeUInt16BE(version, 0);
  head.writeUInt16BE(code, 2);
  head.writeUInt32BE(statusCode, 4);
  return head;
}

export function encodeDevlist(devices: readonly ExportedDevice[]): Buffer {
  const count = Buffer.alloc(4);
  count.writeUInt32BE(devices.length);
  const records = devices.flatMap((device) => [
    recordOf(device),
    ...device.interfaces.map((triple) => Buffer.from([...triple, 0])),
  ]);
  return Buffer.concat([operationReply(operations.devlistReply, 0), count, ...records]);
}

export const encodeImport = (device: ExportedDevice | ImportFailure): Buffer =>
  typeof device === "string"
    ? operationReply(operations.importReply, importFailures[device])
    : Buffer.concat([operationReply(operations.importReply, 0), recordOf(device)]);

/** RET_SUBMIT without the data that follows where the transfer was IN. */
export function encodeSubmitReply(seqnum: number, statusCode: number, actualBytes: number): Buffer {
  const head = Buffer.alloc(urbHeaderBytes);
  head.writeUInt32BE(commands.submitReply, 0);
  head.writeUInt32BE(seqnum, 4);
  head.writeInt32BE(statusCode, 20);
  head.writeUInt32BE(actualBytes, 24);
  return head;
}

/** RET_UNLINK: `connectionReset` when the transfer was still waiting, `ok` when it had been answered already. */
export function encodeUnlinkReply(seqnum: number, statusCode: number): Buffer {
  const head = Buffer.alloc(urbHeaderBytes);
  head.writeUInt32BE(commands.unlinkReply, 0);
  head.writeUInt32BE(seqnum, 4);
  head.writeInt32BE(statusCode, 20);
  return head;
}
