/** net.wwand.Uplink1 at /net/wwand/uplink/NAME: one way out, as wwand judges it. */
import { bindStandard } from "../standard.js";
import { uint32, uint64 } from "./numbers.js";
import type { UplinkState } from "./views.js";

/** The state with the one value that is of now and is not signalled. */
export interface UplinkSnapshot extends UplinkState {
  readonly verdictAgeMs: number;
}

export const uplinkInterface = bindStandard("net.wwand.Uplink1").to<UplinkSnapshot>({
  properties: {
    Name: { get: ({ name }) => name },
    Interface: { get: ({ interfaceName }) => interfaceName },
    Kind: { get: ({ kind }) => kind },
    Presence: { get: ({ presence }) => presence },
    Verdict4: { get: ({ verdict4 }) => verdict4 },
    Verdict6: { get: ({ verdict6 }) => verdict6 },
    Eligibility: { get: ({ eligibility }) => eligibility },
    Tier: { get: ({ tier }) => uint32(tier) },
    Addresses: { get: ({ addresses }) => addresses },
    Gateway4: { get: ({ gateway4 }) => gateway4 },
    Gateway6: { get: ({ gateway6 }) => gateway6 },
    DomainNameServers: { get: ({ dns }) => dns },
    Because: { get: ({ because }) => because },
    WorstCaseDetectionMs: { get: ({ worstCaseDetectionMs }) => uint32(worstCaseDetectionMs) },
    Metered: { get: ({ metered }) => metered },
    VerdictAgeMs: { get: ({ verdictAgeMs }) => uint64(verdictAgeMs) },
  },
  methods: {},
});
