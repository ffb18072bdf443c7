/** Standard descriptors as bytes. Pure. @see USB 2.0 9.6 */
import { functionalDescriptor } from "./functional.js";
import type { Strings } from "./strings.js";
import type { AssociationDescription, DeviceDescription, EndpointDescription, InterfaceDescription } from "./types.js";

export const descriptorTypes = {
  device: 1,
  configuration: 2,
  string: 3,
  interface: 4,
  endpoint: 5,
  association: 11,
} as const;

/** bConfigurationValue of the one configuration. */
export const configurationValue = 1;

const u16 = (value: number): readonly number[] => [value & 0xff, value >> 8];

export function deviceDescriptor(device: DeviceDescription, strings: Strings): Buffer {
  const { usbVersion, triple, maxPacketBytes0, vendorId, productId, release } = device;
  const { manufacturer, product, serial } = strings;
  return Buffer.from([
    ...[18, descriptorTypes.device, ...u16(usbVersion), ...triple, maxPacketBytes0],
    ...[...u16(vendorId), ...u16(productId), ...u16(release)],
    ...[manufacturer, product, serial, 1],
  ]);
}

/** The configuration descriptor and all that follows it. */
export function configurationDescriptor(device: DeviceDescription, strings: Strings): Buffer {
  const body = device.interfaces.flatMap((it) => {
    const association = device.associations.find(({ first }) => first === it.number);
    return [...(association ? [associationDescriptor(association)] : []), ...interfaceDescriptors(it, strings)];
  });
  const totalBytes = body.reduce((sum, { length }) => sum + length, 9);
  const head = Buffer.from([
    ...[9, descriptorTypes.configuration, ...u16(totalBytes), device.interfaces.length, configurationValue, 0],
    ...[device.attributes, device.maxPowerMa / 2],
  ]);
  return Buffer.concat([head, ...body]);
}

const associationDescriptor = ({ first, count, triple }: AssociationDescription): Buffer =>
  Buffer.from([8, descriptorTypes.association, first, count, ...triple, 0]);

const interfaceDescriptors = ({ number, alternates }: InterfaceDescription, strings: Strings): readonly Buffer[] =>
  alternates.flatMap(({ triple, functional, endpoints }, alternate) => [
    Buffer.from([9, descriptorTypes.interface, number, alternate, endpoints.length, ...triple, 0]),
    ...functional.map((it) => functionalDescriptor(it, strings)),
    ...endpoints.map(endpointDescriptor),
  ]);

const endpointDescriptor = ({ address, transfer, maxPacketBytes, interval }: EndpointDescription): Buffer =>
  Buffer.from([
    ...[7, descriptorTypes.endpoint, address, transfer === "bulk" ? 2 : 3, ...u16(maxPacketBytes), interval],
  ]);
