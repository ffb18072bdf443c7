/** net.wwand.Uplink1 at /net/wwand/uplink/NAME: one way out, as wwand judges it. */
import { bindStandard } from "../standard.js";
import { type Dict, Variant } from "../types.js";
import { uint32, uint64 } from "./numbers.js";
import type { TargetState, UplinkMoment, UplinkState, UsageState } from "./views.js";

/** The state with what is of now. */
export type UplinkSnapshot = UplinkState & UplinkMoment;

const targetOf = ({ family, target, answeredAgoMs, roundTripMs, failedAgoMs, why }: TargetState): Dict => ({
  Family: new Variant("s", family === 4 ? "ipv4" : "ipv6"),
  Target: new Variant("s", target),
  ...(answeredAgoMs !== undefined && { AnsweredAgoMs: new Variant("t", uint64(answeredAgoMs)) }),
  ...(roundTripMs !== undefined && { RoundTripMs: new Variant("u", uint32(roundTripMs)) }),
  ...(failedAgoMs !== undefined && {
    FailedAgoMs: new Variant("t", uint64(failedAgoMs)),
    Why: new Variant("s", why),
  }),
});

const usageOf = ({ bytes, softBytes, hardBytes, every, until, text }: UsageState): Dict => ({
  Bytes: new Variant("t", uint64(bytes)),
  Every: new Variant("s", every),
  Text: new Variant("s", text),
  ...(softBytes !== undefined && { SoftBytes: new Variant("t", uint64(softBytes)) }),
  ...(hardBytes !== undefined && { HardBytes: new Variant("t", uint64(hardBytes)) }),
  ...(until !== undefined && { Until: new Variant("s", until) }),
});

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
    Usage: { get: ({ usage }) => (usage === undefined ? {} : usageOf(usage)) },
    Targets: { get: ({ targets }) => targets.map(targetOf) },
  },
  methods: {},
});
