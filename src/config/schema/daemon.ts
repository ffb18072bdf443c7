/** wwand.toml's shape. */
import { isIPv4 } from "node:net";
import * as v from "valibot";
import { digits, duration, flag, listOf, text, word } from "./values.js";

const modemUrl = v.pipe(
  v.string('a modem URL, e.g. "mbim+dev:/dev/cdc-wdm0?net=wwan0"'),
  v.regex(/^(mbim|qmi|at)\+(dev|tty|pty|unix):.+$/, 'a modem URL, e.g. "mbim+dev:/dev/cdc-wdm0?net=wwan0"'),
);

const usbPath = digits(/^\d+-\d+(\.\d+)*$/, 'a USB port, e.g. "1-1.4"');
const deviceIds = digits(/^[0-9a-fA-F]{4}:[0-9a-fA-F]{4}$/, 'vendor and product, e.g. "2c7c:0125"');

const modem = v.strictObject({
  match: v.pipe(
    v.strictObject({
      imei: v.exactOptional(digits(/^\d{15}$/, "an IMEI of 15 digits")),
      "usb-path": v.exactOptional(usbPath),
      ids: v.exactOptional(deviceIds),
      url: v.exactOptional(modemUrl),
      any: v.exactOptional(v.literal(true, "true")),
    }),
    v.check((given) => Object.keys(given).length > 0, "at least one of imei, usb-path, ids, url, any"),
    v.check(
      (given) => Object.keys(given).length <= 1 || !("url" in given || "any" in given),
      "url or any alone: it says all",
    ),
  ),
  connect: v.exactOptional(flag),
  multiplex: v.exactOptional(flag),
  "ip-method": v.exactOptional(word(["static", "dhcp", "ppp"])),
  "request-gap": v.exactOptional(duration(1, 1_000, "20ms")),
});

const device = v.pipe(
  v.strictObject({
    ids: v.exactOptional(deviceIds),
    "usb-path": v.exactOptional(usbPath),
    because: v.pipe(text, v.minLength(1, "the reason for this entry")),
    modem: v.exactOptional(flag),
    ports: v.exactOptional(
      v.record(
        digits(/^\d{1,2}$/, "the number of a USB interface"),
        word(["at", "modem", "nmea", "diagnostics", "ignore"]),
        "a table from interface numbers to roles",
      ),
    ),
  }),
  v.check((given) => "ids" in given || "usb-path" in given, "at least one of ids, usb-path"),
);

const apn = v.pipe(text, v.maxLength(100, "an APN of at most 100 characters"));

/** Beside the connection that the keys of [[sim]] itself describe, whose context has this name. */
const firstContextName = "Internet";

const context = v.strictObject({
  name: v.pipe(
    text,
    v.minLength(1, "a name"),
    v.maxLength(127, "a name of at most 127 characters"),
    v.check((given) => given !== firstContextName, "another name: the first connection has this one"),
  ),
  apn,
  user: v.exactOptional(text),
  password: v.exactOptional(text),
  auth: v.exactOptional(word(["none", "pap", "chap"])),
  ip: v.exactOptional(word(["v4", "v6", "v4v6"])),
  connect: v.exactOptional(flag),
});

/** What a [[sim]] is for. */
const simKeys = ["iccid", "imsi", "plmn", "any"] as const;

const sim = v.pipe(
  v.strictObject({
    iccid: v.exactOptional(digits(/^\d{18,20}$/, "an ICCID of 18 to 20 digits")),
    imsi: v.exactOptional(digits(/^\d{6,15}$/, "an IMSI of 6 to 15 digits")),
    plmn: v.exactOptional(digits(/^\d{5,6}$/, 'MCC and MNC of the operator, 5 or 6 digits, e.g. "26201"')),
    any: v.exactOptional(v.literal(true, "true")),
    apn: v.exactOptional(apn),
    user: v.exactOptional(text),
    password: v.exactOptional(text),
    auth: v.exactOptional(word(["none", "pap", "chap"])),
    ip: v.exactOptional(word(["v4", "v6", "v4v6"])),
    pin: v.exactOptional(digits(/^\d{4,8}$/, "a PIN of 4 to 8 digits, as text")),
    roaming: v.exactOptional(flag),
    "attach-apn": v.exactOptional(apn),
    context: v.exactOptional(listOf(context, "table [[sim.context]]")),
  }),
  v.check((given) => simKeys.filter((key) => key in given).length === 1, "exactly one of iccid, imsi, plmn, any"),
  v.check(
    (given) => !("pin" in given) || "iccid" in given || "imsi" in given,
    "pin only beside the iccid or imsi of one card",
  ),
  v.check(
    (given) => "apn" in given || !["user", "password", "auth"].some((key) => key in given),
    "apn beside user, password or auth",
  ),
  v.check(
    (given) => "apn" in given || !("context" in given),
    "apn beside [[sim.context]]: that of the first connection",
  ),
  v.check(
    ({ context: contexts = [] }) => new Set(contexts.map(({ name }) => name)).size === contexts.length,
    "one [[sim.context]] for each name",
  ),
);

const file = v.pipe(v.string("an absolute path"), v.regex(/^\/.*[^/]$/, "an absolute path"));
const folder = v.pipe(v.string("an absolute path"), v.regex(/^\//, "an absolute path"));
const busName = v.pipe(
  v.string("a bus name"),
  v.regex(/^[A-Za-z_-][\w-]*(\.[A-Za-z_-][\w-]*)+$/, 'a bus name, e.g. "net.connman"'),
);

const loopback = v.pipe(
  v.string("a loopback address"),
  v.check(
    (given) => given === "::1" || (isIPv4(given) && given.startsWith("127.")),
    'a loopback address, e.g. "127.0.0.200"',
  ),
);

export const daemonSchema = v.strictObject({
  "ip-owner": v.exactOptional(word(["auto", "self", "client"])),
  actuate: v.exactOptional(word(["auto", "self", "steer", "observe"])),
  managers: v.exactOptional(v.array(busName, "a list of bus names")),
  bus: v.exactOptional(text),
  "log-level": v.exactOptional(word(["error", "warning", "notice", "info", "debug"])),
  paths: v.exactOptional(
    v.strictObject({
      "policy-dir": v.exactOptional(
        v.union([folder, listOf(folder, "absolute path")], "an absolute path or a list of them"),
      ),
      "state-dir": v.exactOptional(folder),
      "runtime-dir": v.exactOptional(folder),
      providers: v.exactOptional(file),
      "ofono-dir": v.exactOptional(folder),
      "hooks-dir": v.exactOptional(folder),
    }),
  ),
  dns: v.exactOptional(
    v.strictObject({
      backend: v.exactOptional(word(["auto", "resolved", "dnsmasq", "dnsmasq-file", "resolvconf", "file", "none"])),
      stub: v.exactOptional(flag),
      "stub-address": v.exactOptional(loopback),
    }),
  ),
  record: v.exactOptional(flag),
  discovery: v.exactOptional(flag),
  "mode-switch": v.exactOptional(flag),
  modem: v.exactOptional(listOf(modem, "table [[modem]]")),
  device: v.exactOptional(listOf(device, "table [[device]]")),
  sim: v.exactOptional(listOf(sim, "table [[sim]]")),
});

export type DaemonInput = v.InferOutput<typeof daemonSchema>;

/** As `laterPolicyKeys`. */
export const laterDaemonKeys: Readonly<Record<string, readonly string[]>> = {
  "": ["trace", "metrics", "recover"],
  "modem.*": ["name", "quirks"],
  "sim.*": ["esim", "slot"],
};

/** Keys whose values never appear in a message, and whose presence makes a file private. */
export const secretKeys: readonly string[] = ["pin", "password"];
