/** bRequest values of class requests. @see USB CDC 1.2 table 19, PSTN 1.2 table 13, ECM 1.2 table 6, NCM 1.0 table 6-2, MBIM 1.0 8 */
export const requests = {
  sendEncapsulatedCommand: 0x00,
  getEncapsulatedResponse: 0x01,
  resetFunction: 0x05,
  setLineCoding: 0x20,
  getLineCoding: 0x21,
  setControlLineState: 0x22,
  sendBreak: 0x23,
  setEthernetPacketFilter: 0x43,
  getNtbParameters: 0x80,
  getNetAddress: 0x81,
  setNetAddress: 0x82,
  getNtbFormat: 0x83,
  setNtbFormat: 0x84,
  getNtbInputSize: 0x85,
  setNtbInputSize: 0x86,
  getMaxDatagramSize: 0x87,
  setMaxDatagramSize: 0x88,
  getCrcMode: 0x89,
  setCrcMode: 0x8a,
} as const;

/** bNotificationCode. */
const notifications = { networkConnection: 0x00, responseAvailable: 0x01, serialState: 0x20 } as const;

function notification(code: number, value: number, interfaceNumber: number): Buffer {
  const bytes = Buffer.from([0xa1, code, 0, 0, interfaceNumber, 0, 0, 0]);
  bytes.writeUInt16LE(value, 2);
  return bytes;
}

export const responseAvailable = (interfaceNumber: number): Buffer =>
  notification(notifications.responseAvailable, 0, interfaceNumber);

export const networkConnection = (connected: boolean, interfaceNumber: number): Buffer =>
  notification(notifications.networkConnection, connected ? 1 : 0, interfaceNumber);

/** DSR is up as long as the device is there. @see USB PSTN120 6.5.4 */
export function serialState(carrier: boolean, interfaceNumber: number): Buffer {
  const [dcd, dsr] = [0x01, 0x02];
  const head = notification(notifications.serialState, 0, interfaceNumber);
  head.writeUInt16LE(2, 6);
  return Buffer.concat([head, Buffer.from([dsr | (carrier ? dcd : 0), 0])]);
}
