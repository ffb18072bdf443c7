/** Services and technologies of net.connman as values. @see ConnMan's doc/service-api.txt, doc/technology-api.txt */
import { plain } from "../dbus/interfaces/recording-client.js";

export type Properties = Readonly<Record<string, unknown>>;

export type ServiceState = "idle" | "failure" | "association" | "configuration" | "ready" | "disconnect" | "online";

export interface ConnmanService {
  /** `cellular_001010123456789_context1`: the last element of its path. */
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly state: ServiceState;
  readonly error: string | undefined;
  readonly favorite: boolean;
  readonly autoConnect: boolean;
  readonly roaming: boolean;
  readonly strength: number | undefined;
  /** Method, Address, Netmask, Gateway as far as known. */
  readonly ipv4: Properties;
  /** Method, Address, PrefixLength, Gateway, Privacy as far as known. */
  readonly ipv6: Properties;
  readonly nameservers: readonly string[];
  /** `Interface` of its Ethernet property. */
  readonly interfaceName: string | undefined;
}

export interface ConnmanTechnology {
  readonly type: string;
  readonly powered: boolean;
  readonly connected: boolean;
}

/** The last element of an object path. */
export const last = (path: string): string => path.split("/").pop() ?? "";

export const propertiesOf = (value: unknown): Properties => Object.fromEntries(Object.entries(Object(plain(value))));

/** An array of (path, properties). */
export const listed = (value: unknown): readonly (readonly [string, Properties])[] =>
  (Array.isArray(value) ? value : []).map(([path, properties]) => [last(String(path)), propertiesOf(properties)]);

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

export function serviceOf(id: string, of: Properties): ConnmanService {
  const strength = of.Strength;
  const nameservers = of.Nameservers;
  return {
    id,
    type: text(of.Type) ?? "",
    name: text(of.Name) ?? "",
    state: stateOf(of.State),
    error: text(of.Error),
    favorite: of.Favorite === true,
    autoConnect: of.AutoConnect === true,
    roaming: of.Roaming === true,
    strength: typeof strength === "number" ? strength : undefined,
    ipv4: propertiesOf(of.IPv4),
    ipv6: propertiesOf(of.IPv6),
    nameservers: Array.isArray(nameservers) ? nameservers.map(String) : [],
    interfaceName: text(propertiesOf(of.Ethernet).Interface),
  };
}

const states = ["idle", "failure", "association", "configuration", "ready", "disconnect", "online"] as const;

const stateOf = (value: unknown): ServiceState => states.find((state) => state === value) ?? "idle";

export const technologyOf = (type: string, { Powered, Connected }: Properties): ConnmanTechnology => ({
  type,
  powered: Powered === true,
  connected: Connected === true,
});
