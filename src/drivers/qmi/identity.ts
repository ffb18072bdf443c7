/** Who the modem is, over DMS. */
import type { Identity } from "../../modem/types.js";
import type { QmiService } from "../../qmi/service.js";
import * as dms from "../../qmi/services/dms.js";
import { technologiesOf } from "./technology.js";

/** Absent where the modem does not say it, or not yet. */
export async function imeiOf(device: QmiService, signal: AbortSignal): Promise<Pick<Identity, "imei">> {
  const { imei } = await device.ask(dms.getIds, {}, signal);
  return imei !== undefined && /^\d{15}$/.test(imei) ? { imei } : {};
}

export async function identityOf(device: QmiService, signal: AbortSignal): Promise<Identity> {
  const textOf = async (message: typeof dms.getManufacturer | typeof dms.getModel | typeof dms.getRevision) => {
    const outcome = await device.tryAsk(message, {}, signal);
    return outcome.is === "success" && outcome.values.text !== "" ? outcome.values.text : undefined;
  };
  const [{ info }, imei, manufacturer, model, firmware] = await Promise.all([
    device.ask(dms.getCapabilities, {}, signal),
    imeiOf(device, signal),
    textOf(dms.getManufacturer),
    textOf(dms.getModel),
    textOf(dms.getRevision),
  ]);
  return {
    ...(manufacturer === undefined ? {} : { manufacturer }),
    ...(model === undefined ? {} : { model }),
    ...(firmware === undefined ? {} : { firmware }),
    ...imei,
    technologies: technologiesOf(info.radioInterfaces),
  };
}
