import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { daemonConfigFrom, defaultDaemonConfig, loadDaemonConfig } from "../../src/config/daemon.js";
import { ConfigError } from "../../src/config/error.js";
import { simSettings } from "../../src/config/sims.js";
import { errorText } from "../../src/runtime/error.js";

const refusalOf = (text: string, mode?: number): string => {
  try {
    daemonConfigFrom("wwand.toml", text, mode);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "accepted";
};

t.test("a whole file", async (t) => {
  const config = daemonConfigFrom(
    "wwand.toml",
    `
ip-owner = "self"
mode-switch = false
actuate = "observe"
managers = ["net.connman", "org.example.Manager"]
log-level = "debug"
[paths]
state-dir = "/data/wwand"
[dns]
backend = "resolvconf"
stub = true
stub-address = "127.0.0.7"
[[modem]]
match = { usb-path = "1-1.4", ids = "2C7C:0125" }
connect = true
multiplex = false
ip-method = "dhcp"
request-gap = "20ms"
[[modem]]
match = { url = "mbim+dev:/dev/cdc-wdm0?net=wwan0" }
[[modem]]
match = { any = true }
[[device]]
ids = "1E0E:9011"
usb-path = "1-1.2"
because = "our board swaps the ports"
ports = { 3 = "modem", 4 = "ignore" }
[[sim]]
iccid = "89490200001234567890"
apn = "internet"
user = "u"
password = "secret"
ip = "v4"
pin = "1234"
roaming = true
attach-apn = ""
[[sim]]
imsi = "262011234567890"
[[sim]]
plmn = "23450"
apn = "iot.example"
[[sim.context]]
name = "voice"
apn = "voice.example"
user = "v"
ip = "v6"
[[sim.context]]
name = "update"
apn = ""
connect = false
[[sim]]
any = true
roaming = true
`,
  );
  t.strictSame(config, {
    ipOwner: "self",
    actuate: "observe",
    managers: ["net.connman", "org.example.Manager"],
    bus: "system",
    logLevel: "debug",
    paths: { ...defaultDaemonConfig.paths, stateDir: "/data/wwand" },
    dns: { backend: "resolvconf", stub: true, stubAddress: "127.0.0.7" },
    modems: [
      {
        match: { usbPath: "1-1.4", ids: "2c7c:0125" },
        connect: true,
        multiplex: false,
        ipMethod: "dhcp",
        requestGapMs: 20,
      },
      { match: { url: "mbim+dev:/dev/cdc-wdm0?net=wwan0" } },
      { match: { any: true } },
    ],
    record: true,
    discovery: true,
    modeSwitch: false,
    devices: [
      {
        ids: "1e0e:9011",
        usbPath: "1-1.2",
        because: "our board swaps the ports",
        ports: { 3: "modem", 4: "ignore" },
      },
    ],
    sims: [
      {
        match: { iccid: "89490200001234567890" },
        access: { apn: "internet", user: "u", password: "secret", auth: "chap", beside: [] },
        ip: "ip",
        pin: "1234",
        roaming: true,
        attachApn: "",
      },
      { match: { imsi: "262011234567890" } },
      {
        match: { plmn: "23450" },
        access: {
          ...{ apn: "iot.example", user: "", password: "", auth: "none" },
          beside: [
            { name: "voice", apn: "voice.example", user: "v", password: "", auth: "chap", ip: "ipv6", connect: true },
            { name: "update", apn: "", user: "", password: "", auth: "none", connect: false },
          ],
        },
      },
      { match: { any: true }, roaming: true },
    ],
  });
  t.strictSame(daemonConfigFrom("wwand.toml", ""), defaultDaemonConfig, "an empty file is the defaults");
});

const mistakes: Readonly<Record<string, readonly [toml: string, message: string]>> = {
  "a PIN as a number": [
    `[[sim]]\nimsi = "262011234567890"\npin = 1234`,
    "wwand.toml:3:1: sim[0].pin: expected a PIN of 4 to 8 digits, as text, found another value (not shown)",
  ],
  "a mistyped secret": [
    `[[sim]]\nimsi = "262011234567890"\npasswort = "hunter2"`,
    'wwand.toml:3:1: sim[0].passwort: expected a known key; did you mean "password"?, found the unknown key "passwort"',
  ],
  "a card that is named twice over": [
    `[[sim]]\nimsi = "262011234567890"\niccid = "89490200001234567890"`,
    "wwand.toml:1:3: sim[0]: expected exactly one of iccid, imsi, plmn, any, found a table with iccid, imsi",
  ],
  "a PIN for every card": [
    `[[sim]]\nany = true\npin = "1234"`,
    "wwand.toml:1:3: sim[0]: expected pin only beside the iccid or imsi of one card, found a table with any, pin",
  ],
  "a user without an APN": [
    `[[sim]]\nplmn = "26201"\nuser = "u"`,
    "wwand.toml:1:3: sim[0]: expected apn beside user, password or auth, found a table with plmn, user",
  ],
  "a context beside nothing": [
    `[[sim]]\nplmn = "26201"\n[[sim.context]]\nname = "iot"\napn = "iot"`,
    "wwand.toml:1:3: sim[0]: expected apn beside [[sim.context]]: that of the first connection, found a table with plmn, context",
  ],
  "a context without an APN": [
    `[[sim]]\nany = true\napn = "internet"\n[[sim.context]]\nname = "iot"`,
    'wwand.toml:4:3: sim[0].context[0].apn: expected the key "apn", found nothing',
  ],
  "two contexts of one name": [
    `[[sim]]\nany = true\napn = "a"\n[[sim.context]]\nname = "iot"\napn = "b"\n[[sim.context]]\nname = "iot"\napn = "c"`,
    "wwand.toml:1:3: sim[0]: expected one [[sim.context]] for each name, found a table with any, apn, context",
  ],
  "a context called as the first one": [
    `[[sim]]\nany = true\napn = "a"\n[[sim.context]]\nname = "Internet"\napn = "b"`,
    'wwand.toml:5:1: sim[0].context[0].name: expected another name: the first connection has this one, found "Internet"',
  ],
  "a gap that would take longer than an answer": [
    `[[modem]]\nmatch = { any = true }\nrequest-gap = "2s"`,
    'wwand.toml:3:1: modem[0].request-gap: expected a duration between 1ms and 1s, found "2s"',
  ],
  "any = false": [`[[sim]]\nany = false`, "wwand.toml:2:1: sim[0].any: expected true, found false"],
  "two entries for one card": [
    `[[sim]]\nimsi = "262011234567890"\n[[sim]]\nimsi = "262011234567890"`,
    "wwand.toml:3:3: sim[1]: expected one [[sim]] for each sim, found the same one again",
  ],
  "a modem that matches anything": [
    "[[modem]]\nmatch = {}",
    "wwand.toml:2:1: modem[0].match: expected at least one of imei, usb-path, ids, url, any, found an empty table",
  ],
  "a URL and more": [
    `[[modem]]\nmatch = { any = true, ids = "2c7c:0125" }`,
    "wwand.toml:2:1: modem[0].match: expected url or any alone: it says all, found a table with ids, any",
  ],
  "a device without a reason": [
    `[[device]]\nids = "2341:0043"\nmodem = true`,
    'wwand.toml:1:3: device[0].because: expected the key "because", found nothing',
  ],
  "a port role that is none": [
    `[[device]]\nids = "2341:0043"\nbecause = "x"\nports = { 2 = "voice" }`,
    'wwand.toml:4:11: device[0].ports.2: expected "at" or "modem" or "nmea" or "diagnostics" or "ignore", found "voice"',
  ],
  "a port that is no interface number": [
    `[[device]]\nids = "2341:0043"\nbecause = "x"\nports = { ttyUSB2 = "at" }`,
    'wwand.toml:4:11: device[0].ports.ttyUSB2: expected the number of a USB interface, found "ttyUSB2"',
  ],
  "two entries for one device": [
    `[[device]]\nids = "2C7C:0125"\nbecause = "x"\n[[device]]\nids = "2c7c:0125"\nbecause = "y"`,
    "wwand.toml:4:3: device[1]: expected one [[device]] for each device, found the same one again",
  ],
  "a URL that is none": [
    `[[modem]]\nmatch = { url = "/dev/cdc-wdm0" }`,
    'wwand.toml:2:11: modem[0].match.url: expected a modem URL, e.g. "mbim+dev:/dev/cdc-wdm0?net=wwan0", found "/dev/cdc-wdm0"',
  ],
  "yes for true": [
    `[[modem]]\nmatch = { ids = "2c7c:0125" }\nconnect = "yes"`,
    'wwand.toml:3:1: modem[0].connect: expected true or false, found "yes"',
  ],
  "one modem as a table": [
    `[modem]\nconnect = true`,
    "wwand.toml:1:2: modem: expected a list of at least one table [[modem]], found a table with connect",
  ],
  "a word that is none": [
    `ip-owner = "me"`,
    'wwand.toml:1:1: ip-owner: expected "auto" or "self" or "client", found "me"',
  ],
  "a relative path": [
    `[paths]\nstate-dir = "state"`,
    'wwand.toml:2:1: paths.state-dir: expected an absolute path, found "state"',
  ],
};

for (const [mistake, [toml, message]] of Object.entries(mistakes))
  t.test(mistake, async (t) => {
    t.equal(refusalOf(toml), message);
  });

t.test("a file with a PIN that the group can read is refused, and says what to do", async (t) => {
  const secretive = `[[sim]]\nimsi = "262011234567890"\npin = "1234"\n`;
  const file = join(t.testdir({}), "wwand.toml");
  writeFileSync(file, secretive);
  chmodSync(file, 0o640);
  t.throws(() => loadDaemonConfig(file), {
    name: "ConfigError",
    line: 3,
    key: "sim[0].pin",
    expected: `a file that only its owner can read, because it holds a secret: chmod 600 ${file}`,
    found: "mode 0640",
  });
  chmodSync(file, 0o600);
  t.equal(loadDaemonConfig(file).sims[0]?.pin, "1234", "private, it is read");
  writeFileSync(file, 'log-level = "debug"\n');
  chmodSync(file, 0o644);
  t.equal(loadDaemonConfig(file).logLevel, "debug", "a file without secrets may be read by all");
});

t.test("a password of a further connection makes the file private as well", async (t) => {
  const further = `[[sim]]\nany = true\napn = "a"\n[[sim.context]]\nname = "iot"\napn = "b"\npassword = "hunter2"\n`;
  t.match(refusalOf(further, 0o644), /^wwand\.toml:7:1: sim\[0\]\.context\[0\]\.password: .*chmod 600/);
  t.equal(refusalOf(further, 0o600), "accepted");
});

t.test("a secret never appears in a refusal", async (t) => {
  for (const line of ['pin = "12a4hunter2"', "password = 12345678", 'pin = ["hunter2"]'])
    t.notMatch(refusalOf(`[[sim]]\nimsi = "262011234567890"\n${line}`), /hunter2|12345678|12a4/);
});

t.test("nor where the file is no TOML: the parser quotes the line, the log prints every cause", async (t) => {
  for (const line of ['password = "hunter2" oops', "pin = 12a4hunter2", 'password = "hunter2'])
    try {
      daemonConfigFrom("wwand.toml", `[[sim]]\nimsi = "262011234567890"\n${line}\n`);
      t.fail(`${line} was accepted`);
    } catch (error) {
      t.match(errorText(error), /^wwand\.toml:3:\d+: expected TOML/);
      t.notMatch(errorText(error), /hunter2|12a4/);
    }
});

t.test("a missing file", async (t) => {
  const file = join(t.testdir({}), "absent.toml");
  t.throws(() => loadDaemonConfig(file), { name: "ConfigError", file, expected: "a readable file" });
  t.strictSame(loadDaemonConfig(file, { orDefaults: true }), defaultDaemonConfig);
});

t.test("a fleet: each key from the narrowest [[sim]] that has it", async (t) => {
  const { sims } = daemonConfigFrom(
    "wwand.toml",
    `
[[sim]]
any = true
roaming = true
ip = "v4"
[[sim]]
plmn = "23450"
apn = "iot.example"
user = "fleet"
[[sim]]
plmn = "234507"
apn = "other.example"
[[sim]]
imsi = "234501111111111"
pin = "1234"
[[sim]]
iccid = "89490200001234567890"
apn = "mine.example"
roaming = false
`,
  );
  const iot = { apn: "iot.example", user: "fleet", password: "", auth: "chap", beside: [] };
  t.strictSame(simSettings(sims, {}), { ip: "ip", roaming: true }, "a locked card");
  t.strictSame(simSettings(sims, { imsi: "262011234567890" }), { ip: "ip", roaming: true }, "an unknown one");
  const attaching = [...sims, { match: { imsi: "262011234567890" }, attachApn: "" }];
  t.match(
    simSettings(attaching, { imsi: "262011234567890" }),
    { attachApn: "" },
    "the network's choice is a wish, too",
  );
  t.strictSame(simSettings(sims, { imsi: "234501111111112" }), { access: iot, ip: "ip", roaming: true });
  t.strictSame(simSettings(sims, { imsi: "234501111111111" }), { access: iot, ip: "ip", pin: "1234", roaming: true });
  t.equal(simSettings(sims, { imsi: "234507111111112" }).access?.apn, "other.example", "the longer one");
  const own = simSettings(sims, { imsi: "234501111111111", iccid: "89490200001234567890" });
  t.strictSame([own.access?.apn, own.access?.user, own.roaming, own.pin], ["mine.example", "", false, "1234"]);
  t.strictSame(simSettings([], {}), { ip: "dual", roaming: false });
});
