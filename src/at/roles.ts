/** What each serial port of a device is for: answers decide, the vendor's own map goes before tables, tables are hints. */
import type { HuaweiPorts } from "./replies/getportmode.js";

/** `primary`: commands and news. `secondary`: more of it. `data`: dialled connections, commands at need. `none`: leave it. */
export type PortRole = "primary" | "secondary" | "data" | "nmea" | "diagnostics" | "none";

/** What somebody knows beforehand. */
export interface RoleHint {
  readonly role: Exclude<PortRole, "secondary" | "none">;
  readonly because: string;
}

export interface PortFacts {
  /** Of the USB interface. */
  readonly number: number;
  /** `silent`: it was asked. */
  readonly heard: "at" | "nmea" | "silent" | "not asked";
  readonly hint?: RoleHint | undefined;
}

export interface AssignedRole {
  readonly number: number;
  readonly role: PortRole;
  readonly because: string;
}

/** Names in `^GETPORTMODE`. Others (NDIS, CDROM, SD, ...) are no serial ports. */
const huaweiNames: Readonly<Record<string, RoleHint["role"]>> = {
  MDM: "data",
  MODEM: "data",
  "4G MODEM": "data",
  PCUI: "primary",
  "4G PCUI": "primary",
  DIAG: "diagnostics",
  "4G DIAG": "diagnostics",
  GPS: "nmea",
};

function huaweiHints(ports: HuaweiPorts): ReadonlyMap<number, RoleHint> {
  const hints = new Map<number, RoleHint>();
  for (const [name, number] of ports) {
    const role = huaweiNames[name];
    if (role !== undefined) hints.set(number, { role, because: `^GETPORTMODE says ${name}` });
  }
  return hints;
}

/** A role that needs no second port: commands never go to a data port while another answers. */
export function portRoles(ports: readonly PortFacts[], map: HuaweiPorts = new Map()): readonly AssignedRole[] {
  const byVendor = huaweiHints(map);
  const known = [...ports]
    .sort((a, b) => a.number - b.number)
    .map((port) => ({ ...port, hint: byVendor.get(port.number) ?? port.hint }));
  const speaking = known.filter(({ heard }) => heard === "at");
  const primary =
    speaking.find(({ hint }) => hint?.role === "primary") ??
    speaking.find(({ hint }) => hint?.role !== "data") ??
    speaking[0];
  return known.map((port) => ({ number: port.number, ...roleOf(port, primary?.number) }));
}

function roleOf(port: PortFacts, primary: number | undefined): Omit<AssignedRole, "number"> {
  const { heard, hint, number } = port;
  if (heard === "nmea") return { role: "nmea", because: "it sends positions" };
  if (heard !== "at") return unheard(port);
  if (number === primary) {
    if (hint?.role === "primary") return { role: "primary", because: hint.because };
    const instead = hint === undefined ? "" : `, although: ${hint.because}`;
    return { role: "primary", because: `the first that answers AT commands${instead}` };
  }
  if (hint?.role === "data") return { role: "data", because: hint.because };
  return { role: "secondary", because: "it answers AT commands as well" };
}

function unheard({ heard, hint }: PortFacts): Omit<AssignedRole, "number"> {
  if (hint?.role === "diagnostics" || hint?.role === "nmea") return { role: hint.role, because: hint.because };
  if (heard === "not asked") return { role: "none", because: "it was not asked" };
  const expected = hint === undefined ? "" : `, although: ${hint.because}`;
  return { role: "none", because: `it does not answer AT commands${expected}` };
}
