/** A device in words: what it is, what keeps it from working, and what to do. Data for log, bus and wwanctl alike. */

import type { ModemVerdict } from "./ask.js";
import { otherCompositions } from "./compositions.js";
import { missingModule } from "./driver-findings.js";
import type { ExplainOptions, Finding } from "./finding.js";
import { findingsOf } from "./findings.js";
import { type InterfaceKind, interfaceKind, kindText } from "./interface-kind.js";
import { kernelDriver } from "./kernel-drivers.js";
import { type PortReport, portReports, verdictByAnswers } from "./port-reports.js";
import {
  type DeviceSnapshot,
  type InterfaceSnapshot,
  idsOf,
  type ModuleState,
  portPath,
  tripleOf,
} from "./snapshot.js";
import { rowOf, type Verdict, verdictOf } from "./verdict.js";

export interface InterfaceReport {
  readonly number: number;
  /** `ff/03/31` */
  readonly triple: string;
  readonly kind: InterfaceKind;
  readonly what: string;
  readonly driver: string;
  /** The module that would bind it; empty while one is bound or when none is known. */
  readonly module: string;
  /** The kernel option that makes the module. */
  readonly config: string;
  /** Whether the running kernel has the module: `missing` has no file of it. Empty where there is no module to speak of. */
  readonly moduleState: ModuleState | "missing" | "";
  readonly ports: readonly string[];
}

export interface CompositionReport {
  /** What the device shows now. */
  readonly now: string;
  readonly others: readonly { readonly name: string; readonly ids: string; readonly commands: readonly string[] }[];
  /** Of switching; empty where nobody knows how. */
  readonly risk: string;
  /** Who says that this model has these. */
  readonly source: string;
}

export interface DeviceReport {
  readonly device: DeviceSnapshot;
  readonly verdict: Verdict;
  /** One line for a list. */
  readonly summary: string;
  /** Gravest first. */
  readonly findings: readonly Finding[];
  readonly interfaces: readonly InterfaceReport[];
  /** Of a modem: its control port and serial ports. */
  readonly ports: readonly PortReport[];
  readonly composition: CompositionReport;
}

export function explain(device: DeviceSnapshot, options: ExplainOptions): DeviceReport {
  const guessed = verdictOf(device, options.rows);
  const { verdict, ports } =
    guessed.is === "modem" ? byAnswers(device, guessed, options) : { verdict: guessed, ports: [] };
  const interfaces = device.interfaces.map((found) => interfaceReport(device, found));
  const composition = compositionOf(device, options.answered?.model ?? "");
  const findings = verdict.is === "unrelated" ? [] : findingsOf(device, verdict, composition.now, options);
  return { device, verdict, summary: summaryOf(device, verdict, findings), findings, interfaces, ports, composition };
}

function byAnswers(
  device: DeviceSnapshot,
  guessed: ModemVerdict,
  { rows = [], answered, heard = new Map() }: ExplainOptions,
): Pick<DeviceReport, "verdict" | "ports"> {
  const protocol = answered?.protocol ?? guessed.protocol;
  const ports = portReports(device, { ...guessed, protocol }, rowOf(rows, device), heard);
  return { verdict: verdictByAnswers(guessed, protocol, ports), ports };
}

/** `Sierra EM7565 (1199:9091) at usb 1-1.4` */
export function deviceText({ bus, address, manufacturer, model, ...ids }: DeviceSnapshot): string {
  // Most vendors begin the name of the model with their own.
  const [vendor = ""] = manufacturer.split(/[ ,]/);
  const name = model.startsWith(vendor) ? model : `${manufacturer} ${model}`.trim();
  return `${name === "" ? "" : `${name} `}(${idsOf(ids)}) at ${bus} ${address}`;
}

function interfaceReport(device: DeviceSnapshot, found: InterfaceSnapshot): InterfaceReport {
  const kind = interfaceKind(device, found);
  const module = missingModule(device, found);
  const state = found.modules.find(({ name }) => name === module)?.state;
  return {
    number: found.number,
    triple: tripleOf(found),
    kind: kind.kind,
    what: kindText(kind.kind),
    driver: found.driver ?? "",
    module,
    config: kernelDriver(module)?.config ?? "",
    moduleState: module === "" ? "" : (state ?? "missing"),
    ports: found.ports.map(portPath),
  };
}

const compositionNames: readonly (readonly [kind: InterfaceKind, name: string])[] = [
  ["mbim", "MBIM"],
  ["qmi", "QMI"],
  ["ncm", "NCM"],
  ["ecm", "ECM"],
  ["rndis", "RNDIS"],
  ["storage", "storage"],
];

function compositionOf(device: DeviceSnapshot, said: string): CompositionReport {
  const kinds = device.interfaces.map((found) => interfaceKind(device, found).kind);
  const now = compositionNames.find(([kind]) => kinds.includes(kind))?.[1] ?? "serial ports only";
  const other = otherCompositions(device, said, now);
  return {
    now,
    others: (other?.choices ?? []).map(({ name, ids, commands }) => ({ name, ids: ids ?? idsOf(device), commands })),
    risk: other?.risk ?? "",
    source: other?.source ?? "",
  };
}

function summaryOf(device: DeviceSnapshot, verdict: Verdict, findings: readonly Finding[]): string {
  const [first] = findings.filter(({ severity }) => severity === "blocks");
  const what = first?.text ?? whatItIs(verdict);
  return `${deviceText(device)}: ${what}`;
}

function whatItIs(verdict: Verdict): string {
  if (verdict.is !== "modem")
    return verdict.is === "incomplete" ? `a modem (${verdict.because}) without usable ports` : verdict.is;
  const { protocol, control, net } = verdict;
  const by = net === undefined ? "" : ` with ${net.name}`;
  return `${protocol.toUpperCase()} modem on ${portPath(control)}${by}`;
}
