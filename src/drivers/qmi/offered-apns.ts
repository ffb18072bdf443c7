/** The APN that the network gave when it attached us. */
import type { OfferedApnsPort } from "../../modem/ports.js";
import type { QmiClient } from "../../qmi/client.js";
import * as wds from "../../qmi/services/wds.js";

/** A client id for one question: modems have few of them, and this is asked once per card. */
export const offeredApnsPort = (client: QmiClient): OfferedApnsPort => ({
  read: async (signal) => {
    const service = await client.allocate("wds", signal);
    try {
      const outcome = await service.tryAsk(wds.getLteAttachParameters, {}, signal);
      const apn = outcome.is === "success" ? (outcome.values.apn ?? "") : "";
      // Credentials of the attach are not told; networks that want some say so by refusing.
      return apn === ""
        ? []
        : [{ apn, username: "", password: "", auth: "none", from: "told by the network at attach" }];
    } finally {
      await service.release(signal);
    }
  },
});
