/** What Huawei's sticks have in common on USB. */

import type { FaceName } from "../model/words.js";
import type { Part } from "../usb/description/composition.js";
import { interrupt, serial } from "../usb/description/parts.js";
import type { DeviceDescription, FunctionalDescription, Triple } from "../usb/description/types.js";

export const huaweiDevice = {
  speed: "high",
  usbVersion: 0x0200,
  release: 0x0102,
  maxPacketBytes0: 64,
  attributes: 0xc0,
  maxPowerMa: 500,
  vendorId: 0x12d1,
  manufacturer: "HUAWEI_MOBILE",
  product: "HUAWEI_MOBILE",
} as const satisfies Partial<DeviceDescription>;

/** In this order, and with the interface's own number in call management where there is an interrupt endpoint. */
const functional = (dataInterface: number): readonly FunctionalDescription[] => [
  { kind: "header", cdc: 0x0110 },
  { kind: "acm", capabilities: 2 },
  { kind: "callManagement", capabilities: 0, dataInterface },
  { kind: "union", control: 0, subordinates: [0] },
];

interface Port {
  readonly number: number;
  readonly triple: Triple;
  readonly face: FaceName;
  /** Address of the interrupt endpoint: the modem port has one. */
  readonly notify?: number;
  readonly in: number;
  readonly out: number;
}

export const huaweiPort = ({ notify, ...rest }: Port): Part =>
  serial({
    ...rest,
    ...(notify === undefined ? {} : { notify: interrupt(notify, 10) }),
    functional: functional(notify === undefined ? 0 : rest.number),
  });
