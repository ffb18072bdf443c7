/** What one USB mode of a model is: its device as descriptors tell it, and what works behind the interfaces. */
import type { FaceName } from "../../model/words.js";
import type { AssociationDescription, DeviceDescription, InterfaceDescription } from "./types.js";

/** Interfaces are named by their numbers. An interface without a function answers nothing (ADB). */
export type FunctionDescription =
  | { readonly kind: "mbim"; readonly control: number; readonly data: number }
  | { readonly kind: "qmi"; readonly interface: number }
  /** A vendor's serial port. */
  | { readonly kind: "serial"; readonly interface: number; readonly face: FaceName }
  /** `recorder`: remembers every byte that it receives and says nothing. */
  | { readonly kind: "acm"; readonly control: number; readonly data: number; readonly face: FaceName | "recorder" }
  /** `dialsItself`: the firmware opens a session as soon as it can, as routers do. */
  | {
      readonly kind: "ecm" | "rndis";
      readonly control: number;
      readonly data: number;
      readonly mac: string;
      readonly dialsItself: boolean;
    }
  /** Huawei's NCM: data in alternate setting 1 of the one interface, and `face` behind cdc-wdm. */
  | { readonly kind: "huaweiNcm"; readonly interface: number; readonly mac: string; readonly face: FaceName }
  | { readonly kind: "storage"; readonly interface: number; readonly label: string };

export interface Composition {
  readonly device: DeviceDescription;
  readonly functions: readonly FunctionDescription[];
}

/** What makes a device leave one composition for another, beside the host's word on an AT port or by QMI. */
export interface ModeSwitch {
  /** `huawei`, `huaweiFallback`: the vendor's SCSI command 0x11 in two forms; `eject`: START STOP UNIT that ejects. */
  readonly by: "huawei" | "huaweiFallback" | "eject";
  readonly from: string;
  readonly to: string;
}

/** A model on the bus. */
export interface UsbModel {
  /** By the name that the vendor's own command uses, where it has one. */
  readonly compositions: Readonly<Record<string, Composition>>;
  readonly initial: string;
  /** Whether the last composition is still there after the cable was pulled. */
  readonly remembers: boolean;
  readonly switches: readonly ModeSwitch[];
}

/** Interfaces that come together, with what they do. */
export interface Part {
  readonly interfaces: readonly InterfaceDescription[];
  readonly association?: AssociationDescription;
  readonly function?: FunctionDescription;
}

type DeviceHead = Omit<DeviceDescription, "interfaces" | "associations">;

export const compose = (device: DeviceHead, parts: readonly Part[]): Composition => ({
  device: {
    ...device,
    associations: parts.flatMap(({ association }) => (association ? [association] : [])),
    interfaces: parts.flatMap(({ interfaces }) => interfaces),
  },
  functions: parts.flatMap((part) => (part.function ? [part.function] : [])),
});
