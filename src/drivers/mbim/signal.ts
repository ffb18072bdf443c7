/** Signal. @see MBIM 1.0 10.5.11; learn.microsoft.com, "MBIM extensions 2.0" */
import type { MbimClient } from "../../mbim/client.js";
import type { ResponseOf } from "../../mbim/command.js";
import type { signalState } from "../../mbim/services/basic-connect.js";
import type { signalStateV2 } from "../../mbim/services/basic-connect-v2.js";
import type { SignalPort, SignalSteps } from "../../modem/ports.js";
import type { Generation, Measurement, Signal } from "../../modem/types.js";
import { bestTechnology, type DataClasses } from "./technology.js";

type SignalInfo = ResponseOf<typeof signalState> & Partial<ResponseOf<typeof signalStateV2>>;
type RsrpSnr = ResponseOf<typeof signalStateV2>["rsrpSnr"][number];

/** @see MBIM 1.0 table 10-60: 0 is -113 dBm or less, 31 is -51 dBm or more, 99 unknown */
const rssiOf = (rssi: number): Measurement => (rssi <= 31 ? { rssiDbm: -113 + 2 * rssi } : {});

function generationOf(classes: DataClasses): { readonly generation?: Generation } {
  const technology = bestTechnology(classes);
  return technology === "lte" || technology === "nr" ? { generation: technology } : {};
}

const measurementOf = ({ rsrp, snr, systemType }: RsrpSnr): Measurement => ({
  ...generationOf(systemType),
  ...(rsrp > 126 ? {} : { rsrpDbm: rsrp - 157 }),
  ...(snr > 127 ? {} : { snrDb: snr / 2 - 23.5 }),
});

/** RSSI is of what leads: the LTE cell, also where an NR cell serves beside it. */
export function signalOf({ rssi, rsrpSnr = [] }: SignalInfo): Signal {
  const [first = {}, ...others] = rsrpSnr.map(measurementOf);
  return { ...rssiOf(rssi), ...first, ...(others.length === 0 ? {} : { others }) };
}

/** RSSI is told in steps of two; the function decides on its own by how much RSRP and SNR must move. */
const thresholds = ({ rssiDb }: SignalSteps) => ({
  signalStrengthInterval: 0,
  rssiThreshold: Math.max(1, Math.round(rssiDb / 2)),
  errorRateThreshold: 0,
});

/** The row that both sides have agreed on. */
export type SignalCommand = typeof signalState | typeof signalStateV2;

export const signalPort = (client: MbimClient, command: SignalCommand): SignalPort => ({
  state: async (signal) => signalOf(await client.query(command, {}, signal)),
  report: async (steps, signal) => {
    await client.set(command, thresholds(steps), signal);
  },
});
