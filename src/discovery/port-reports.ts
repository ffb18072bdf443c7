/** The ports of a modem, what each is for, and who says so. */
import { type HeardPorts, type ModemVerdict, obstacle } from "./ask.js";
import { type InterfaceKind, interfaceKind } from "./interface-kind.js";
import { type HeardPort, type Hearing, type PortRole, portRoles, type RoleHint } from "./port-roles.js";
import { type DeviceSnapshot, type InterfaceSnapshot, type PortSnapshot, portsOf } from "./snapshot.js";
import type { DeviceRow, PortRole as GivenRole } from "./verdict.js";

export interface PortReport {
  readonly port: PortSnapshot;
  /** `control`: MBIM or QMI. */
  readonly role: PortRole | "control";
  readonly because: string;
}

const rolesOfKinds: Readonly<Partial<Record<InterfaceKind, RoleHint["role"]>>> = {
  at: "primary",
  modem: "data",
  nmea: "nmea",
  diagnostics: "diagnostics",
};

const givenRoles: Readonly<Record<GivenRole, RoleHint["role"]>> = {
  at: "primary",
  modem: "data",
  nmea: "nmea",
  diagnostics: "diagnostics",
  ignore: "none",
};

function hintOf(device: DeviceSnapshot, at: InterfaceSnapshot, row: DeviceRow | undefined): RoleHint | undefined {
  const given = row?.ports?.[at.number];
  if (row !== undefined && given !== undefined)
    return { role: givenRoles[given], because: `[[device]] in wwand.toml: ${row.because}`, isUsers: true };
  const { kind, because } = interfaceKind(device, at);
  const role = rolesOfKinds[kind];
  return role && { role, because };
}

function hearingOf(port: PortSnapshot, hint: RoleHint | undefined, heard: HeardPorts): Hearing {
  const known = heard.get(port.name);
  if (known !== undefined) return known;
  const inTheWay = obstacle(port) ?? (hint?.role === "none" ? hint.because : undefined);
  return { is: "not asked", because: inTheWay ?? "not yet, or nothing says that it takes AT commands" };
}

export function portReports(
  device: DeviceSnapshot,
  verdict: ModemVerdict,
  row: DeviceRow | undefined,
  heard: HeardPorts,
): readonly PortReport[] {
  const serial = portsOf(device).filter(({ port }) => port.kind === "tty" || heard.has(port.name));
  const facts = serial.map(({ port, at }): HeardPort => {
    const hint = hintOf(device, at, row);
    return { name: port.name, number: at.number, heard: hearingOf(port, hint, heard), hint };
  });
  const map = [...heard.values()].find(({ answer }) => answer?.vendorMap !== undefined)?.answer?.vendorMap;
  const roles = portRoles(facts, map).flatMap(({ name, role, because }): readonly PortReport[] => {
    const found = serial.find(({ port }) => port.name === name);
    return found === undefined ? [] : [{ port: found.port, role, because }];
  });
  const { protocol, control } = verdict;
  if (protocol === "at") return roles;
  return [{ port: control, role: "control", because: protocol.toUpperCase() }, ...roles];
}

/** What is left of the verdict when the ports have spoken: the protocol that is answered, the port that takes commands. */
export function verdictByAnswers(
  verdict: ModemVerdict,
  protocol: ModemVerdict["protocol"],
  ports: readonly PortReport[],
): ModemVerdict {
  if (protocol !== "at") return { ...verdict, protocol };
  return { ...verdict, protocol, control: ports.find(({ role }) => role === "primary")?.port ?? verdict.control };
}
