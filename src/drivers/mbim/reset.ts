/** @see learn.microsoft.com, "MB modem reset operations" */
import type { MbimClient } from "../../mbim/client.js";
import { deviceReset } from "../../mbim/services/ms-basic-connect-extensions.js";
import type { ResetPort } from "../../modem/ports.js";

export const resetPort = (client: MbimClient): ResetPort => ({
  reset: async (signal) => {
    await client.set(deviceReset, {}, signal);
  },
});
