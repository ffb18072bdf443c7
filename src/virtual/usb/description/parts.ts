/** The interfaces that modems are made of, so that a profile says only what differs. Endpoint addresses carry their direction. */
import type { FaceName } from "../../model/words.js";
import type { Part } from "./composition.js";
import type { AlternateDescription, EndpointDescription, FunctionalDescription, Triple } from "./types.js";

/** At high speed. */
export const bulk = (address: number, maxPacketBytes = 512): EndpointDescription => ({
  address,
  transfer: "bulk",
  maxPacketBytes,
  interval: 0,
});

/** 9: every 32 ms at high speed, what Qualcomm's firmware says. */
export const interrupt = (address: number, maxPacketBytes: number, interval = 9): EndpointDescription => ({
  address,
  transfer: "interrupt",
  maxPacketBytes,
  interval,
});

interface Pair {
  readonly in: number;
  readonly out: number;
}

interface SerialShape extends Pair {
  readonly number: number;
  readonly triple: Triple;
  /** Address of the interrupt endpoint, where it has one. */
  readonly notify?: EndpointDescription;
  readonly functional?: readonly FunctionalDescription[];
  readonly face: FaceName;
}

const one = (number: number, alternate: AlternateDescription) => ({ number, alternates: [alternate] });

export function serial({ number, triple, notify, functional = [], face, ...pair }: SerialShape): Part {
  const endpoints = [...(notify ? [notify] : []), bulk(pair.in), bulk(pair.out)];
  return {
    interfaces: [one(number, { triple, functional, endpoints })],
    function: { kind: "serial", interface: number, face },
  };
}

const vendor: Triple = [0xff, 0xff, 0xff];
const vendorPlain: Triple = [0xff, 0x00, 0x00];

/** As Qualcomm's firmware has them, pointing at interface 0 wherever they stand. */
const qualcommFunctional: readonly FunctionalDescription[] = [
  { kind: "header", cdc: 0x0110 },
  { kind: "callManagement", capabilities: 0, dataInterface: 0 },
  { kind: "acm", capabilities: 2 },
  { kind: "union", control: 0, subordinates: [0] },
];

/** Qualcomm's diagnostic port. */
export const diag = (number: number, pair: Pair): Part => serial({ number, triple: vendor, face: "diag", ...pair });

/** Qualcomm's serial port for AT or NMEA. `notify` is the address of its interrupt endpoint. */
export const port = (number: number, face: FaceName, notify: number, pair: Pair): Part =>
  serial({
    number,
    triple: vendorPlain,
    face,
    ...pair,
    notify: interrupt(notify, 10),
    functional: qualcommFunctional,
  });

/** QMI and its packets in one interface. */
export function rmnet(number: number, notify: number, pair: Pair): Part {
  const endpoints = [interrupt(notify, 8), bulk(pair.in), bulk(pair.out)];
  return {
    interfaces: [one(number, { triple: vendor, functional: [], endpoints })],
    function: { kind: "qmi", interface: number },
  };
}

/** Android's debug bridge, behind which nobody is. */
export const adb = (number: number, pair: Pair): Part => ({
  interfaces: [one(number, { triple: [0xff, 0x42, 0x01], functional: [], endpoints: [bulk(pair.in), bulk(pair.out)] })],
});

interface TwoInterfaces extends Pair {
  readonly control: number;
  readonly data: number;
  readonly notify: EndpointDescription;
}

export interface MbimShape extends TwoInterfaces {
  readonly maxControlBytes: number;
}

export function mbim({ control, data, notify, maxControlBytes, ...pair }: MbimShape): Part {
  const functional: readonly FunctionalDescription[] = [
    { kind: "header", cdc: 0x0110 },
    { kind: "union", control, subordinates: [data] },
    {
      kind: "mbim",
      version: 0x0100,
      maxControlBytes,
      filters: 32,
      maxFilterBytes: 128,
      maxSegmentBytes: 2048,
      capabilities: 0x20,
    },
    { kind: "mbimExtended", version: 0x0100, maxOutstandingCommands: 64, mtu: 1500 },
  ];
  const quiet: AlternateDescription = { triple: [0x0a, 0x00, 0x02], functional: [], endpoints: [] };
  return {
    association: { first: control, count: 2, triple: [0x02, 0x0e, 0x00] },
    interfaces: [
      one(control, { triple: [0x02, 0x0e, 0x00], functional, endpoints: [notify] }),
      { number: data, alternates: [quiet, { ...quiet, endpoints: [bulk(pair.in), bulk(pair.out)] }] },
    ],
    function: { kind: "mbim", control, data },
  };
}

interface EthernetShape extends TwoInterfaces {
  /** The host's address, twelve hex digits. */
  readonly mac: string;
  readonly dialsItself: boolean;
}

export function ecm({ control, data, notify, mac, dialsItself, ...pair }: EthernetShape): Part {
  const functional: readonly FunctionalDescription[] = [
    { kind: "header", cdc: 0x0110 },
    { kind: "union", control, subordinates: [data] },
    { kind: "ethernet", mac, maxSegmentBytes: 1514 },
  ];
  const quiet: AlternateDescription = { triple: [0x0a, 0x00, 0x00], functional: [], endpoints: [] };
  return {
    association: { first: control, count: 2, triple: [0x02, 0x06, 0x00] },
    interfaces: [
      one(control, { triple: [0x02, 0x06, 0x00], functional, endpoints: [notify] }),
      { number: data, alternates: [quiet, { ...quiet, endpoints: [bulk(pair.in), bulk(pair.out)] }] },
    ],
    function: { kind: "ecm", control, data, mac, dialsItself },
  };
}

export interface RndisShape extends EthernetShape {
  readonly association: Triple;
  readonly triple: Triple;
}

export function rndis({ control, data, notify, mac, dialsItself, association, triple, ...pair }: RndisShape): Part {
  const functional: readonly FunctionalDescription[] = [
    { kind: "header", cdc: 0x0110 },
    { kind: "callManagement", capabilities: 0, dataInterface: data },
    { kind: "acm", capabilities: 0 },
    { kind: "union", control, subordinates: [data] },
  ];
  return {
    association: { first: control, count: 2, triple: association },
    interfaces: [
      one(control, { triple, functional, endpoints: [notify] }),
      one(data, { triple: [0x0a, 0x00, 0x00], functional: [], endpoints: [bulk(pair.in), bulk(pair.out)] }),
    ],
    function: { kind: "rndis", control, data, mac, dialsItself },
  };
}

interface AcmShape {
  readonly control: number;
  readonly data: number;
  readonly notify: EndpointDescription;
  readonly endpoints: readonly EndpointDescription[];
  readonly protocol: number;
  readonly face: FaceName | "recorder";
}

export function acm({ control, data, notify, endpoints, protocol, face }: AcmShape): Part {
  const triple: Triple = [0x02, 0x02, protocol];
  const functional: readonly FunctionalDescription[] = [
    { kind: "header", cdc: 0x0110 },
    { kind: "callManagement", capabilities: 1, dataInterface: data },
    { kind: "acm", capabilities: 6 },
    { kind: "union", control, subordinates: [data] },
  ];
  return {
    interfaces: [
      one(control, { triple, functional, endpoints: [notify] }),
      one(data, { triple: [0x0a, 0x00, 0x00], functional: [], endpoints }),
    ],
    function: { kind: "acm", control, data, face },
  };
}

/** SCSI in Bulk-Only Transport. */
export const storage = (number: number, label: string, pair: Pair): Part => ({
  interfaces: [one(number, { triple: [0x08, 0x06, 0x50], functional: [], endpoints: [bulk(pair.in), bulk(pair.out)] })],
  function: { kind: "storage", interface: number, label },
});
