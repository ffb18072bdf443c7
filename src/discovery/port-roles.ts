/** What each serial port of a device is for: answers decide, the vendor's own map goes before tables, tables are hints. */

/** `primary`: commands and news. `secondary`: more of it. `data`: dialled connections, commands at need. `none`: leave it. */
export type PortRole = "primary" | "secondary" | "data" | "nmea" | "diagnostics" | "none";

/** What somebody knows beforehand. */
export interface RoleHint {
  readonly role: Exclude<PortRole, "secondary">;
  readonly because: string;
  /** A user's word goes before the vendor's. */
  readonly isUsers?: true;
}

/** What asking a port ended with. */
export type Hearing =
  /** It answers AT commands. */
  | { readonly is: "at" }
  /** It sends positions by itself. */
  | { readonly is: "nmea" }
  | { readonly is: "silent" }
  /** Not one byte was sent to it. */
  | { readonly is: "not asked"; readonly because: string };

export interface HeardPort {
  /** The kernel's name. */
  readonly name: string;
  /** Of the USB interface. */
  readonly number: number;
  readonly heard: Hearing;
  readonly hint?: RoleHint | undefined;
}

export interface AssignedRole {
  readonly name: string;
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

function vendorHints(map: ReadonlyMap<string, number>): ReadonlyMap<number, RoleHint> {
  const hints = new Map<number, RoleHint>();
  for (const [name, number] of map) {
    const role = Object.hasOwn(huaweiNames, name) ? huaweiNames[name] : undefined;
    if (role !== undefined) hints.set(number, { role, because: `^GETPORTMODE says ${name}` });
  }
  return hints;
}

/**
 * By interface number. Commands never go to a data port while another answers.
 * @param map Huawei's `^GETPORTMODE`
 */
export function portRoles(
  ports: readonly HeardPort[],
  map: ReadonlyMap<string, number> = new Map(),
): readonly AssignedRole[] {
  const byVendor = vendorHints(map);
  const hintOf = ({ hint, number }: HeardPort) => (hint?.isUsers === true ? hint : (byVendor.get(number) ?? hint));
  const known = [...ports].sort((a, b) => a.number - b.number).map((port) => ({ ...port, hint: hintOf(port) }));
  const speaking = known.filter(({ heard }) => heard.is === "at");
  const primary =
    speaking.find(({ hint }) => hint?.role === "primary") ??
    speaking.find(({ hint }) => hint?.role !== "data") ??
    speaking[0];
  return known.map((port) => ({ name: port.name, ...roleOf(port, port === primary) }));
}

function roleOf(port: HeardPort, isPrimary: boolean): Omit<AssignedRole, "name"> {
  const { heard, hint } = port;
  if (heard.is === "nmea") return { role: "nmea", because: "it sends positions" };
  if (heard.is !== "at") return unheard(heard, hint);
  if (isPrimary) {
    if (hint?.role === "primary") return { role: "primary", because: hint.because };
    const instead = hint === undefined ? "" : `, although: ${hint.because}`;
    return { role: "primary", because: `the first that answers AT commands${instead}` };
  }
  if (hint?.role === "data") return { role: "data", because: hint.because };
  return { role: "secondary", because: "it answers AT commands as well" };
}

function unheard(heard: Hearing, hint: RoleHint | undefined): Omit<AssignedRole, "name"> {
  if (hint?.role === "diagnostics" || hint?.role === "nmea") return { role: hint.role, because: hint.because };
  if (heard.is === "not asked") return { role: "none", because: `it was not asked: ${heard.because}` };
  const expected = hint === undefined ? "" : `, although: ${hint.because}`;
  return { role: "none", because: `it does not answer AT commands${expected}` };
}
