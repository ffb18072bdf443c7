/** What a device is: a modem and by which ports, or what it is instead. A function of its snapshot and the user's rows. */
import { interfaceKind } from "./interface-kind.js";
import { kernelDriver, type Protocol } from "./kernel-drivers.js";
import { isStorageModeId, knownModem, modemVendor } from "./models.js";
import { type DeviceSnapshot, type InterfaceSnapshot, idsOf, type PortSnapshot, portsOf } from "./snapshot.js";

/** What a user says of a port; `ignore`: nobody touches it. */
export type PortRole = "at" | "modem" | "nmea" | "diagnostics" | "ignore";

/** A user's row about a device, `[[device]]` of wwand.toml. All members that are present must fit. */
export interface DeviceRow {
  readonly ids?: string;
  /** The address on its bus: `1-1.4`. */
  readonly usbPath?: string;
  readonly because: string;
  /** `true`: its serial ports are a modem's and may be spoken to. `false`: wwand leaves the whole device alone. */
  readonly modem?: boolean;
  /** By interface number. */
  readonly ports?: Readonly<Record<number, PortRole>>;
}

export const rowOf = (rows: readonly DeviceRow[], device: DeviceSnapshot): DeviceRow | undefined =>
  rows.find(
    ({ ids, usbPath }) =>
      (ids === undefined || ids === idsOf(device)) && (usbPath === undefined || usbPath === device.address),
  );

export type Verdict =
  /** `at`: the ports that AT commands may go to, the likeliest first; `unknown`: those of them of which nothing says more. */
  | {
      readonly is: "modem";
      readonly protocol: Protocol;
      readonly control: PortSnapshot;
      readonly net: PortSnapshot | undefined;
      readonly at: readonly PortSnapshot[];
      readonly unknown: readonly PortSnapshot[];
      readonly because: string;
    }
  /** A modem without the ports that it takes. */
  | { readonly is: "incomplete"; readonly lacks: "control" | "net"; readonly because: string }
  /** A modem that shows itself as a disc. */
  | { readonly is: "storage"; readonly because: string }
  /** A stick that is a router by itself. */
  | { readonly is: "router"; readonly net: PortSnapshot | undefined; readonly because: string }
  /** A serial port that nothing proves to be a modem's: nobody writes to it. */
  | { readonly is: "serial"; readonly because: string }
  | { readonly is: "ignored"; readonly because: string }
  | { readonly is: "unrelated" };

/** Why the serial ports of this device are a modem's; undefined: nothing says so, no byte may be written to them. */
export function proofOfModem(device: DeviceSnapshot, row: DeviceRow | undefined): string | undefined {
  if (row?.modem === true) return `[[device]] in wwand.toml: ${row.because}`;
  for (const found of device.interfaces) {
    const kind = interfaceKind(device, found);
    if (kind.provesModem) return `interface ${found.number}: ${kind.because}`;
    const names = found.driver === undefined ? found.modules.map(({ name }) => name) : [found.driver];
    const driver = names.find((name) => kernelDriver(name)?.provesModem);
    if (driver !== undefined) return `interface ${found.number}: ${driver}: ${kernelDriver(driver)?.because ?? ""}`;
  }
  const model = knownModem(device);
  return model && `${idsOf(device)} is ${model}`;
}

interface Control {
  readonly protocol: Protocol;
  readonly port: PortSnapshot;
  readonly at: InterfaceSnapshot;
}

/** Which is the better way to speak to a modem that has several. */
const preference: readonly Protocol[] = ["mbim", "qmi", "at"];
const spokenByWwan: Readonly<Record<string, Protocol>> = { MBIM: "mbim", QMI: "qmi", AT: "at" };

const spokenBy = (port: PortSnapshot, at: InterfaceSnapshot): Protocol | undefined => {
  if (port.kind === "wwan") return spokenByWwan[port.speaks ?? ""];
  return port.kind === "wdm" && at.driver !== undefined ? kernelDriver(at.driver)?.speaks : undefined;
};

function controls(device: DeviceSnapshot): readonly Control[] {
  const found = portsOf(device).flatMap(({ port, at }) => {
    const protocol = spokenBy(port, at);
    return protocol === undefined ? [] : [{ protocol, port, at }];
  });
  // cdc-wdm also appears as a WWAN port of the same interface, and only one of the two can be open.
  const order = (one: Control) => preference.indexOf(one.protocol) * 2 + (one.port.kind === "wwan" ? 1 : 0);
  return [...found].sort((a, b) => order(a) - order(b));
}

/** The likelier to answer AT commands, the sooner asked. Others never are: a diagnostics port answers nothing of use. */
const atOrder: Readonly<Partial<Record<string, number>>> = { at: 0, modem: 1, serial: 2, vendor: 2 };
const unknownOrder = 2;

type AtPorts = Pick<Extract<Verdict, { readonly is: "modem" }>, "at" | "unknown">;

function atPorts(device: DeviceSnapshot, row: DeviceRow | undefined): AtPorts {
  const ranked = portsOf(device).flatMap(({ port, at }) => {
    const rank = port.kind === "tty" ? atOrder[row?.ports?.[at.number] ?? interfaceKind(device, at).kind] : undefined;
    return rank === undefined ? [] : [{ port, rank }];
  });
  return {
    at: ranked.sort((a, b) => a.rank - b.rank).map(({ port }) => port),
    unknown: ranked.filter(({ rank }) => rank === unknownOrder).map(({ port }) => port),
  };
}

/** Without what the user's row takes away: nothing of that is opened, and no call goes over it. */
const withoutIgnored = (device: DeviceSnapshot, row: DeviceRow | undefined): DeviceSnapshot => ({
  ...device,
  interfaces: device.interfaces.filter(({ number }) => row?.ports?.[number] !== "ignore"),
});

const netOf = (device: DeviceSnapshot, at: InterfaceSnapshot | undefined): PortSnapshot | undefined => {
  const nets = portsOf(device).filter(({ port }) => port.kind === "net");
  return (nets.find((net) => net.at === at) ?? nets[0])?.port;
};

/** Network functions that a PPP modem may have besides; a modem is usable without. */
function serialModem(device: DeviceSnapshot, ports: AtPorts, because: string): Verdict {
  const [control] = ports.at;
  if (control === undefined) return { is: "incomplete", lacks: "control", because };
  return { is: "modem", protocol: "at", control, net: netOf(device, undefined), ...ports, because };
}

function modemVerdict(whole: DeviceSnapshot, row: DeviceRow | undefined, because: string): Verdict {
  const device = withoutIgnored(whole, row);
  const ports = atPorts(device, row);
  const [control] = controls(device);
  if (control === undefined) return serialModem(device, ports, because);
  const { protocol, port } = control;
  const net = netOf(device, control.at);
  if (net === undefined && protocol !== "at") return { is: "incomplete", lacks: "net", because };
  return { is: "modem", protocol, control: port, net, ...ports, because };
}

const isOnly = (device: DeviceSnapshot, usbClass: number): boolean =>
  device.interfaces.length > 0 && device.interfaces.every((found) => found.class === usbClass);

const storageClass = 0x08;

function otherVerdict(device: DeviceSnapshot): Verdict {
  const vendor = modemVendor(device);
  const kinds = device.interfaces.map((found) => interfaceKind(device, found).kind);
  if (isOnly(device, storageClass) && (isStorageModeId(device) || vendor !== undefined))
    return { is: "storage", because: vendor ?? "its ids" };
  const isNetwork = kinds.some((kind) => kind === "rndis" || kind === "ecm" || kind === "ncm");
  // Too new for the tables of this kernel's serial drivers, it would be taken for a router.
  if (isNetwork && vendor !== undefined && kinds.includes("vendor"))
    return {
      is: "incomplete",
      lacks: "control",
      because: `${vendor}, with vendor-specific interfaces beside the network`,
    };
  if (isNetwork && vendor !== undefined)
    return { is: "router", net: netOf(device, undefined), because: `${vendor}, and nothing but a network function` };
  if (portsOf(device).some(({ port }) => port.kind === "tty"))
    return { is: "serial", because: "no other interface and no table says that it is a modem" };
  return { is: "unrelated" };
}

export function verdictOf(device: DeviceSnapshot, rows: readonly DeviceRow[] = []): Verdict {
  const row = rowOf(rows, device);
  if (row?.modem === false) return { is: "ignored", because: row.because };
  const proof = proofOfModem(device, row);
  return proof === undefined ? otherVerdict(device) : modemVerdict(device, row, proof);
}
