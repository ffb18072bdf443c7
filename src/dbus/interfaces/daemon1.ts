/** net.wwand.Daemon1 at /net/wwand: the daemon itself. */
import { ModemError } from "../../runtime/error.js";
import { OfonoError } from "../errors.js";
import { bindStandard } from "../standard.js";
import type { DaemonState, DaemonView } from "./views.js";

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
    Why: async (daemon, [destination]) => {
      try {
        return await daemon.why(destination);
      } catch (error) {
        if (error instanceof ModemError && error.code === "invalid")
          throw new OfonoError("InvalidArguments", error.message, { cause: error });
        throw error;
      }
    },
  },
});
