/** What the daemon shows on the bus, read in one go as plain values: what `--json` prints and the tables are made from. */
import { Variant } from "../dbus/types.js";
import { masked } from "../runtime/log.js";

/** One method call on the bus; resolves with the reply's body. */
export type Call = (
  destination: string,
  path: string,
  interfaceName: string,
  member: string,
  signature?: string,
  body?: readonly unknown[],
  options?: { readonly timeoutMs?: number },
) => Promise<readonly unknown[]>;

/** Values of JSON, as the tables and `--json` see them. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };
export type PlainDict = { readonly [key: string]: Plain };

export interface ObjectSnapshot {
  readonly path: string;
  readonly properties: PlainDict;
}

export interface Snapshot {
  readonly daemon: PlainDict;
  readonly failover: PlainDict;
  readonly uplinks: readonly ObjectSnapshot[];
  readonly modems: readonly ObjectSnapshot[];
  readonly devices: readonly ObjectSnapshot[];
}

/** D-Bus values as JSON has them: variants opened, 64-bit numbers as numbers, bytes as an array. */
export function plain(value: unknown): Plain {
  if (value instanceof Variant) return plain(value.value);
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null) return plainDict(value);
  return null;
}

const plainDict = (value: object): PlainDict =>
  Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));

export const isDict = (value: Plain | undefined): value is PlainDict =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The text under `key`; empty when there is none. */
export const text = (dict: PlainDict, key: string): string => {
  const value = dict[key];
  return value === undefined || value === null || typeof value === "object" ? "" : String(value);
};

/** The list of texts under `key`; empty when there is none. */
export const texts = (dict: PlainDict, key: string): readonly string[] => {
  const value = dict[key];
  return Array.isArray(value) ? value.map(String) : [];
};

export async function managedObjects(call: Call): Promise<PlainDict> {
  const [objects] = await call("net.wwand", "/net/wwand", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects");
  return typeof objects === "object" && objects !== null ? plainDict(objects) : {};
}

type Having = (interfaceName: string) => readonly ObjectSnapshot[];

const havingIn =
  (objects: PlainDict): Having =>
  (interfaceName) =>
    Object.entries(objects).flatMap(([path, interfaces]) => {
      const properties = isDict(interfaces) ? interfaces[interfaceName] : undefined;
      return isDict(properties) ? [{ path, properties }] : [];
    });

/** What carries traffic, and what could. */
export type OnlineSnapshot = Pick<Snapshot, "failover" | "uplinks">;

const onlineOf = (having: Having): OnlineSnapshot => ({
  failover: having("net.wwand.Failover1")[0]?.properties ?? {},
  uplinks: having("net.wwand.Uplink1"),
});

/** Rejects when no daemon answers. */
export const readOnline = async (call: Call): Promise<OnlineSnapshot> => onlineOf(havingIn(await managedObjects(call)));

/** Everything on net.wwand. Rejects when no daemon answers. */
export async function readSnapshot(call: Call): Promise<Snapshot> {
  const having = havingIn(await managedObjects(call));
  const daemon = having("net.wwand.Daemon1")[0]?.properties ?? (await readDaemon(call));
  return {
    daemon,
    ...onlineOf(having),
    modems: await Promise.all(
      having("net.wwand.Modem1").map((modem) => {
        const radio = having("net.wwand.Radio1").find(({ path }) => path === modem.path)?.properties;
        const properties = radio === undefined ? modem.properties : { ...modem.properties, Radio: radio };
        return withOfono(call, { path: modem.path, properties });
      }),
    ),
    devices: having("net.wwand.Device1"),
  };
}

/** The object manager's own object is not among the objects that it manages. */
export async function readDaemon(call: Call): Promise<PlainDict> {
  const [properties] = await call("net.wwand", "/net/wwand", "org.freedesktop.DBus.Properties", "GetAll", "s", [
    "net.wwand.Daemon1",
  ]);
  return typeof properties === "object" && properties !== null ? plainDict(properties) : {};
}

const ofonoParts = ["Modem", "SimManager", "NetworkRegistration", "ConnectionManager"] as const;

/** Adds what org.ofono shows of the same modem; a part that the modem's level does not have is left out. */
async function withOfono(call: Call, modem: ObjectSnapshot): Promise<ObjectSnapshot> {
  const path = text(modem.properties, "OfonoPath");
  const entries = await Promise.all(
    ofonoParts.map(async (part): Promise<readonly [string, Plain][]> => {
      const reply = await call("org.ofono", path, `org.ofono.${part}`, "GetProperties").catch(() => undefined);
      const properties = reply?.[0];
      return typeof properties === "object" && properties !== null ? [[part, maskedPart(plainDict(properties))]] : [];
    }),
  );
  return { path: modem.path, properties: { ...modem.properties, ...Object.fromEntries(entries.flat()) } };
}

const identities = ["Serial", "CardIdentifier", "SubscriberIdentity", "SubscriberNumbers"];

/** Identities do not belong into a terminal that somebody photographs; the bus has them for who needs them. */
const maskedPart = (properties: PlainDict): PlainDict =>
  Object.fromEntries(
    Object.entries(properties).map(([key, value]) => [key, identities.includes(key) ? maskedPlain(value) : value]),
  );

const maskedPlain = (value: Plain): Plain => {
  if (typeof value === "string") return masked(value);
  return Array.isArray(value) ? value.map(maskedPlain) : value;
};
