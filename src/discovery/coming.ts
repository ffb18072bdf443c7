/**
 * What the kernel may still add to a device. Most of it sysfs tells: interfaces that are missing, modules in their
 * initialisation, drivers without their ports. What it cannot tell is whether anybody will load a module that is there
 * (udevd, procd, an administrator) and whether a port was made in another network namespace: hence `lateMs`.
 */
import { expectedPorts } from "./kernel-drivers.js";
import type { DeviceSnapshot, InterfaceSnapshot } from "./snapshot.js";

/**
 * So long after its last change a device is taken as it is. It covers udevd loading a module on a slow, booting machine;
 * what comes later is taken, too, when it comes.
 */
export const lateMs = 10_000;

/** What is still to come, in words; empty when the kernel has finished with this device. */
export function stillComing(device: DeviceSnapshot): readonly string[] {
  const { interfaces, interfaceCount } = device;
  // A device without configuration is one that the kernel has just begun with.
  if (interfaceCount === 0) return ["the kernel has not configured the device yet"];
  const missing =
    interfaces.length < interfaceCount ? [`${interfaces.length} of ${interfaceCount} interfaces are there`] : [];
  return [...missing, ...interfaces.flatMap(interfaceComing)];
}

function interfaceComing(found: InterfaceSnapshot): readonly string[] {
  const { number, driver, modules, ports } = found;
  if (driver === undefined) {
    const waiting = modules.find(({ state }) => state !== "live");
    if (waiting === undefined) return [];
    const doing = waiting.state === "coming" ? "is being initialised" : "is there and not loaded yet";
    return [`interface ${number}: module ${waiting.name} ${doing}`];
  }
  const lacking = expectedPorts(found).filter((kind) => !ports.some((port) => port.kind === kind));
  const names = { tty: "serial port", wdm: "control device", net: "network interface", wwan: "control port" } as const;
  return lacking.map((kind) => `interface ${number}: ${driver} has not made its ${names[kind]} yet`);
}
