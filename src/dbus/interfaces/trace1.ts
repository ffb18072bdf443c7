/** net.wwand.Trace1 at /net/wwand: the last minutes, and what was kept of failures. */
import { ModemError } from "../../runtime/error.js";
import { OfonoError } from "../errors.js";
import { bindStandard } from "../standard.js";
import type { TraceView } from "./views.js";

export const traceInterface = bindStandard("net.wwand.Trace1").to<undefined, TraceView>({
  properties: {},
  methods: {
    List: async (traces) =>
      (await traces.list()).map(
        ({ name, keptAt, modem, reason, bytes }) => [name, keptAt, modem, reason, bytes] as const,
      ),
    Read: async (traces, [name, identities]) => {
      try {
        return await traces.read(name, identities);
      } catch (error) {
        if (error instanceof ModemError && error.code === "invalid")
          throw new OfonoError("InvalidArguments", error.message, { cause: error });
        throw error;
      }
    },
  },
});
