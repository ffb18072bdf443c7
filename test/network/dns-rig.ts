import { type OpenDnsOptions, type OpenedDns, openDns } from "../../src/network/dns/open.js";
import { defaultDnsConfig } from "../../src/network/dns/types.js";
import { systemClock } from "../../src/runtime/clock.js";
import { silentLog } from "../../src/runtime/log.js";

/** The backend that fits what lies at `file`; without the stub unless `more` says otherwise. */
export const opened = (
  where: Pick<OpenDnsOptions, "file" | "stateDir">,
  more: Partial<OpenDnsOptions> = {},
  signal: AbortSignal = AbortSignal.timeout(10_000),
): Promise<OpenedDns> => {
  const config = { ...defaultDnsConfig, stub: false };
  return openDns({ ...where, config, clock: systemClock, log: silentLog, ...more }, signal);
};
