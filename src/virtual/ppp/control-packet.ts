/** Packets of PPP's control protocols. Pure. @see RFC 1661 5, 6 */

export const protocols = {
  ipv4: 0x0021,
  ipv6: 0x0057,
  ipcp: 0x8021,
  ipv6cp: 0x8057,
  lcp: 0xc021,
  pap: 0xc023,
  chap: 0xc223,
} as const;

export const codes = {
  configureRequest: 1,
  configureAck: 2,
  configureNak: 3,
  configureReject: 4,
  terminateRequest: 5,
  terminateAck: 6,
  codeReject: 7,
  protocolReject: 8,
  echoRequest: 9,
  echoReply: 10,
  discardRequest: 11,
} as const;

export interface ControlPacket {
  readonly code: number;
  readonly id: number;
  readonly data: Buffer;
}

export interface Option {
  readonly type: number;
  readonly value: Buffer;
}

/** Undefined: shorter than it says. Padding behind it is left out. */
export function controlPacketOf(payload: Buffer): ControlPacket | undefined {
  if (payload.length < 4) return undefined;
  const length = payload.readUInt16BE(2);
  if (length < 4 || length > payload.length) return undefined;
  return { code: payload.readUInt8(0), id: payload.readUInt8(1), data: payload.subarray(4, length) };
}

export function payloadOf({ code, id, data }: ControlPacket): Buffer {
  const length = data.length + 4;
  return Buffer.concat([Buffer.from([code, id, length >> 8, length & 0xff]), data]);
}

/** Undefined: the lengths do not fit. */
export function optionsOf(data: Buffer): readonly Option[] | undefined {
  const options: Option[] = [];
  for (let at = 0; at < data.length; ) {
    const length = data[at + 1] ?? 0;
    if (length < 2 || at + length > data.length) return undefined;
    options.push({ type: data.readUInt8(at), value: data.subarray(at + 2, at + length) });
    at += length;
  }
  return options;
}

export const optionBytes = (options: readonly Option[]): Buffer =>
  Buffer.concat(options.map(({ type, value }) => Buffer.concat([Buffer.from([type, value.length + 2]), value])));
