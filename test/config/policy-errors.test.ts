import t from "tap";
import { ConfigError } from "../../src/config/error.js";
import { policyFrom } from "../../src/config/policy.js";

const refusalOf = (text: string): string => {
  try {
    policyFrom([{ file: "p.toml", text }], "policy.d");
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "accepted";
};

const eth = `[uplink.eth]\nmatch = { name = "eth0" }`;
const lte = `[uplink.lte]\nmatch = { modem = "any" }`;
const check = `[check.internet]\ntargets = ["icmp://1.1.1.1"]`;
const tiers = `[group]\ndefault = { tiers = [["eth"], ["lte"]] }`;

/** What a person wrote wrong, and the line that tells them: file:line:column: key: expected ..., found ... */
const mistakes: Readonly<Record<string, readonly [toml: string, message: string]>> = {
  "no TOML": ["version = 1\n[uplink.eth\n", "p.toml:2:12: expected TOML, found illegal character in key"],
  "the same key twice": [
    `version = 1\nversion = 1`,
    "p.toml:2:1: expected TOML, found trying to redefine an already defined table or value",
  ],
  "a mistyped key": [
    `version = 1\n${eth}\nchek = "internet"`,
    'p.toml:4:1: uplink.eth.chek: expected a known key; did you mean "check"?, found the unknown key "chek"',
  ],
  "a key like nothing known": [
    `version = 1\n[slo]\nfrobnicate = 1`,
    'p.toml:3:1: slo.frobnicate: expected one of carrier, blackhole, found the unknown key "frobnicate"',
  ],
  "a key inside an inline table": [
    `version = 1\n[uplink.eth]\nmatch = { nam = "eth0" }`,
    'p.toml:3:11: uplink.eth.match.nam: expected a known key; did you mean "name"?, found the unknown key "nam"',
  ],
  "no version": ["[check]", 'p.toml: version: expected the key "version", found nothing'],
  "another version": ["version = 2", "p.toml:1:1: version: expected 1, found the number 2"],
  "a bare number where a unit belongs": [
    "version = 1\nslo = { blackhole = 5 }",
    'p.toml:2:9: slo.blackhole: expected a duration with its unit, e.g. "5s" (ms, s, m, h, d), found the number 5',
  ],
  "an unknown unit": [
    `version = 1\n${check}\ntimeout = "1 sec"`,
    'p.toml:4:1: check.internet.timeout: expected a duration with its unit, e.g. "1s" (ms, s, m, h, d), found "1 sec"',
  ],
  "a duration out of bounds": [
    `version = 1\n${check}\ntimeout = "2h"`,
    'p.toml:4:1: check.internet.timeout: expected a duration between 50ms and 1m, found "2h"',
  ],
  "a text where a number belongs": [
    `version = 1\n${check}\npass = "2"`,
    'p.toml:4:1: check.internet.pass: expected a whole number from 1 to 64, found "2"',
  ],
  "a number where a list belongs": [
    `version = 1\n[check.internet]\ntargets = 5`,
    "p.toml:3:1: check.internet.targets: expected a list of at least one target, found the number 5",
  ],
  "a budget without its time": [
    `version = 1\n[check.internet]\ntargets = ["icmp://1.1.1.1"]\nbudget = "1MB"`,
    'p.toml:4:1: check.internet.budget: expected a size per day, e.g. "1MB/day", found "1MB"',
  ],
  "a budget in no unit": [
    `version = 1\n[check.internet]\ntargets = ["icmp://1.1.1.1"]\nbudget = "1000/day"`,
    'p.toml:4:1: check.internet.budget: expected a size per day, e.g. "1MB/day", found "1000/day"',
  ],
  "a budget for less than a round an hour": [
    `version = 1\n${eth}\ncheck = "internet"\n[check.internet]\ntargets = ["tls://203.0.113.1"]\nbudget = "100kB/day"\n${tiers.replace(', ["lte"]', "")}`,
    "p.toml:7:1: check.internet.budget: expected at least 331 kB a day, which pays for a round an hour, found 100 kB a day",
  ],
  "a target without a scheme": [
    `version = 1\n[check.internet]\ntargets = ["icmp://1.1.1.1", "example.com"]`,
    'p.toml:3:30: check.internet.targets[1]: expected a target that begins with icmp://, tcp://, dns://, tls://, http:// or https://, found "example.com"',
  ],
  "tcp without a port": [
    `version = 1\n[check.internet]\ntargets = ["tcp://192.0.2.1"]`,
    'p.toml:3:12: check.internet.targets[0]: expected "tcp://HOST:PORT", e.g. "tcp://192.0.2.1:443" or "tcp://[2001:db8::1]:443", found "tcp://192.0.2.1"',
  ],
  "a name server by its name": [
    `version = 1\n[check.internet]\ntargets = ["dns://dns.example"]`,
    'p.toml:3:12: check.internet.targets[0]: expected "dns://link" or "dns://ADDRESS", each with a name if wanted: "dns://9.9.9.9/example.org", found "dns://dns.example"',
  ],
  "an address that is none": [
    `version = 1\n[check.internet]\ntargets = ["icmp://1.1.1.256"]`,
    'p.toml:3:12: check.internet.targets[0]: expected "icmp://HOST", e.g. "icmp://1.1.1.1" or "icmp://[2620:fe::fe]", found "icmp://1.1.1.256"',
  ],
  "an expectation that does not fit": [
    `version = 1\n[check.internet]\ntargets = [{ url = "tls://gw.example", status = 200 }]`,
    'p.toml:3:12: check.internet.targets[0]: expected no "status" beside tls://, found a table with url, status',
  ],
  "a mistyped key of a target": [
    `version = 1\n[check.internet]\ntargets = [{ url = "http://gw.example/", stauts = 200 }]`,
    'p.toml:3:12: check.internet.targets[0]: expected "status" instead of the unknown key "stauts", found a table with url, stauts',
  ],
  "a key of a target like nothing known": [
    `version = 1\n[check.internet]\ntargets = [{ url = "http://gw.example/", frobnicate = 200 }]`,
    'p.toml:3:12: check.internet.targets[0]: expected one of url, status, body, verify, ca, size, command, cost instead of the unknown key "frobnicate", found a table with url, frobnicate',
  ],
  "a value of a target of another kind": [
    `version = 1\n[check.internet]\ntargets = [{ url = "http://gw.example/", status = "200" }]`,
    'p.toml:3:12: check.internet.targets[0]: expected a target, e.g. "icmp://1.1.1.1", { url = "http://example.com/", status = 200 } or { command = ["/usr/local/bin/check"] }, found a table with url, status',
  ],
  "a program without its path": [
    `version = 1\n[check.internet]\ntargets = [{ command = ["vpn-alive"] }]`,
    'p.toml:3:12: check.internet.targets[0]: expected a program by its full path and its arguments, e.g. ["/usr/local/bin/vpn-alive", "--quick"], found a table with command',
  ],
  "a program with a status": [
    `version = 1\n[check.internet]\ntargets = [{ command = ["/bin/true"], status = 200 }]`,
    'p.toml:3:12: check.internet.targets[0]: expected no "status" beside command, found a table with status, command',
  ],
  "a network that is none": [
    `version = 1\n${eth}\nroaming = ["2620"]`,
    'p.toml:4:12: uplink.eth.roaming[0]: expected a network, MCC and MNC in one, e.g. "26201", found "2620"',
  ],
  "a word for networks that is none": [
    `version = 1\n${eth}\nroaming = false`,
    'p.toml:4:1: uplink.eth.roaming: expected "any", "home" or a list of networks, e.g. ["26201"], found false',
  ],
  "a cost that would be paid to the user": [
    `version = 1\n${eth}\ncost = -1`,
    "p.toml:4:1: uplink.eth.cost: expected a number, 0 or more, found the number -1",
  ],
  "a cap without an amount": [
    `version = 1\n${eth}\ncap = { every = "week" }\n[group]\ndefault = { tiers = [["eth"]] }`,
    "p.toml:4:1: uplink.eth.cap: expected soft or hard, or both, found neither",
  ],
  "a soft cap that is no help": [
    `version = 1\n${eth}\ncap = { soft = "5GB", hard = "5GB" }\n[group]\ndefault = { tiers = [["eth"]] }`,
    "p.toml:4:9: uplink.eth.cap.soft: expected less than hard, or it would never matter, found as much or more",
  ],
  "a cap of nothing": [
    `version = 1\n${eth}\ncap = { hard = "0B" }\n[group]\ndefault = { tiers = [["eth"]] }`,
    "p.toml:4:9: uplink.eth.cap.hard: expected more than nothing, found 0",
  ],
  "a cap without a unit": [
    `version = 1\n${eth}\ncap = { hard = 5 }`,
    'p.toml:4:9: uplink.eth.cap.hard: expected a size with its unit, e.g. "5GB" (B, kB, MB, GB; KiB, MiB, GiB), found the number 5',
  ],
  "a day that no week has": [
    `version = 1\n${eth}\ncap = { hard = "5GB", every = "week", on-day = 8 }\n[group]\ndefault = { tiers = [["eth"]] }`,
    "p.toml:4:39: uplink.eth.cap.on-day: expected a day of the week, 1 (Monday) to 7, found the number 8",
  ],
  "a day of the day": [
    `version = 1\n${eth}\ncap = { hard = "5GB", every = "day", on-day = 1 }\n[group]\ndefault = { tiers = [["eth"]] }`,
    'p.toml:4:38: uplink.eth.cap.on-day: expected every = "month" or "week" beside it, found every = "day"',
  ],
  "a key of the full language": [
    `version = 1\n${eth}\nmtu = 1400`,
    'p.toml:4:1: uplink.eth.mtu: expected a key of this version, found "mtu", which is not supported yet',
  ],
  "a table of the full language": [
    `version = 1\n[recover]\nrest = 1`,
    'p.toml:2:2: recover: expected a key of this version, found "recover", which is not supported yet',
  ],
  "a class of no group": [
    `version = 1\n[class.ssh]\norder = 1\nany = [{ local-port = 22 }]\ngroup = "controll"\n[group]\ncontrol = { tiers = [["eth"]] }`,
    'p.toml:5:1: class.ssh.group: expected the name of a group; did you mean "control"?, found "controll"',
  ],
  "a class of nothing": [
    `version = 1\n[class.ssh]\norder = 1\nany = [{ protocol = "tcp" }]\ngroup = "default"`,
    "p.toml:4:8: class.ssh.any[0]: expected something that fits, e.g. { local-port = 22 }, found a table with protocol",
  ],
  "a port that is none": [
    `version = 1\n[class.ssh]\norder = 1\nany = [{ local-port = "22-70000" }]\ngroup = "default"`,
    'p.toml:4:10: class.ssh.any[0].local-port: expected a port from 1 to 65535, or a range "FROM-TO" of them, found "22-70000"',
  ],
  "a group with an uplink that is not there": [
    `version = 1\n${eth}\n[group]\ndefault = { tiers = [["eth"]] }\ncontrol = { tiers = [["lte"]] }\n[class.ssh]\norder = 1\nany = [{ local-port = 22 }]\ngroup = "control"`,
    'p.toml:6:23: group.control.tiers[0][0]: expected the name of an uplink: "eth", found "lte"',
  ],
  "a word that is none": [
    `version = 1\n${eth}\nstandby = "tepid"`,
    'p.toml:4:1: uplink.eth.standby: expected "hot" or "warm" or "cold", found "tepid"',
  ],
  "degraded by nothing": [
    `version = 1\n[check.internet]\ntargets = ["icmp://1.1.1.1"]\ndegraded = { over = "20s" }\n${eth}\ncheck = "internet"\n[group]\ndefault = { tiers = [["eth"]] }`,
    "p.toml:4:1: check.internet.degraded: expected loss or rtt, each with enter and leave, found neither",
  ],
  "bounds the wrong way round": [
    `version = 1\n[check.internet]\ntargets = ["icmp://1.1.1.1"]\ndegraded = { loss = { enter = "5%", leave = "15%" } }\n${eth}\ncheck = "internet"\n[group]\ndefault = { tiers = [["eth"]] }`,
    "p.toml:4:37: check.internet.degraded.loss.leave: expected less than enter, or every small change would be one, found as much or more",
  ],
  "a share without its sign": [
    `version = 1\n[check.internet]\ntargets = ["icmp://1.1.1.1"]\ndegraded = { loss = { enter = 15, leave = "5%" } }`,
    'p.toml:4:23: check.internet.degraded.loss.enter: expected a share in percent, e.g. "15%", found the number 15',
  ],
  "a drain that drains nothing": [
    `version = 1\n${eth}\n[group]\ndefault = { tiers = [["eth"]], flows = "keep", drain = "20s" }`,
    'p.toml:5:48: group.default.drain: expected flows = "drain" beside it, found flows = "keep"',
  ],
  "a confirmation by no group": [
    `version = 1\n[confirm]\nreach = "icmp://192.0.2.9"\ngroup = "controll"\n[group]\ncontrol = { tiers = [["eth"]] }`,
    'p.toml:4:1: confirm.group: expected the name of a group; did you mean "control"?, found "controll"',
  ],
  "a window without hours": [
    `version = 1\n[failback]\nmode = "window"`,
    'p.toml:2:2: failback: expected hours beside mode = "window", e.g. window = "02:00-04:00", found none',
  ],
  "hours without a window": [
    `version = 1\n[failback]\nwindow = "02:00-04:00"`,
    'p.toml:3:1: failback.window: expected mode = "window" beside it, found mode = "steady"',
  ],
  "hours that are none": [
    `version = 1\n${eth}\n[failback]\nmode = "window"\nwindow = "2-4"`,
    'p.toml:6:1: failback.window: expected hours of the day, e.g. "02:00-04:00", found "2-4"',
  ],
  "a zone that is none": [
    `version = 1\n${eth}\n[failback]\nmode = "window"\nwindow = "02:00-04:00"\nzone = "Berlin"`,
    'p.toml:7:1: failback.zone: expected a time zone, e.g. "UTC" or "Europe/Berlin", found "Berlin"',
  ],
  "two ways to match": [
    `version = 1\n[uplink.eth]\nmatch = { name = "eth0", modem = "any" }`,
    "p.toml:3:1: uplink.eth.match: expected exactly one of name, imei, iccid, modem, found a table with name, modem",
  ],
  "an IMEI that is none": [
    `version = 1\n[uplink.lte]\nmatch = { imei = "86769804" }`,
    'p.toml:3:11: uplink.lte.match.imei: expected an IMEI of 15 digits, found "86769804"',
  ],
  "a name that cannot be one": [
    `version = 1\n[uplink."My LAN"]\nmatch = { name = "eth0" }`,
    'p.toml:2:2: uplink."My LAN": expected a name of small letters, digits and hyphens, found "My LAN"',
  ],
  "a name that JavaScript has": [
    `version = 1\n[uplink.__proto__]\nmatch = { name = "eth0" }`,
    'p.toml:2:2: uplink.__proto__: expected a name of small letters, digits and hyphens, found "__proto__"',
  ],
  "a name that JavaScript has, spelled as names are": [
    `version = 1\n[uplink.constructor]\nmatch = { name = "eth0" }`,
    'p.toml:2:2: uplink.constructor: expected another name, found "constructor"',
  ],
  "an undefined check": [
    `version = 1\n${eth}\ncheck = "intrnet"\n${lte}\n${check}\n${tiers}`,
    'p.toml:4:1: uplink.eth.check: expected the name of a check; did you mean "internet"?, found "intrnet"',
  ],
  "an undefined uplink in the tiers": [
    `version = 1\n${eth}\n[group]\ndefault = { tiers = [["eth"], ["wlan"]] }`,
    'p.toml:5:32: group.default.tiers[1][0]: expected the name of an uplink: "eth", found "wlan"',
  ],
  "an uplink in two tiers": [
    `version = 1\n${eth}\n[group]\ndefault = { tiers = [["eth"], ["eth"]] }`,
    'p.toml:5:32: group.default.tiers[1][0]: expected every uplink once, found "eth" again',
  ],
  "no tiers": [
    `version = 1\n${eth}`,
    'p.toml: group.default: expected tiers, e.g. tiers = [["eth"], ["lte"]], found nothing',
  ],
  "a check that extends nothing": [
    `version = 1\n[check.frugal]\nextends = "internet"`,
    'p.toml:3:1: check.frugal.extends: expected the name of a check: "frugal", found "internet"',
  ],
  "checks that extend each other": [
    `version = 1\n[check.a]\nextends = "b"\n[check.b]\nextends = "a"`,
    "p.toml:3:1: check.a.extends: expected a check that does not extend itself, found the circle b -> a -> b\n" +
      "p.toml:5:1: check.b.extends: expected a check that does not extend itself, found the circle a -> b -> a",
  ],
  "a quorum that nothing can reach": [
    `version = 1\n${eth}\ncheck = "internet"\n${check}\npass = 2\n[group]\ndefault = { tiers = [["eth"]] }`,
    "p.toml:7:1: check.internet.pass: expected at most 1, the targets of one family, found the number 2",
  ],
  "a static uplink without an address": [
    `version = 1\n${eth}\naddress = "static"\n[group]\ndefault = { tiers = [["eth"]] }`,
    'p.toml:2:2: uplink.eth: expected ipv4 or ipv6 beside address = "static", found neither',
  ],
  "an address without its prefix length": [
    `version = 1\n${eth}\naddress = "static"\nipv4 = { address = "192.0.2.7" }`,
    'p.toml:5:10: uplink.eth.ipv4.address: expected an IPv4 address with its prefix length, e.g. "192.0.2.7/24", found "192.0.2.7"',
  ],
  "an address of the other family": [
    `version = 1\n${eth}\naddress = "static"\nipv6 = { address = "192.0.2.7/24" }`,
    'p.toml:5:10: uplink.eth.ipv6.address: expected an IPv6 address with its prefix length, e.g. "2001:db8::7/64", found "192.0.2.7/24"',
  ],
  "a check slower than the promise": [
    `version = 1\n${eth}\ncheck = "internet"\n${lte}\n${check}\nevery = { idle = "3s" }\n${tiers}`,
    "p.toml:9:11: check.internet.every.idle: expected a worst case of at most 5s for eth, or a longer slo.blackhole, found 6.1s = every.idle 3s + timeout 1s + 2 more rounds of 1s + switch 100ms",
  ],
  "a promise that nobody watches": [
    `version = 1\nslo = { blackhole = "5s" }\n${eth}\n${lte}\n${tiers}`,
    "p.toml:3:2: uplink.eth.check: expected a worst case of at most 5s for eth, or a longer slo.blackhole, or none, which holds neither metered nor unchecked uplinks to it, found no check: a silent failure is never noticed",
  ],
  "a promise faster than the kernel": [
    `version = 1\nslo = { carrier = "500ms" }\n${eth}\n${lte}\n${tiers}`,
    "p.toml:2:9: slo.carrier: expected at least 1.1s, what the kernel needs at worst, found 500ms",
  ],
};

for (const [mistake, [toml, message]] of Object.entries(mistakes))
  t.test(mistake, async (t) => {
    t.equal(refusalOf(toml), message);
  });

t.test("every problem of a file is told at once, in the order of its lines", async (t) => {
  const error = (() => {
    try {
      return policyFrom([{ file: "p.toml", text: `version = 1\n${eth}\nchek = 1\nmetered = "yes"` }], "policy.d");
    } catch (caught) {
      return caught;
    }
  })();
  t.ok(error instanceof ConfigError);
  if (!(error instanceof ConfigError)) return;
  t.strictSame(
    error.problems.map(({ line, key, expected, found }) => ({ line, key, expected, found })),
    [
      {
        line: 4,
        key: "uplink.eth.chek",
        expected: 'a known key; did you mean "check"?',
        found: 'the unknown key "chek"',
      },
      { line: 5, key: "uplink.eth.metered", expected: "true or false", found: '"yes"' },
    ],
  );
});
