/** One transfer as the device sees it. */

/** How a transfer ends. `bytes` is what an OUT transfer took; an IN transfer's data is its own measure. */
export type Outcome =
  | { readonly is: "in"; readonly data: Buffer }
  | { readonly is: "out"; readonly bytes: number }
  | { readonly is: "stall" };

export interface Transfer {
  readonly seqnum: number;
  /** IN: bytes that the host has room for. */
  readonly length: number;
  done(outcome: Outcome): void;
}

export const stall: Outcome = { is: "stall" };

/** The setup stage of a control transfer. @see USB 2.0 9.3 */
export interface Setup {
  readonly type: "standard" | "class" | "vendor" | "reserved";
  readonly recipient: "device" | "interface" | "endpoint" | "other";
  readonly direction: "in" | "out";
  readonly request: number;
  readonly value: number;
  readonly index: number;
  readonly length: number;
}

const types = ["standard", "class", "vendor", "reserved"] as const;
const recipients = ["device", "interface", "endpoint"] as const;

/** `bytes` are eight. */
export function parseSetup(bytes: Buffer): Setup {
  const requestType = bytes.readUInt8(0);
  return {
    type: types[(requestType >> 5) & 3] ?? "reserved",
    recipient: recipients[requestType & 0x1f] ?? "other",
    direction: (requestType & 0x80) === 0 ? "out" : "in",
    request: bytes.readUInt8(1),
    value: bytes.readUInt16LE(2),
    index: bytes.readUInt16LE(4),
    length: bytes.readUInt16LE(6),
  };
}
