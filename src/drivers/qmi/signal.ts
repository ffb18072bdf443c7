/** What the receiver measures, per radio generation, and how far it must move to be told. */
import type { SignalPort, SignalSteps } from "../../modem/ports.js";
import type { Measurement, Signal } from "../../modem/types.js";
import type { RequestOf, ResponseOf } from "../../qmi/message.js";
import { qmiError } from "../../qmi/result.js";
import type { QmiService } from "../../qmi/service.js";
import * as nas from "../../qmi/services/nas-signal.js";

type SignalInfo = ResponseOf<typeof nas.getSignalInfo>;

/** What firmware says of NR while only the LTE anchor is in use. */
const unmeasured = -32_768;
const isMeasured = (value: number | undefined): value is number => value !== undefined && value !== unmeasured;

function nrOf({ nr, nrRsrqDb }: SignalInfo): Measurement | undefined {
  if (!isMeasured(nr?.rsrpDbm)) return undefined;
  return {
    generation: "nr",
    rsrpDbm: nr.rsrpDbm,
    ...(isMeasured(nr.snrTenthDb) ? { snrDb: nr.snrTenthDb / 10 } : {}),
    ...(isMeasured(nrRsrqDb) ? { rsrqDb: nrRsrqDb } : {}),
  };
}

const lteOf = ({ lte }: SignalInfo): Measurement | undefined =>
  lte && {
    generation: "lte",
    rssiDbm: lte.rssiDbm,
    rsrpDbm: lte.rsrpDbm,
    rsrqDb: lte.rsrqDb,
    snrDb: lte.snrTenthDb / 10,
  };

const umtsOf = ({ wcdma, wcdmaRscpDbm }: SignalInfo): Measurement | undefined =>
  wcdma && {
    generation: "umts",
    rssiDbm: wcdma.rssiDbm,
    ecioDb: wcdma.ecIoMinusHalfDb / -2,
    ...(wcdmaRscpDbm === undefined ? {} : { rscpDbm: wcdmaRscpDbm }),
  };

const gsmOf = ({ gsmRssiDbm }: SignalInfo): Measurement | undefined =>
  gsmRssiDbm === undefined ? undefined : { generation: "gsm", rssiDbm: gsmRssiDbm };

/** The newest generation leads. */
export function signalOf(info: SignalInfo): Signal {
  const [first = {}, ...others] = [nrOf(info), lteOf(info), umtsOf(info), gsmOf(info)].filter(
    (one) => one !== undefined,
  );
  return others.length === 0 ? first : { ...first, others };
}

const tenths = (db: number): number => Math.round(db * 10);

const deltasOf = ({ rssiDb, rsrpDb, rsrqDb, snrDb }: SignalSteps): RequestOf<typeof nas.configureSignalInfo2> => ({
  gsmRssi: tenths(rssiDb),
  wcdmaRssi: tenths(rssiDb),
  lteRssi: tenths(rssiDb),
  lteSnr: tenths(snrDb),
  lteRsrq: tenths(rsrqDb),
  lteRsrp: tenths(rsrpDb),
  nrSnr: tenths(snrDb),
  nrRsrp: tenths(rsrpDb),
  nrRsrq: tenths(rsrqDb),
});

/** From `first` downwards; firmware takes no more than this many. */
const mostThresholds = 5;
const thresholds = (first: number, step: number): readonly number[] =>
  [...Array(mostThresholds).keys()].map((index) => first - index * step);

/** Firmware without deltas is given thresholds where they decide whether a link is usable. */
const thresholdsOf = ({ rssiDb, rsrpDb }: SignalSteps): RequestOf<typeof nas.configureSignalInfo> => ({
  rssiDbm: thresholds(-65, Math.max(rssiDb, 10)),
  rsrpDbm: thresholds(-80, Math.max(rsrpDb, 10)),
});

/** Remembers the wish, for a modem that has begun anew. */
export interface QmiSignalPort extends SignalPort {
  reportAgain(signal: AbortSignal): Promise<void>;
}

export function signalPort(network: QmiService): QmiSignalPort {
  let wish: SignalSteps | undefined;
  const configure = async (steps: SignalSteps, signal: AbortSignal): Promise<void> => {
    const byDelta = await network.tryAsk(nas.configureSignalInfo2, deltasOf(steps), signal);
    if (byDelta.is === "success") return;
    const byThreshold = await network.tryAsk(nas.configureSignalInfo, thresholdsOf(steps), signal);
    if (byThreshold.is === "refused") throw qmiError("NAS CONFIG_SIGNAL_INFO", byThreshold.error);
  };
  return {
    state: async (signal) => signalOf(await network.ask(nas.getSignalInfo, {}, signal)),
    report: (steps, signal) => {
      wish = steps;
      return configure(steps, signal);
    },
    reportAgain: async (signal) => {
      if (wish !== undefined) await configure(wish, signal);
    },
  };
}
