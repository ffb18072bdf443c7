/**
 * Debian's package ofono-scripts, unmodified, against org.ofono over modems in memory. What it shall print was taken from
 * the same scripts against Debian's ofonod 1.31 (with an AT modem behind its phonesim plugin).
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { defaultCard, type FakeModemOptions } from "../fakes/modems.js";
import { modemIface, path, rig } from "./interfaces/rig.js";

const folder = new URL("../../.cache/debs/root/usr/share/ofono/scripts/", import.meta.url).pathname;
const python = "/usr/bin/python3";

function missing(): string | false {
  if (!existsSync(join(folder, "list-modems"))) return `${folder} is not there: run packaging/setup`;
  const dbus = spawnSync(python, ["-c", "import dbus"]);
  return dbus.status === 0 ? false : "python3-dbus is not installed";
}

interface Outcome {
  readonly code: number | null;
  /** Lines without trailing blanks and empty ones. */
  readonly out: readonly string[];
  /** The name in the last line of a Python traceback, without `org.ofono.Error.`. */
  readonly error: string | undefined;
}

const lines = (text: string): readonly string[] =>
  text
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "");

function errorIn(text: string): string | undefined {
  const name = /^dbus\.exceptions\.DBusException: ([\w.]+):/m.exec(text)?.[1];
  return name?.replace("org.ofono.Error.", "");
}

/** A section of list-modems: `[ org.ofono.SimManager ]` and what is indented below it, sorted. */
function section(out: readonly string[], title: string): readonly string[] {
  const at = out.findIndex((line) => line.trim() === `[ ${title} ]`);
  const rest = out.slice(at + 1);
  const end = rest.findIndex((line) => line.trim().startsWith("["));
  return (end < 0 ? rest : rest.slice(0, end)).map((line) => line.trim()).sort();
}

async function lab(t: Test, options: FakeModemOptions = {}) {
  const base = await rig(t);
  const modem = base.modems.add(options);
  await base.client.take();
  const start = (environment: NodeJS.ProcessEnv, script: string, ...args: string[]) => {
    const env = { PATH: process.env.PATH ?? "", DBUS_SYSTEM_BUS_ADDRESS: base.bus.address, ...environment };
    return spawn(python, [join(folder, script), ...args], { env });
  };
  const ended = (child: ReturnType<typeof start>) =>
    new Promise<Outcome>((resolve, reject) => {
      let [stdout, stderr] = ["", ""];
      child.stdout.on("data", (text: Buffer) => {
        stdout += text.toString();
      });
      child.stderr.on("data", (text: Buffer) => {
        stderr += text.toString();
      });
      child.once("error", reject);
      child.once("close", (code) =>
        resolve({ code, out: [...lines(stdout), ...(code === 0 ? lines(stderr) : [])], error: errorIn(stderr) }),
      );
    });
  const run = (script: string, ...args: string[]) => ended(start({}, script, ...args));
  const online = async () => {
    await run("enable-modem");
    await base.client.until(`${path} Modem Features=["gprs","sim"]`);
    await run("online-modem");
    await base.client.until(`${path} ConnectionManager Bearer="lte"`);
  };
  return { ...base, modem, start, ended, run, online };
}

const fine = (...out: string[]): Outcome => ({ code: 0, out, error: undefined });
const refused = (error: string, ...out: string[]): Outcome => ({ code: 1, out, error });

t.test("ofono-scripts", { skip: missing() }, async (t) => {
  t.test("enable-modem, online-modem, list-modems, offline-modem, disable-modem", async (t) => {
    const { run, online, client } = await lab(t);
    t.strictSame(section((await run("list-modems")).out, path), [
      "Emergency = 0",
      "Features =",
      "Interfaces =",
      "Lockdown = 0",
      "Online = 0",
      "Powered = 0",
      "SystemPath = /sys/devices/platform/vhci_hcd.0/usb1/1-1",
      "Type = hardware",
    ]);
    t.strictSame(await run("offline-modem"), refused("NotAvailable", `Setting modem ${path} offline...`));
    t.strictSame(await run("enable-modem"), fine(`Connecting modem ${path}...`));
    await client.until(`${path} Modem Features=["gprs","sim"]`);
    t.strictSame(await run("online-modem"), fine(`Setting modem ${path} online...`));
    await client.until(`${path} ConnectionManager Bearer="lte"`);
    const { out } = await run("list-modems");
    t.strictSame(section(out, path), [
      "Capabilities = dbus.Array([dbus.String('lte')], signature=dbus.Signature('s'), variant_level=1)",
      "Emergency = 0",
      "Features = net gprs sim",
      "Interfaces = org.ofono.NetworkRegistration org.ofono.ConnectionManager org.ofono.SimManager",
      "Lockdown = 0",
      "Manufacturer = wwand",
      "Model = Virtual Modem",
      "Online = 1",
      "Powered = 1",
      "Revision = 1.0",
      "Serial = 352099001761481",
      "SystemPath = /sys/devices/platform/vhci_hcd.0/usb1/1-1",
      "Type = hardware",
    ]);
    t.strictSame(section(out, "org.ofono.NetworkRegistration"), [
      "MobileCountryCode = 262",
      "MobileNetworkCode = 01",
      "Mode = auto",
      "Name = Testnetz",
      "Status = registered",
      "Strength = 61",
      "Technology = lte",
    ]);
    t.strictSame(section(out, "org.ofono.ConnectionManager"), [
      "Attached = 1",
      "Bearer = lte",
      "Powered = 1",
      "RoamingAllowed = 0",
      "Suspended = 0",
    ]);
    t.strictSame(section(out, "org.ofono.SimManager"), [
      "ActiveCardSlot = 1",
      "BarredDialing = 0",
      "CardIdentifier = 8949020000012345678",
      "CardSlotCount = 1",
      "FixedDialing = 0",
      "LockedPins =",
      "MobileCountryCode = 262",
      "MobileNetworkCode = 01",
      "PinRequired = none",
      "Present = 1",
      "Retries = [pin = 3] [puk = 10]",
      "ServiceProviderName = Testnetz",
      "SubscriberIdentity = 262011234567890",
      "SubscriberNumbers = +491701234567",
    ]);
    t.strictSame(await run("offline-modem", path), fine(`Setting modem ${path} offline...`));
    t.strictSame(await run("disable-modem"), fine(`Disconnecting modem ${path}...`));
    t.strictSame(await run("disable-modem"), fine(`Disconnecting modem ${path}...`), "off is off");
    t.strictSame(await run("online-modem"), refused("NotAvailable", `Setting modem ${path} online...`));
    await online();
  });

  t.test("create-internet-context, activate-context, list-contexts, deactivate-context, remove-contexts", async (t) => {
    const { run, online } = await lab(t);
    await online();
    const context = `${path}/context1`;
    const idle = [
      "AccessPointName = internet",
      "Active = 0",
      "AuthenticationMethod = none",
      "IPv6.Settings = { }",
      "Name = Internet",
      "Password =",
      "Protocol = ip",
      "Settings = { }",
      "Type = internet",
      "Username =",
    ];
    t.strictSame(section((await run("list-contexts")).out, context), idle);
    t.strictSame(
      await run("create-internet-context", "foo.bar", "u", "p"),
      fine(`Found context ${context}`, "Setting APN to foo.bar", "Setting username to u", "Setting password to p"),
    );
    t.strictSame(await run("activate-context"), fine());
    t.match(
      (await run("list-contexts")).out.map((line) => line.trim()),
      [
        `[ ${path} ]`,
        `[ ${context} ]`,
        "Name = Internet",
        "Active = 1",
        "Type = internet",
        "Protocol = ip",
        "AccessPointName = foo.bar",
        "Username = u",
        "Password = p",
        "AuthenticationMethod = none",
        "Settings = { Interface=wwan0 Method=static Address=10.64.0.7 Netmask=255.255.255.248 Gateway=10.64.0.7" +
          " DomainNameServers=10.64.255.1,10.64.255.2, }",
        "IPv6.Settings = { }",
      ],
      "in ofonod's order",
    );
    t.strictSame(await run("create-internet-context", "other"), refused("InUse", `Found context ${context}`));
    t.strictSame(await run("activate-context", path, "1"), fine(), "again");
    t.strictSame(await run("deactivate-context"), fine());
    t.strictSame(await run("deactivate-context", "1"), fine(), "again");
    t.strictSame(await run("deactivate-all"), fine());
    t.strictSame(await run("remove-contexts"), fine(`Removed: [ ${context} ]`));
    t.strictSame(await run("list-contexts"), fine(`[ ${path} ]`));
    t.strictSame(await run("create-internet-context"), fine(`Created new context ${path}/context2`));
  });

  t.test("activate-context when the network refuses", async (t) => {
    const { run, online, modem } = await lab(t);
    await online();
    modem.packetData?.detach();
    const { code, out } = await run("activate-context");
    t.equal(code, 2);
    t.match(out, [`Error activating ${path}/context1: org.ofono.Error.NotAttached: `]);
  });

  t.test("set-context-property", async (t) => {
    const { run, online } = await lab(t);
    await online();
    const failing = async (name: string, value: string) => {
      const { code, out } = await run("set-context-property", "0", name, value);
      return `${code} ${/org\.ofono\.Error\.(\w+)/.exec(out.join())?.[1]}`;
    };
    t.strictSame(await run("set-context-property", "0", "Name", "Foo"), fine());
    t.strictSame(await run("set-context-property", "0", "Protocol", "dual"), fine());
    t.equal(await failing("AccessPointName", ""), "2 InvalidFormat");
    t.equal(await failing("Protocol", "nix"), "2 InvalidFormat");
    t.equal(await failing("Active", "1"), "2 InvalidArguments");
    t.equal(await failing("MessageProxy", "x"), "2 InvalidArguments");
    t.equal(await failing("Nix", "x"), "2 InvalidArguments");
    t.match(section((await run("list-contexts")).out, `${path}/context1`), ["AccessPointName = internet"]);
  });

  t.test("process-context-settings reads what an active context says", async (t) => {
    const { run, online, start, ended } = await lab(t);
    await online();
    await run("activate-context");
    const bin = await mkdtemp(join(tmpdir(), "wwand-bin-"));
    t.teardown(() => rm(bin, { recursive: true }));
    await writeFile(join(bin, "ip"), '#!/bin/sh\necho "ip $@"\n');
    await chmod(join(bin, "ip"), 0o755);
    const { code, out } = await ended(start({ PATH: bin }, "process-context-settings"));
    t.equal(code, 0);
    t.strictSame(
      out.filter((line) => line.startsWith("ip ")),
      [
        "ip address add dev wwan0 10.64.0.7/32",
        "ip route add 10.64.255.1 dev wwan0",
        "ip route add 10.64.255.2 dev wwan0",
      ],
    );
  });

  t.test("set-roaming-allowed, enable-gprs, disable-gprs", async (t) => {
    const { run, online, client, modem } = await lab(t);
    t.strictSame(
      await run("enable-gprs"),
      refused("org.freedesktop.DBus.Error.UnknownMethod", `Connecting modem ${path}...`),
      "no such interface yet",
    );
    await online();
    t.strictSame(await run("set-roaming-allowed"), fine(`Setting ${path} to RoamingAllowed=1`));
    t.equal(modem.packetData?.state.roamingAllowed, true);
    t.strictSame(await run("set-roaming-allowed", "0"), fine(`Setting ${path} to RoamingAllowed=0`));
    t.strictSame(await run("disable-gprs"), fine(`Disconnecting GPRS on modem ${path}...`));
    await client.until(`${path} ConnectionManager Powered=false`);
    t.strictSame(await run("activate-context"), fine(), "switches packet data on by itself");
    t.strictSame(await run("enable-gprs", path), fine(`Connecting modem ${path}...`));
  });

  t.test("scan-for-operators, get-operators, list-operators, register-operator, register-auto", async (t) => {
    const { run, online, modem } = await lab(t);
    await online();
    const operator = (code: string, name: string, status: string) => [
      `[ ${path}/operator/262${code} ]`,
      ...[`Name = ${name}`, `Status = ${status}`, "MobileCountryCode = 262", `MobileNetworkCode = ${code}`].map(
        (line) => `    ${line}`,
      ),
      "    Technologies = lte",
    ];
    const found = [
      ...operator("01", "Testnetz", "current"),
      ...operator("02", "Andersnetz", "available"),
      ...operator("03", "Fremdnetz", "forbidden"),
    ];
    t.strictSame(await run("get-operators"), fine(...operator("01", "Testnetz", "current")));
    t.strictSame(await run("scan-for-operators"), fine(`Scanning operators on modem ${path}...`, ...found));
    t.strictSame(await run("get-operators", path), fine(...found));
    t.strictSame(await run("list-operators"), fine(`[ ${path} ]`, ...found.map((line) => `    ${line}`)));
    t.strictSame(await run("list-operators", "scan"), fine(`[ ${path} ]`, ...found.map((line) => `    ${line}`)));
    t.strictSame(await run("register-operator", "262", "02"), fine());
    t.match(modem.registration?.state, { mode: "manual", mnc: "02" });
    t.strictSame(await run("register-operator", "001", "01"), fine("No operator matching mcc: 001, mnc: 01 found"));
    t.strictSame(await run("register-auto"), fine());
    t.match(modem.registration?.state, { mode: "auto" });
  });

  t.test("enter-pin, reset-pin, change-pin, lock-pin, unlock-pin, set-msisdn, get-icon", async (t) => {
    const { run, client, modem } = await lab(t, { card: { ...defaultCard, locked: true } });
    await run("enable-modem");
    await client.until(`${path} SimManager PinRequired="pin"`);
    const entering = `Enter Pin for modem ${path}...`;
    t.strictSame(await run("enter-pin", "pin", "1"), refused("InvalidFormat", entering));
    for (const _ of [1, 2, 3])
      t.strictSame(await run("enter-pin", "pin", "9999"), refused("IncorrectPassword", entering));
    t.match(section((await run("list-modems")).out, "org.ofono.SimManager"), [
      ...["ActiveCardSlot = 1", "BarredDialing = 0", "CardIdentifier = 8949020000012345678", "CardSlotCount = 1"],
      ...["FixedDialing = 0", "LockedPins = pin", "PinRequired = puk", "Present = 1", "Retries = [pin = 0] [puk = 10]"],
      "SubscriberNumbers =",
    ]);
    t.strictSame(
      await run("reset-pin", "pin", "12345678", "1234"),
      refused("InvalidFormat", `Reset pin for modem ${path}...`),
    );
    t.strictSame(await run("reset-pin", "puk", "12345678", "1234"), fine(`Reset pin for modem ${path}...`));
    await client.until(`${path} Modem Features=["gprs","sim"]`);
    t.strictSame(await run("enter-pin", "pin", "1234"), refused("InvalidFormat", entering), "none is wanted now");
    t.strictSame(await run("change-pin", "pin", "1234", "2222"), fine(`Change pin for modem ${path}...`));
    t.strictSame(await run("unlock-pin", path, "pin", "2222"), fine(`Unlock pin 2222 for modem ${path}...`));
    t.strictSame(modem.sim?.state.lockedPins, []);
    t.strictSame(await run("lock-pin", "pin", "2222"), fine(`Lock pin 2222 for modem ${path}...`));
    t.strictSame(
      await run("unlock-pin", "pin2", "2222"),
      refused("InvalidFormat", `Unlock pin2 2222 for modem ${path}...`),
    );
    t.strictSame(await run("lock-pin", "pin", "12"), refused("InvalidFormat", `Lock pin 12 for modem ${path}...`));
    t.strictSame(await run("set-msisdn", "+49123"), refused("NotImplemented", `Setting MSISDN for modem ${path}...`));
    t.strictSame(await run("get-icon", "1"), refused("NotImplemented"));
  });

  t.test("lockdown-modem holds the modem down until ENTER", async (t) => {
    const { start, ended, run, online, client } = await lab(t);
    await online();
    const script = start({}, "lockdown-modem");
    const outcome = ended(script);
    await client.until(`${path} Modem Lockdown=true`);
    t.match(await client.properties(path, modemIface), { Powered: false, Lockdown: true });
    t.strictSame(await run("enable-modem"), refused("AccessDenied", `Connecting modem ${path}...`));
    script.stdin.write("\n");
    t.strictSame(
      await outcome,
      fine(`Locking and disconnecting modem ${path}...`, `press ENTER to unlock the modem ${path}`),
    );
    t.strictSame(await run("enable-modem"), fine(`Connecting modem ${path}...`));
  });
});
