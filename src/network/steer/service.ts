/** The services of net.connman as values. @see ConnMan's doc/service-api.txt, doc/manager-api.txt */

const states = ["idle", "failure", "association", "configuration", "ready", "disconnect", "online"] as const;
export type ServiceState = (typeof states)[number];

/** As far as steering needs it. Secret: the path of a cellular service holds an IMSI; it never reaches a log. */
export interface ConnmanService {
  readonly path: string;
  /** `ethernet`, `cellular`, ... */
  readonly type: string;
  readonly state: ServiceState;
  /** Absent while ConnMan has not bound it to one, as an idle cellular service. */
  readonly interfaceName?: string;
}

export const isConnected = ({ state }: ConnmanService): boolean => state === "ready" || state === "online";
export const isConnecting = ({ state }: ConnmanService): boolean =>
  state === "association" || state === "configuration";

/** The reply of GetServices, in ConnMan's order. What is not as documented is left out. */
export function servicesOf(reply: unknown): readonly ConnmanService[] {
  if (!Array.isArray(reply)) return [];
  return reply.flatMap((entry: unknown) => {
    const [path, properties] = Array.isArray(entry) ? entry : [];
    return typeof path === "string" ? (serviceOf(path, properties) ?? []) : [];
  });
}

function serviceOf(path: string, properties: unknown): ConnmanService | undefined {
  const type = member(properties, "Type");
  const given = member(properties, "State");
  const state = states.find((one) => one === given);
  if (typeof type !== "string" || state === undefined) return undefined;
  const interfaceName = member(member(properties, "Ethernet"), "Interface");
  return { path, type, state, ...(typeof interfaceName === "string" && { interfaceName }) };
}

/** The value under `key` of an a{sv}, its variant opened. */
function member(dict: unknown, key: string): unknown {
  if (typeof dict !== "object" || dict === null) return undefined;
  const found: unknown = Reflect.get(dict, key);
  return typeof found === "object" && found !== null && "signature" in found && "value" in found ? found.value : found;
}
