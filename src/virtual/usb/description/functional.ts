/** Class-specific interface descriptors as bytes. Pure. */
import type { Strings } from "./strings.js";
import type { FunctionalDescription } from "./types.js";

const csInterface = 0x24;

const u16 = (value: number): readonly number[] => [value & 0xff, value >> 8];

function bodyOf(functional: FunctionalDescription, strings: Strings): readonly number[] {
  switch (functional.kind) {
    case "header":
      return [0x00, ...u16(functional.cdc)];
    case "callManagement":
      return [0x01, functional.capabilities, functional.dataInterface];
    case "acm":
      return [0x02, functional.capabilities];
    case "union":
      return [0x06, functional.control, ...functional.subordinates];
    case "ethernet":
      // No statistics, no multicast or wake-up filters: modems that need none have none.
      return [0x0f, strings.indexOfMac(functional.mac), 0, 0, 0, 0, ...u16(functional.maxSegmentBytes), 0, 0, 0];
    case "ncm":
      return [0x1a, ...u16(functional.version), functional.capabilities];
    case "mbim": {
      const { version, maxControlBytes, filters, maxFilterBytes, maxSegmentBytes, capabilities } = functional;
      return [
        ...[0x1b, ...u16(version), ...u16(maxControlBytes), filters, maxFilterBytes],
        ...[...u16(maxSegmentBytes), capabilities],
      ];
    }
    case "mbimExtended":
      return [0x1c, ...u16(functional.version), functional.maxOutstandingCommands, ...u16(functional.mtu)];
  }
}

export function functionalDescriptor(functional: FunctionalDescription, strings: Strings): Buffer {
  const body = bodyOf(functional, strings);
  return Buffer.from([body.length + 2, csInterface, ...body]);
}
