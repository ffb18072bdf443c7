/** Interfaces without a driver: which module would bind them, whether the running kernel has it, how it gets there. */
import type { ExplainOptions, Finding, Severity } from "./finding.js";
import { type InterfaceKind, interfaceKind, kindText } from "./interface-kind.js";
import { kernelDriver } from "./kernel-drivers.js";
import {
  type DeviceSnapshot,
  type InterfaceSnapshot,
  type KernelSnapshot,
  type ModuleState,
  tripleOf,
} from "./snapshot.js";
import type { Verdict } from "./verdict.js";

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

export function driverFindings(device: DeviceSnapshot, verdict: Verdict, options: ExplainOptions): readonly Finding[] {
  const wanted = verdict.is === "modem" || verdict.is === "incomplete" || verdict.is === "router";
  if (!wanted) return [];
  const missing = new Map<string, Missing & { readonly interfaces: InterfaceSnapshot[] }>();
  for (const found of device.interfaces.filter(({ driver }) => driver === undefined)) {
    const module = missingModule(device, found);
    const severity = severityOf(device, found, verdict);
    const key = `${severity} ${module}`;
    const group = missing.get(key) ?? {
      module,
      severity,
      state: found.modules.find(({ name }) => name === module)?.state,
      interfaces: [],
    };
    group.interfaces.push(found);
    missing.set(key, group);
  }
  const findings = [...missing.values()].map((group) => driverFinding(device, group, options));
  const needsModules = findings.some(({ severity }) => severity !== "note");
  return options.kernel.modules !== "missing" || !needsModules
    ? findings
    : [noModules(options.kernel, verdict), ...findings];
}

/** One module, or none that is known, and all interfaces that it would bind. */
interface Missing {
  readonly module: string;
  readonly severity: Severity;
  /** Undefined: the running kernel does not know it. */
  readonly state: ModuleState | undefined;
  readonly interfaces: readonly InterfaceSnapshot[];
}

function severityOf(device: DeviceSnapshot, found: InterfaceSnapshot, verdict: Verdict): Severity {
  const { kind } = interfaceKind(device, found);
  const mayBePort = kind === "vendor" || missingModule(device, found) !== "";
  const isUseful = essential.includes(kind) || (verdict.is === "incomplete" && mayBePort);
  if (!isUseful) return "note";
  return verdict.is === "modem" ? "limits" : "blocks";
}

function driverFinding(device: DeviceSnapshot, missing: Missing, options: ExplainOptions): Finding {
  const { interfaces, severity } = missing;
  const names = interfaces.map(
    (one) => `${one.number} (${tripleOf(one)}, ${kindText(interfaceKind(device, one).kind)})`,
  );
  const has = interfaces.length === 1 ? "has" : "have";
  const whatHasNone = `interface${interfaces.length === 1 ? "" : "s"} ${names.join(", ")} ${has} no driver`;
  return { code: "no-driver", severity, ...missingDriver(whatHasNone, device, missing, options) };
}

/** A serial driver takes ids that it does not know when it is told to. @see drivers/usb/serial/bus.c of Linux: new_id */
const newId = ({ vendor, product }: DeviceSnapshot): string =>
  `if they are serial ports: modprobe option && echo ${vendor} ${product} >/sys/bus/usb-serial/drivers/option1/new_id`;

function missingDriver(
  text: string,
  device: DeviceSnapshot,
  { module, state, severity, interfaces }: Missing,
  { kernel, isLate }: ExplainOptions,
): Pick<Finding, "text" | "remedy"> {
  const config = kernelDriver(module)?.config ?? "";
  const option = config === "" ? "" : ` (${config})`;
  const them = interfaces.length === 1 ? "it" : "them";
  if (module === "")
    return {
      text: `${text}, and no module of kernel ${kernel.release} knows ${them}`,
      remedy: severity === "blocks" ? newId(device) : "",
    };
  if (state === undefined && kernel.modules === "missing")
    return {
      text: `${text}: ${module}${option} would bind ${them}`,
      remedy: `build the kernel with ${config}=m or =y`,
    };
  if (state === undefined)
    return {
      text: `${text}: ${module}${option} usually binds ${them}, but no module of kernel ${kernel.release} knows ${them}`,
      remedy: `install or build ${module}${option} for kernel ${kernel.release}, then: depmod && modprobe ${module}`,
    };
  if (state === "live")
    return { text: `${text}: ${module} is loaded and refused ${them}`, remedy: "see dmesg for the driver's reason" };
  const nobody = isLate ? "nobody has loaded it" : "it is not loaded yet";
  return { text: `${text}: ${module}${option} would bind ${them}, and ${nobody}`, remedy: `modprobe ${module}` };
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
