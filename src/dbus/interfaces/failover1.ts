/** net.wwand.Failover1 at /net/wwand/failover: who carries the default routes, and why. */
import { bindStandard } from "../standard.js";
import { type Dict, Variant } from "../types.js";
import { uint32 } from "./numbers.js";
import type { FailoverState, FailoverView, Switch } from "./views.js";

export const familyWord = ({ family }: Switch): string => (family === 4 ? "ipv4" : "ipv6");

const lastSwitchOf = ({ lastSwitch }: FailoverState): Dict =>
  lastSwitch === undefined
    ? {}
    : {
        family: new Variant("s", familyWord(lastSwitch)),
        from: new Variant("s", lastSwitch.from),
        to: new Variant("s", lastSwitch.to),
        because: new Variant("as", lastSwitch.because),
        at: new Variant("s", lastSwitch.at),
      };

export const failoverInterface = bindStandard("net.wwand.Failover1").to<FailoverState, FailoverView>({
  properties: {
    Ipv4Uplink: { get: ({ ipv4Uplink }) => ipv4Uplink },
    Ipv6Uplink: { get: ({ ipv6Uplink }) => ipv6Uplink },
    Actuating: { get: ({ actuating }) => actuating },
    ActuatingBecause: { get: ({ actuatingBecause }) => actuatingBecause },
    Because: { get: ({ because }) => because },
    WorstCaseDetectionMs: { get: ({ worstCaseDetectionMs }) => uint32(worstCaseDetectionMs) },
    LastSwitch: { get: lastSwitchOf },
  },
  methods: {
    Failback: (failover) => failover.failback(),
  },
});
