/** net.wwand.Daemon1 at /net/wwand: the daemon itself. */
import type { PacketAnswer } from "../../network/packet/types.js";
import { ModemError } from "../../runtime/error.js";
import { OfonoError } from "../errors.js";
import { bindStandard } from "../standard.js";
import { type Dict, Variant } from "../types.js";
import type { DaemonState, DaemonView } from "./views.js";

/** A question that cannot be meant says what is wrong with it. */
async function orInvalid<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ModemError && error.code === "invalid")
      throw new OfonoError("InvalidArguments", error.message, { cause: error });
    throw error;
  }
}

/** Of each key its signature and where it comes from. */
const packetRows = {
  Uplink: ["s", "uplink"],
  Interface: ["s", "interfaceName"],
  Gateway: ["s", "gateway"],
  Source: ["s", "source"],
  RouteType: ["s", "routeType"],
  Error: ["s", "error"],
  Rule: ["u", "rule"],
  Table: ["u", "table"],
  Class: ["s", "trafficClass"],
  Key: ["s", "key"],
  Place: ["s", "place"],
  Group: ["s", "group"],
  Decided: ["s", "decided"],
  Next: ["s", "next"],
  Bad: ["b", "isBad"],
  Because: ["as", "because"],
} as const satisfies Readonly<Record<string, readonly [signature: string, key: keyof PacketAnswer]>>;

const packetDict = (answer: PacketAnswer): Dict =>
  Object.fromEntries(
    Object.entries(packetRows).flatMap(([name, [signature, key]]) => {
      const value = answer[key];
      return value === undefined ? [] : [[name, new Variant(signature, value)]];
    }),
  );

export const daemonInterface = bindStandard("net.wwand.Daemon1").to<DaemonState, DaemonView>({
  properties: {
    Version: { get: ({ version }) => version },
    PolicyFiles: { get: ({ policyFiles }) => policyFiles },
    PolicyFolders: { get: ({ policyFolders }) => policyFolders },
    PolicyGeneration: { get: ({ policyGeneration }) => policyGeneration },
    PolicyError: { get: ({ policyError }) => policyError },
    Resolver: { get: ({ resolver }) => resolver.backend },
    ResolverBecause: { get: ({ resolver }) => resolver.because },
    ResolverStub: { get: ({ resolver }) => resolver.stub ?? "" },
  },
  methods: {
    Why: (daemon, [destination]) => orInvalid(() => daemon.why(destination)),
    WhyPacket: (daemon, [packet]) => orInvalid(async () => packetDict(await daemon.whyPacket(packet))),
  },
});
