/** How long the modem keeps calls for an APN back, by the network's timers (T3396) or its own. */
import type { QmiService } from "../../qmi/service.js";
import * as wds from "../../qmi/services/wds.js";
import type { Family } from "./family-call.js";

/** Until the radio or the card is switched off and on: no time to wait for. */
const indefiniteMs = 0xffff_ffff;

/** Undefined: nothing is held back, or the modem does not tell. An empty APN is whichever one is. */
export async function throttledMs(
  service: QmiService,
  apn: string,
  family: Family,
  signal: AbortSignal,
): Promise<number | undefined> {
  const outcome = await service.tryAsk(wds.getPdnThrottleInfo, { network: "3gpp" }, signal);
  const rows = outcome.is === "success" ? (outcome.values.apns ?? []) : [];
  const waits = rows
    .filter((row) => apn === "" || row.apn.toLowerCase() === apn.toLowerCase())
    .map((row) =>
      family === "ipv4"
        ? { isThrottled: row.isIpv4Throttled, leftMs: row.ipv4LeftMs }
        : { isThrottled: row.isIpv6Throttled, leftMs: row.ipv6LeftMs },
    )
    .filter(({ isThrottled, leftMs }) => isThrottled && leftMs > 0 && leftMs < indefiniteMs);
  return waits.length === 0 ? undefined : Math.max(...waits.map(({ leftMs }) => leftMs));
}
