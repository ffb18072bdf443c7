/** What keeps a device from working, or from working fully, and what a person can do about it. */
import type { ModemVerdict } from "./ask.js";
import { stillComing } from "./coming.js";
import { driverFindings } from "./driver-findings.js";
import type { ExplainOptions, Finding, Severity } from "./finding.js";
import { kernelDriver } from "./kernel-drivers.js";
import { storageSwitch } from "./models.js";
import { type DeviceSnapshot, idsOf, type PortSnapshot, portPath, portsOf } from "./snapshot.js";
import type { Verdict } from "./verdict.js";

const graveness: readonly Severity[] = ["blocks", "limits", "note"];

/** Gravest first. `composition`: what the device shows now, in a word. */
export function findingsOf(
  device: DeviceSnapshot,
  verdict: Verdict,
  composition: string,
  options: ExplainOptions,
): readonly Finding[] {
  const all = [
    ...ofVerdict(device, verdict, composition, options),
    ...ofPorts(verdict, options),
    ...ofProtocol(device, verdict, options),
    ...ofComing(device, verdict, options),
    ...driverFindings(device, verdict, options),
  ];
  return [...all].sort((a, b) => graveness.indexOf(a.severity) - graveness.indexOf(b.severity));
}

function ofVerdict(
  device: DeviceSnapshot,
  verdict: Verdict,
  composition: string,
  { switchFailure }: ExplainOptions,
): readonly Finding[] {
  switch (verdict.is) {
    case "storage":
      return [stillDisc(device, switchFailure)];
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

function stillDisc(device: DeviceSnapshot, switchFailure: string | undefined): Finding {
  const { because, command } = storageSwitch(device);
  const text = `it shows itself as a disc with drivers, not as a modem (${because})`;
  const tried = switchFailure === undefined ? "" : `; it was to be made one: ${switchFailure}`;
  return { code: "storage-mode", severity: "blocks", text: `${text}${tried}`, remedy: command };
}

const lacksNetwork = (composition: string): Finding => ({
  code: "no-network-interface",
  severity: "blocks",
  text: `its ${composition} control device is there, its network interface is not: it is in another network namespace, or the driver failed to make it`,
  remedy: "run wwand in the namespace that has the interface, or see dmesg for the driver's complaint",
});

/** Only of a modem: no port of others is opened, so nothing can be in the way. What is not driven misses an answer at most. */
function ofPorts(verdict: Verdict, { protocols }: ExplainOptions): readonly Finding[] {
  if (verdict.is !== "modem") return [];
  const { protocol, control, at } = verdict;
  const others = at.filter(({ name }) => name !== control.name);
  return [
    ...portFinding(control, protocols.has(protocol) ? "blocks" : "limits"),
    ...others.flatMap((port) => portFinding(port, "note")),
  ];
}

function portFinding(port: PortSnapshot, severity: Severity): readonly Finding[] {
  const path = portPath(port);
  if (port.holder !== undefined)
    return [
      {
        code: "held",
        severity,
        text: `${port.holder} holds ${path}`,
        // A serial port besides the control port is likely to be held for a good reason.
        remedy:
          severity === "note"
            ? ""
            : `stop ${port.holder.split(" ")[0] ?? "it"}, or leave the device to it: [[device]] with modem = false in wwand.toml`,
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

function ofProtocol(
  device: DeviceSnapshot,
  verdict: Verdict,
  { protocols, answered }: ExplainOptions,
): readonly Finding[] {
  if (verdict.is !== "modem") return [];
  const { protocol, control } = verdict;
  const silent: readonly Finding[] =
    answered?.failure === undefined
      ? []
      : [
          {
            code: "probe-failed",
            severity: "limits",
            text: `it did not say who it is: ${answered.failure}`,
            remedy: "",
          },
        ];
  if (protocols.has(protocol)) return [...silent, ...ofOtherProtocol(device, verdict)];
  const driven = [...protocols].map((one) => one.toUpperCase()).join(" and ");
  return [
    {
      code: "protocol-not-built",
      severity: "blocks",
      text: `it speaks ${protocol.toUpperCase()} on ${portPath(control)}: protocol ${protocol}: driver not built yet, only ${driven}`,
      remedy: "",
    },
    ...silent,
  ];
}

/** The packets go as the bound driver frames them, whatever the control port speaks. */
function ofOtherProtocol(device: DeviceSnapshot, { protocol, control }: ModemVerdict): readonly Finding[] {
  const driver = portsOf(device).find(({ port }) => port.name === control.name)?.at.driver;
  const usual = control.kind !== "wdm" || driver === undefined ? undefined : kernelDriver(driver)?.speaks;
  if (usual === undefined || usual === protocol) return [];
  return [
    {
      code: "other-protocol",
      severity: "limits",
      text: `${driver} is bound to it, which is for ${usual.toUpperCase()}, but it answers ${protocol.toUpperCase()}: packets may not pass`,
      remedy: "see which composition the modem is in",
    },
  ];
}

function ofComing(device: DeviceSnapshot, verdict: Verdict, { isLate }: ExplainOptions): readonly Finding[] {
  if (isLate || verdict.is === "modem") return [];
  return stillComing(device).map((text) => ({ code: "still-coming", severity: "note", text, remedy: "" }));
}
