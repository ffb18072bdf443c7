/** A policy file's shape, after its files were merged. What the values mean together is checked in ../policy.ts. */
import * as v from "valibot";
import {
  address,
  count,
  dayHours,
  digits,
  duration,
  flag,
  gateway,
  listOf,
  mark,
  network,
  perDay,
  perSecond,
  ports,
  prefix,
  roaming,
  share,
  size,
  target,
  text,
  uids,
  word,
  zone,
} from "./values.js";

const hourMs = 3_600_000;

const match = v.pipe(
  v.strictObject({
    name: v.exactOptional(v.union([text, listOf(text, "interface name")], "an interface name or a list of them")),
    imei: v.exactOptional(digits(/^\d{15}$/, "an IMEI of 15 digits")),
    iccid: v.exactOptional(digits(/^\d{18,20}$/, "an ICCID of 18 to 20 digits")),
    modem: v.exactOptional(word(["any"])),
  }),
  v.check((given) => Object.keys(given).length === 1, "exactly one of name, imei, iccid, modem"),
);

const staticFamily = (family: 4 | 6) =>
  v.strictObject({ address: prefix(family), gateway: v.exactOptional(gateway(family)) });

const cap = v.strictObject({
  soft: v.exactOptional(size("4GB")),
  hard: v.exactOptional(size("5GB")),
  every: v.exactOptional(word(["month", "week", "day"])),
  "on-day": v.exactOptional(count(1, 31)),
  zone: v.exactOptional(zone),
  counts: v.exactOptional(word(["rx+tx", "rx", "tx"])),
});

const costExpected = "a number, 0 or more";
const cost = v.pipe(v.number(costExpected), v.minValue(0, costExpected), v.finite(costExpected));

const uplink = v.strictObject({
  match,
  address: v.exactOptional(word(["foreign", "static", "bearer", "dhcp"])),
  ipv4: v.exactOptional(staticFamily(4)),
  ipv6: v.exactOptional(staticFamily(6)),
  dns: v.exactOptional(listOf(address, "address")),
  check: v.exactOptional(text),
  metered: v.exactOptional(flag),
  masquerade: v.exactOptional(flag),
  standby: v.exactOptional(word(["hot", "warm", "cold"])),
  roaming: v.exactOptional(roaming),
  cap: v.exactOptional(cap),
  cost: v.exactOptional(cost),
});

const pace = duration(100, hourMs * 24, "1s");
const check = v.strictObject({
  extends: v.exactOptional(text),
  targets: v.exactOptional(listOf(target, "target")),
  pass: v.exactOptional(count(1, 64)),
  budget: v.exactOptional(perDay),
  timeout: v.exactOptional(duration(50, 60_000, "1s")),
  every: v.exactOptional(
    v.strictObject({ idle: v.exactOptional(pace), suspect: v.exactOptional(pace), down: v.exactOptional(pace) }),
  ),
  verdict: v.exactOptional(
    v.strictObject({ down: v.exactOptional(count(1, 100)), up: v.exactOptional(count(1, 100)) }),
  ),
  degraded: v.exactOptional(
    v.strictObject({
      over: v.exactOptional(duration(1_000, hourMs, "20s")),
      loss: v.exactOptional(v.strictObject({ enter: share, leave: share })),
      rtt: v.exactOptional(
        v.strictObject({ enter: duration(1, 60_000, "800ms"), leave: duration(1, 60_000, "400ms") }),
      ),
    }),
  ),
});

const group = v.strictObject({
  tiers: listOf(listOf(text, "uplink name"), 'tier, e.g. [["eth"], ["lte"]]'),
  "none-up": v.exactOptional(word(["keep-last", "best-guess", "unreachable"])),
  ignore: v.exactOptional(v.array(word(["degraded", "cap"]), "a list of words")),
  flows: v.exactOptional(word(["keep", "reset", "drain"])),
  drain: v.exactOptional(duration(0, hourMs * 24, "20s")),
});

const selector = v.pipe(
  v.strictObject({
    "local-port": v.exactOptional(ports),
    port: v.exactOptional(ports),
    protocol: v.exactOptional(word(["tcp", "udp"])),
    uid: v.exactOptional(uids),
    mark: v.exactOptional(mark),
    interface: v.exactOptional(text),
    to: v.exactOptional(network),
  }),
  v.check(
    (given) => Object.keys(given).some((key) => key !== "protocol"),
    "something that fits, e.g. { local-port = 22 }",
  ),
);

const trafficClass = v.strictObject({
  order: count(0, 10_000),
  any: listOf(selector, "table, e.g. { local-port = 22 }"),
  group: text,
});

export const policySchema = v.strictObject({
  version: v.literal(1, "1"),
  slo: v.exactOptional(
    v.strictObject({
      carrier: v.exactOptional(duration(1, hourMs, "1200ms")),
      blackhole: v.exactOptional(duration(1, hourMs * 24, "5s")),
    }),
  ),
  confirm: v.exactOptional(
    v.strictObject({
      within: v.exactOptional(duration(1_000, hourMs, "60s")),
      reach: target,
      group: v.exactOptional(text),
    }),
  ),
  failback: v.exactOptional(
    v.strictObject({
      mode: v.exactOptional(word(["steady", "window", "quiet", "manual", "never"])),
      spanning: v.exactOptional(duration(0, hourMs * 24, "30s")),
      stay: v.exactOptional(duration(0, hourMs * 24, "60s")),
      window: v.exactOptional(dayHours),
      zone: v.exactOptional(zone),
      quiet: v.exactOptional(
        v.strictObject({
          below: v.exactOptional(perSecond),
          spanning: v.exactOptional(duration(1_000, hourMs, "10s")),
          "at-most": v.exactOptional(duration(1_000, hourMs * 24 * 7, "1h")),
        }),
      ),
      flaps: v.exactOptional(
        v.strictObject({
          max: v.exactOptional(count(1, 100)),
          within: v.exactOptional(duration(1_000, hourMs * 24, "10m")),
          hold: v.exactOptional(duration(0, hourMs * 24, "10m")),
        }),
      ),
    }),
  ),
  uplink: v.exactOptional(v.record(text, uplink, "tables [uplink.NAME]")),
  check: v.exactOptional(v.record(text, check, "tables [check.NAME]")),
  group: v.exactOptional(v.record(text, group, "tables [group.NAME]")),
  class: v.exactOptional(v.record(text, trafficClass, "tables [class.NAME]")),
});

export type PolicyInput = v.InferOutput<typeof policySchema>;
export type UplinkInput = v.InferOutput<typeof uplink>;
export type CheckInput = v.InferOutput<typeof check>;
export type CapInput = v.InferOutput<typeof cap>;
export type GroupInput = v.InferOutput<typeof group>;
export type ClassInput = v.InferOutput<typeof trafficClass>;

/**
 * Keys of the full language that are refused rather than ignored, by the table they stand in. `*` is any key.
 * A key that is built leaves this list and enters the schema above.
 */
export const laterPolicyKeys: Readonly<Record<string, readonly string[]>> = {
  "": ["recover", "switch", "dns", "safety"],
  failback: ["max-wait"],
  uplink: [],
  "uplink.*": ["variants", "mtu", "weight"],
  "uplink.*.match": ["imsi", "usb-path", "kind", "mac"],
  "check.*": ["passive", "size"],
  "group.*": ["balance"],
};
