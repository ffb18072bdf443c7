/** wwand.toml: read, checked, interpreted. */
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { type DnsConfig, defaultDnsConfig } from "../network/dns/types.js";
import { errnoOf, errorText } from "../runtime/error.js";
import { parseDocument, type TomlDocument } from "./document.js";
import { ConfigError } from "./error.js";
import { problemAt, refuse } from "./explain.js";
import { defaultPolicyDirs } from "./policy-files.js";
import { type DaemonInput, daemonSchema, laterDaemonKeys, secretKeys } from "./schema/daemon.js";
import type { AccessBeside, ApnAccess, DaemonConfig, DeviceConfig, ModemConfig, SimConfig, SimMatch } from "./types.js";
import { validate } from "./validate.js";

/** Group and others may not read a file that holds secrets. */
const sharedModeBits = 0o077;

export const defaultDaemonConfig: DaemonConfig = {
  ipOwner: "auto",
  actuate: "auto",
  managers: ["net.connman"],
  bus: "system",
  logLevel: "info",
  paths: {
    policyDirs: defaultPolicyDirs,
    stateDir: "/var/lib/wwand",
    runtimeDir: "/run/wwand",
    providers: "/usr/share/mobile-broadband-provider-info/serviceproviders.xml",
    ofonoDir: "/var/lib/ofono",
    hooksDir: "/etc/wwand/hooks.d",
  },
  dns: defaultDnsConfig,
  record: true,
  discovery: true,
  modeSwitch: true,
  modems: [],
  devices: [],
  sims: [],
};

/** @throws ConfigError; also when the file is missing: a caller that named it by default asks with `orDefaults` */
export function loadDaemonConfig(file: string, options: { readonly orDefaults?: boolean } = {}): DaemonConfig {
  let read: { text: string; mode: number };
  try {
    read = readWithMode(file);
  } catch (error) {
    if (options.orDefaults && errnoOf(error) === "ENOENT") return defaultDaemonConfig;
    throw new ConfigError([{ file, key: "", expected: "a readable file", found: errorText(error) }]);
  }
  return daemonConfigFrom(file, read.text, read.mode);
}

/** @param mode Of the file, as stat(2) gives it. @throws ConfigError */
export function daemonConfigFrom(file: string, text: string, mode = 0o600): DaemonConfig {
  const document = parseDocument(file, text);
  refuseOpenSecrets(document, mode);
  const input = validate(daemonSchema, document.value, document, laterDaemonKeys);
  refuseTwice(document, input);
  return interpreted(input);
}

/** Mode and content of one open file: nobody can swap it in between. */
function readWithMode(file: string): { text: string; mode: number } {
  const fd = openSync(file, "r");
  try {
    return { mode: fstatSync(fd).mode, text: readFileSync(fd, "utf8") };
  } finally {
    closeSync(fd);
  }
}

function refuseOpenSecrets(document: TomlDocument, mode: number): void {
  if ((mode & sharedModeBits) === 0) return;
  const { sim } = document.value;
  const tables: readonly unknown[] = Array.isArray(sim) ? sim : [];
  for (const [index, table] of tables.entries()) {
    const secret = secretIn(table);
    if (secret === undefined) continue;
    const octal = (mode & 0o777).toString(8).padStart(4, "0");
    const expected = `a file that only its owner can read, because it holds a secret: chmod 600 ${document.file}`;
    refuse([problemAt(document, ["sim", index, ...secret], expected, `mode ${octal}`)]);
  }
}

/** Where in a [[sim]], as written, the first secret stands. */
function secretIn(table: unknown): readonly (string | number)[] | undefined {
  if (typeof table !== "object" || table === null) return undefined;
  const key = secretKeys.find((secret) => secret in table);
  if (key !== undefined) return [key];
  const contexts: readonly unknown[] = "context" in table && Array.isArray(table.context) ? table.context : [];
  const nested = contexts.map(secretIn);
  const index = nested.findIndex((found) => found !== undefined);
  return index < 0 ? undefined : ["context", index, ...(nested[index] ?? [])];
}

/** Two entries for one card or modem: which one holds would depend on their order. */
function refuseTwice(document: TomlDocument, input: DaemonInput): void {
  const seen = new Set<string>();
  const once = (kind: string, index: number, identity: string) => {
    if (seen.has(identity))
      refuse([problemAt(document, [kind, index], `one [[${kind}]] for each ${kind}`, "the same one again")]);
    seen.add(identity);
  };
  (input.sim ?? []).forEach((sim, index) => {
    once("sim", index, `sim ${JSON.stringify(simMatch(sim))}`);
  });
  (input.device ?? []).forEach(({ ids = "", "usb-path": usbPath = "" }, index) => {
    once("device", index, `device ${ids.toLowerCase()} ${usbPath}`);
  });
  (input.modem ?? []).forEach((modem, index) => {
    once("modem", index, `modem ${JSON.stringify(Object.entries(modem.match).sort())}`);
  });
}

function interpreted(input: DaemonInput): DaemonConfig {
  const defaults = defaultDaemonConfig;
  return {
    ipOwner: input["ip-owner"] ?? defaults.ipOwner,
    actuate: input.actuate ?? defaults.actuate,
    managers: input.managers ?? defaults.managers,
    bus: input.bus ?? defaults.bus,
    logLevel: input["log-level"] ?? defaults.logLevel,
    paths: {
      policyDirs: [input.paths?.["policy-dir"] ?? defaults.paths.policyDirs].flat(),
      stateDir: input.paths?.["state-dir"] ?? defaults.paths.stateDir,
      runtimeDir: input.paths?.["runtime-dir"] ?? defaults.paths.runtimeDir,
      providers: input.paths?.providers ?? defaults.paths.providers,
      ofonoDir: input.paths?.["ofono-dir"] ?? defaults.paths.ofonoDir,
      hooksDir: input.paths?.["hooks-dir"] ?? defaults.paths.hooksDir,
    },
    dns: dnsConfig(input),
    record: input.record ?? defaults.record,
    discovery: input.discovery ?? defaults.discovery,
    modeSwitch: input["mode-switch"] ?? defaults.modeSwitch,
    modems: (input.modem ?? []).map(modemConfig),
    devices: (input.device ?? []).map(deviceConfig),
    sims: (input.sim ?? []).map(simConfig),
  };
}

function dnsConfig({ dns = {} }: DaemonInput): DnsConfig {
  const { backend, stubAddress } = defaultDaemonConfig.dns;
  return {
    backend: dns.backend ?? backend,
    ...(dns.stub !== undefined && { stub: dns.stub }),
    stubAddress: dns["stub-address"] ?? stubAddress,
  };
}

type ModemInput = NonNullable<DaemonInput["modem"]>[number];
function modemConfig(input: ModemInput): ModemConfig {
  const { match, connect, multiplex, "ip-method": ipMethod, "request-gap": requestGapMs } = input;
  const { "usb-path": usbPath, ids, ...rest } = match;
  return {
    match: {
      ...rest,
      ...(usbPath !== undefined && { usbPath }),
      ...(ids !== undefined && { ids: ids.toLowerCase() }),
    },
    ...(connect !== undefined && { connect }),
    ...(multiplex !== undefined && { multiplex }),
    ...(ipMethod !== undefined && { ipMethod }),
    ...(requestGapMs !== undefined && { requestGapMs }),
  };
}

type DeviceInput = NonNullable<DaemonInput["device"]>[number];
function deviceConfig({ ids, "usb-path": usbPath, because, modem, ports }: DeviceInput): DeviceConfig {
  return {
    ...(ids !== undefined && { ids: ids.toLowerCase() }),
    ...(usbPath !== undefined && { usbPath }),
    because,
    ...(modem !== undefined && { modem }),
    ...(ports !== undefined && { ports }),
  };
}

const ipProtocols = { v4: "ip", v6: "ipv6", v4v6: "dual" } as const;

type SimInput = NonNullable<DaemonInput["sim"]>[number];
function simConfig(sim: SimInput): SimConfig {
  const { apn, ip, pin, roaming, "attach-apn": attachApn, context = [] } = sim;
  return {
    match: simMatch(sim),
    ...(apn !== undefined && { access: { ...accessOf({ ...sim, apn }), beside: context.map(besideOf) } }),
    ...(ip !== undefined && { ip: ipProtocols[ip] }),
    ...(pin !== undefined && { pin }),
    ...(roaming !== undefined && { roaming }),
    ...(attachApn !== undefined && { attachApn }),
  };
}

interface AccessInput extends Pick<SimInput, "user" | "password" | "auth"> {
  readonly apn: string;
}

const accessOf = ({ apn, user = "", password = "", auth = user === "" ? "none" : "chap" }: AccessInput): ApnAccess => ({
  apn,
  user,
  password,
  auth,
});

function besideOf(context: NonNullable<SimInput["context"]>[number]): AccessBeside {
  const { name, ip, connect = true } = context;
  return { name, ...accessOf(context), ...(ip !== undefined && { ip: ipProtocols[ip] }), connect };
}

function simMatch({ iccid, imsi, plmn }: SimInput): SimMatch {
  if (iccid !== undefined) return { iccid };
  if (imsi !== undefined) return { imsi };
  return plmn === undefined ? { any: true } : { plmn };
}
