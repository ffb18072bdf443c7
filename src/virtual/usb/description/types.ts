/** A USB device as data, in the words of its descriptors. @see USB 2.0 9.6, USB CDC 1.2 5.2 */

/** Class, subclass, protocol. */
export type Triple = readonly [classCode: number, subclass: number, protocol: number];

export interface EndpointDescription {
  /** bEndpointAddress: bit 7 says IN. */
  readonly address: number;
  readonly transfer: "bulk" | "interrupt";
  readonly maxPacketBytes: number;
  /** bInterval as the descriptor has it: at high speed 2^(n-1) microframes of 125 us, at full speed milliseconds. */
  readonly interval: number;
}

/** Class-specific descriptors. @see USB CDC 1.2 table 13, USB NCM 1.0 5.2.1, MBIM 1.0 6.4 and 6.5 */
export type FunctionalDescription =
  /** `cdc`: release number of the specification in BCD. */
  | { readonly kind: "header"; readonly cdc: number }
  | { readonly kind: "callManagement"; readonly capabilities: number; readonly dataInterface: number }
  | { readonly kind: "acm"; readonly capabilities: number }
  | { readonly kind: "union"; readonly control: number; readonly subordinates: readonly number[] }
  | {
      readonly kind: "ethernet";
      /** Twelve hex digits, told as a string descriptor. */
      readonly mac: string;
      readonly maxSegmentBytes: number;
    }
  | { readonly kind: "ncm"; readonly version: number; readonly capabilities: number }
  | {
      readonly kind: "mbim";
      readonly version: number;
      readonly maxControlBytes: number;
      readonly filters: number;
      readonly maxFilterBytes: number;
      readonly maxSegmentBytes: number;
      readonly capabilities: number;
    }
  | {
      readonly kind: "mbimExtended";
      readonly version: number;
      readonly maxOutstandingCommands: number;
      readonly mtu: number;
    };

/** The position in `InterfaceDescription.alternates` is its bAlternateSetting. */
export interface AlternateDescription {
  readonly triple: Triple;
  readonly functional: readonly FunctionalDescription[];
  readonly endpoints: readonly EndpointDescription[];
}

export interface InterfaceDescription {
  readonly number: number;
  readonly alternates: readonly AlternateDescription[];
}

/** Interfaces that belong together. @see USB 2.0 ECN "Interface Association Descriptor" */
export interface AssociationDescription {
  readonly first: number;
  readonly count: number;
  readonly triple: Triple;
}

/** A device with one configuration, as all modems here have. */
export interface DeviceDescription {
  readonly speed: "full" | "high";
  readonly vendorId: number;
  readonly productId: number;
  /** bcdUSB */
  readonly usbVersion: number;
  /** bcdDevice */
  readonly release: number;
  readonly triple: Triple;
  readonly maxPacketBytes0: number;
  readonly manufacturer?: string;
  readonly product?: string;
  readonly serial?: string;
  /** bmAttributes of the configuration: 0x80 always, 0x40 self-powered, 0x20 remote wakeup. */
  readonly attributes: number;
  readonly maxPowerMa: number;
  readonly associations: readonly AssociationDescription[];
  readonly interfaces: readonly InterfaceDescription[];
}

export const isIn = (endpointAddress: number): boolean => (endpointAddress & 0x80) !== 0;
