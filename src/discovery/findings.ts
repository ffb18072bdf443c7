/** What keeps a device from working, or from working fully, and what a person can do about it. */
import { stillComing } from "./coming.js";
import { type InterfaceKind, interfaceKind, kindText } from "./interface-kind.js";
import { kernelDriver, type Protocol } from "./kernel-drivers.js";
import { storageSwitch } from "./models.js";
import {
  type DeviceSnapshot,
  type InterfaceSnapshot,
  idsOf,
  type KernelSnapshot,
  type PortSnapshot,
  portPath,
  portsOf,
  tripleOf,
} from "./snapshot.js";
import type { DeviceRow, Verdict } from "./verdict.js";

/** `blocks`: no service before it is mended. `limits`: service without this. `note`: good to know. */
export type Severity = "blocks" | "limits" | "note";

export type FindingCode =
  | "no-driver"
  | "no-modules"
  | "no-network-interface"
  | "storage-mode"
  | "router"
  | "not-proven"
  | "ignored"
  | "held"
  | "denied"
  | "no-node"
  | "protocol-not-built"
  | "probe-failed"
  | "still-coming";

export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** One sentence without a full stop. */
  readonly text: string;
  /** What a person can do; empty when nothing. */
  readonly remedy: string;
}

export interface ExplainOptions {
  readonly kernel: KernelSnapshot;
  readonly rows?: readonly DeviceRow[];
  /** Protocols that a driver here speaks. */
  readonly protocols: ReadonlySet<Protocol>;
  /** Nobody waits for it any more: what is missing now counts as missing. */
  readonly isLate: boolean;
  /** What asking the control port ended with, when it failed. */
  readonly probeFailure?: string | undefined;
}

/** Kinds that a modem's service needs; others are nice to have a driver for, or not even that. */
const essential: readonly InterfaceKind[] = ["mbim", "qmi", "modem", "at", "ncm", "ecm", "rndis"];

/**
 * The module that would bind an interface: of those that know it the one that usually serves such an interface (tables of
 * serial drivers often have a whole device), else the first; empty when none is known.
 */
export function missingModule(device: DeviceSnapshot, { driver, modules, ...rest }: InterfaceSnapshot): string {
  if (driver !== undefined) return "";
  const usual = interfaceKind(device, { modules, ...rest }).module;
  const known = modules.find(({ name }) => name === usual) ?? modules[0];
  return known?.name ?? usual ?? "";
}

const graveness: readonly Severity[] = ["blocks", "limits", "note"];

/** Gravest first. `composition`: what the device shows now, in a word. */
export function findingsOf(
  device: DeviceSnapshot,
  verdict: Verdict,
  composition: string,
  options: ExplainOptions,
): readonly Finding[] {
  const all = [
    ...ofVerdict(device, verdict, composition),
    ...ofPorts(device, verdict, options),
    ...ofProtocol(verdict, options),
    ...ofComing(device, verdict, options),
    ...ofDrivers(device, verdict, options),
  ];
  return [...all].sort((a, b) => graveness.indexOf(a.severity) - graveness.indexOf(b.severity));
}

function ofVerdict(device: DeviceSnapshot, verdict: Verdict, composition: string): readonly Finding[] {
  switch (verdict.is) {
    case "storage": {
      const { because, command } = storageSwitch(device);
      const text = `it shows itself as a disc with drivers, not as a modem (${because})`;
      return [{ code: "storage-mode", severity: "blocks", text, remedy: command }];
    }
    case "router":
      return [
        {
          code: "router",
          severity: "blocks",
          text: `it is a router by itself (${verdict.because}): there is no modem to drive`,
          remedy: verdict.net
            ? `use ${verdict.net.name} as an uplink with match.name, configured by DHCP`
            : "give its network function a driver, then use its interface as an uplink",
        },
      ];
    case "serial":
      return [
        {
          code: "not-proven",
          severity: "blocks",
          text: "nothing proves that its serial port is a modem's, so not one byte is sent to it",
          remedy: `if it is a modem: [[device]] ids = "${idsOf(device)}", modem = true, because = "..." in wwand.toml`,
        },
      ];
    case "ignored":
      return [
        {
          code: "ignored",
          severity: "blocks",
          text: `[[device]] in wwand.toml leaves it alone: ${verdict.because}`,
          remedy: "",
        },
      ];
    case "incomplete":
      return verdict.lacks === "net" ? [lacksNetwork(composition)] : [];
    case "modem":
    case "unrelated":
      return [];
  }
}

const lacksNetwork = (composition: string): Finding => ({
  code: "no-network-interface",
  severity: "blocks",
  text: `its ${composition} control device is there, its network interface is not: it is in another network namespace, or the driver failed to make it`,
  remedy: "run wwand in the namespace that has the interface, or see dmesg for the driver's complaint",
});

/** Only of a modem that is driven: no port of others is opened, so nothing can be in the way. */
function ofPorts(device: DeviceSnapshot, verdict: Verdict, { protocols }: ExplainOptions): readonly Finding[] {
  if (verdict.is !== "modem" || !protocols.has(verdict.protocol)) return [];
  return portsOf(device).flatMap(({ port }) => portFinding(port, port === verdict.control ? "blocks" : "limits"));
}

function portFinding(port: PortSnapshot, severity: Severity): readonly Finding[] {
  const path = portPath(port);
  if (port.holder !== undefined)
    return [
      {
        code: "held",
        severity,
        text: `${port.holder} holds ${path}`,
        remedy: `stop ${port.holder.split(" ")[0] ?? "it"}, or leave the device to it: [[device]] with modem = false in wwand.toml`,
      },
    ];
  if (port.access === "denied")
    return [
      {
        code: "denied",
        severity,
        text: `wwand may not open ${path}`,
        remedy: `run as root, or allow it: ls -l ${path}`,
      },
    ];
  if (port.access === "no node")
    return [
      {
        code: "no-node",
        severity,
        text: `the kernel has ${port.name}, but there is no ${path}`,
        remedy: "mount devtmpfs on /dev, or let the container have the device",
      },
    ];
  return [];
}

function ofProtocol(verdict: Verdict, { protocols, probeFailure }: ExplainOptions): readonly Finding[] {
  if (verdict.is !== "modem") return [];
  const { protocol, control } = verdict;
  if (!protocols.has(protocol))
    return [
      {
        code: "protocol-not-built",
        severity: "blocks",
        text: `it speaks ${protocol.toUpperCase()} on ${portPath(control)}: protocol ${protocol}: driver not built yet`,
        remedy: "",
      },
    ];
  if (probeFailure === undefined) return [];
  return [{ code: "probe-failed", severity: "limits", text: `it did not say who it is: ${probeFailure}`, remedy: "" }];
}

function ofComing(device: DeviceSnapshot, verdict: Verdict, { isLate }: ExplainOptions): readonly Finding[] {
  if (isLate || verdict.is === "modem") return [];
  return stillComing(device).map((text) => ({ code: "still-coming", severity: "note", text, remedy: "" }));
}

function ofDrivers(device: DeviceSnapshot, verdict: Verdict, options: ExplainOptions): readonly Finding[] {
  const wanted = verdict.is === "modem" || verdict.is === "incomplete" || verdict.is === "router";
  if (!wanted) return [];
  const unbound = device.interfaces.filter(({ driver }) => driver === undefined);
  const findings = unbound.map((found) => driverFinding(device, found, verdict, options));
  const needsModules = findings.some(({ code, severity }) => code === "no-driver" && severity !== "note");
  return options.kernel.modules !== "missing" || !needsModules
    ? findings
    : [noModules(options.kernel, verdict), ...findings];
}

function driverFinding(
  device: DeviceSnapshot,
  found: InterfaceSnapshot,
  verdict: Verdict,
  { kernel, isLate }: ExplainOptions,
): Finding {
  const { kind } = interfaceKind(device, found);
  const module = missingModule(device, found);
  const config = kernelDriver(module)?.config ?? "";
  const useful = essential.includes(kind) || (verdict.is === "incomplete" && module !== "");
  const severity = !useful ? "note" : verdict.is === "modem" ? "limits" : "blocks";
  const text = `interface ${found.number} (${tripleOf(found)}, ${kindText(kind)}) has no driver`;
  return { code: "no-driver", severity, ...missingDriver(text, module, config, found, kernel, isLate) };
}

function missingDriver(
  text: string,
  module: string,
  config: string,
  found: InterfaceSnapshot,
  kernel: KernelSnapshot,
  isLate: boolean,
): Pick<Finding, "text" | "remedy"> {
  const option = config === "" ? "" : ` (${config})`;
  const known = found.modules.find(({ name }) => name === module);
  if (module === "") return { text: `${text}, and no module of kernel ${kernel.release} knows it`, remedy: "" };
  if (known === undefined && kernel.modules === "missing")
    return { text: `${text}: ${module}${option} would bind it`, remedy: `build the kernel with ${config}=m or =y` };
  if (known === undefined)
    return {
      text: `${text}: ${module}${option} usually binds it, but no module of kernel ${kernel.release} knows it`,
      remedy: `install or build ${module}${option} for kernel ${kernel.release}, then: depmod && modprobe ${module}`,
    };
  if (known.state === "live")
    return { text: `${text}: ${module} is loaded and refused it`, remedy: "see dmesg for the driver's reason" };
  const nobody = isLate ? "nobody has loaded it" : "it is not loaded yet";
  return { text: `${text}: ${module}${option} would bind it, and ${nobody}`, remedy: `modprobe ${module}` };
}

function noModules({ release, otherReleases }: KernelSnapshot, verdict: Verdict): Finding {
  const others = otherReleases.length === 0 ? "is empty or missing" : `has only ${otherReleases.join(", ")}`;
  return {
    code: "no-modules",
    severity: verdict.is === "modem" ? "limits" : "blocks",
    text: `no modules of the running kernel ${release} are installed: /lib/modules ${others}`,
    remedy: `install the modules that were built with this kernel as /lib/modules/${release} and run depmod`,
  };
}
