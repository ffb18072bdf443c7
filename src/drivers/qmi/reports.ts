/** What the modem shall tell unasked: the wishes of one control point, to be said again when the modem has begun anew. */
import type { QmiService } from "../../qmi/service.js";
import * as dms from "../../qmi/services/dms.js";
import * as nas from "../../qmi/services/nas.js";
import * as uim from "../../qmi/services/uim.js";
import { registerRefreshAll } from "../../qmi/services/uim-refresh.js";
import type { Log } from "../../runtime/log.js";
import { session } from "./sim.js";

/** A client id for each service that is asked all the time. */
export interface Services {
  readonly device: QmiService;
  readonly network: QmiService;
  readonly card: QmiService;
}

/** Going without some of them is no reason to go without the modem. */
export async function registerReports(
  { device, network, card }: Services,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const wanted = { servingSystem: true, systemInfo: true, signalInfo: true } as const;
  const networkReject = { enable: true, suppressSystemInfo: false } as const;
  const asked = Promise.all([
    network.tryAsk(nas.registerIndications, { ...wanted, networkReject }, signal),
    registerCard(card, signal),
    device.tryAsk(dms.setEventReport, { operatingMode: true }, signal),
  ]);
  const [all, refresh] = await Promise.all([asked, card.tryAsk(registerRefreshAll, { session, wanted: true }, signal)]);
  const refused = all.filter(({ is }) => is === "refused").length;
  if (refused > 0) log.warning("the modem does not report everything by itself", { refused });
  if (refresh.is === "refused") log.info("the modem does not tell of changes to the card over the air");
}

/** Firmware for one slot may refuse to report on slots: then of the card alone. */
async function registerCard(card: QmiService, signal: AbortSignal) {
  const both = await card.tryAsk(uim.registerEvents, { events: ["cardStatus", "physicalSlotStatus"] }, signal);
  return both.is === "success" ? both : card.tryAsk(uim.registerEvents, { events: ["cardStatus"] }, signal);
}
