/** net.wwand.Failover1 at /net/wwand/failover: who carries the default routes, and why. */
import { bindStandard } from "../standard.js";
import { type Dict, Variant } from "../types.js";
import { uint32 } from "./numbers.js";
import type { FailoverState, FailoverView, Switch, TrafficGroup } from "./views.js";

export const familyWord = ({ family }: Switch): string => (family === 4 ? "ipv4" : "ipv6");

const switchOf = (told: Switch): Dict => ({
  family: new Variant("s", familyWord(told)),
  from: new Variant("s", told.from),
  to: new Variant("s", told.to),
  because: new Variant("as", told.because),
  trigger: new Variant("s", told.trigger),
  rule: new Variant("s", told.rule),
  place: new Variant("s", told.rulePlace),
  at: new Variant("s", told.at),
});

const lastSwitchOf = ({ lastSwitch }: Pick<FailoverState, "lastSwitch">): Dict =>
  lastSwitch === undefined ? {} : switchOf(lastSwitch);

const groupOf = ({ name, classes, ipv4Uplink, ipv6Uplink, because, lastSwitch }: TrafficGroup): Dict => ({
  Name: new Variant("s", name),
  Classes: new Variant("as", classes),
  Ipv4Uplink: new Variant("s", ipv4Uplink),
  Ipv6Uplink: new Variant("s", ipv6Uplink),
  Because: new Variant("as", because),
  LastSwitch: new Variant("a{sv}", lastSwitchOf({ lastSwitch })),
});

export const failoverInterface = bindStandard("net.wwand.Failover1").to<FailoverState, FailoverView>({
  properties: {
    Ipv4Uplink: { get: ({ ipv4Uplink }) => ipv4Uplink },
    Ipv6Uplink: { get: ({ ipv6Uplink }) => ipv6Uplink },
    Actuating: { get: ({ actuating }) => actuating },
    ActuatingBecause: { get: ({ actuatingBecause }) => actuatingBecause },
    Because: { get: ({ because }) => because },
    Groups: { get: ({ groups }) => groups.map(groupOf) },
    WorstCaseDetectionMs: { get: ({ worstCaseDetectionMs }) => uint32(worstCaseDetectionMs) },
    LastSwitch: { get: lastSwitchOf },
    LastSwitches: { get: ({ lastSwitches }) => lastSwitches.map(switchOf) },
  },
  methods: {
    Failback: (failover) => failover.failback(),
  },
});
