/** Who the modem is, over DMS. */
import type { Identity } from "../../modem/types.js";
import type { QmiService } from "../../qmi/service.js";
import * as dms from "../../qmi/services/dms.js";
import { technologiesOf } from "./technology.js";

export async function identityOf(device: QmiService, signal: AbortSignal): Promise<Identity> {
  const textOf = async (message: typeof dms.getManufacturer | typeof dms.getModel | typeof dms.getRevision) => {
    const outcome = await device.tryAsk(message, {}, signal);
    return outcome.is === "success" && outcome.values.text !== "" ? outcome.values.text : undefined;
  };
  const { info } = await device.ask(dms.getCapabilities, {}, signal);
  const { imei } = await device.ask(dms.getIds, {}, signal);
  const [manufacturer, model, firmware] = [
    await textOf(dms.getManufacturer),
    await textOf(dms.getModel),
    await textOf(dms.getRevision),
  ];
  return {
    ...(manufacturer === undefined ? {} : { manufacturer }),
    ...(model === undefined ? {} : { model }),
    ...(firmware === undefined ? {} : { firmware }),
    ...(imei !== undefined && /^\d{15}$/.test(imei) ? { imei } : {}),
    technologies: technologiesOf(info.radioInterfaces),
  };
}
