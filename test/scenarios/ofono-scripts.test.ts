/**
 * Debian's ofono-scripts, unmodified, drive a modem through the real daemon that has no wish of its own. What they shall
 * print was taken from the same scripts against Debian's ofonod 1.31.
 */
import t from "tap";
import { startWwand, writeFiles } from "../lab/daemon.js";
import { eventually } from "../lab/eventually.js";
import { script, scriptsMissing, section } from "../lab/ofono-scripts.js";
import { startModem } from "../lab/virtual-modem.js";
import { internetHost, World } from "../lab/world.js";

t.setTimeout(110_000);

const modem = "/mbim_0";
const context = `${modem}/context1`;
const isLine = (wanted: string) => (lines: readonly string[]) => lines.some((line) => line.trim() === wanted);

t.test("a person with a terminal", { skip: scriptsMissing() }, async (t) => {
  const world = await World.build(t);
  const virtual = await startModem(world, { pinEnabled: "true" });
  await writeFiles(world, { config: `[[modem]]\nmatch = { url = "${virtual.url}" }\nconnect = false\n` });
  const daemon = await startWwand(world);
  const run = (name: string, ...args: readonly string[]) => script(world, name, ...args);
  const listed = (wanted: string) => eventually(wanted, () => run("list-modems"), isLine(wanted));
  await listed(`[ ${modem} ]`);

  await t.test("list-modems, enable-modem", async (t) => {
    t.strictSame(section(await run("list-modems"), modem), [
      ...["Emergency = 0", "Features =", "Interfaces =", "Lockdown = 0", "Online = 0", "Powered = 0"],
      "Type = hardware",
    ]);
    t.strictSame(await run("online-modem"), [
      `Setting modem ${modem} online...`,
      "refused: org.ofono.Error.NotAvailable",
    ]);
    t.strictSame(await run("enable-modem"), [`Connecting modem ${modem}...`]);
    await listed("PinRequired = pin");
    t.ok(section(await run("list-modems"), modem).includes("Serial = 004999010640000"));
  });

  await t.test("enter-pin, change-pin, unlock-pin, lock-pin", async (t) => {
    const entering = `Enter Pin for modem ${modem}...`;
    t.strictSame(await run("enter-pin", "pin", "9999"), [entering, "refused: org.ofono.Error.IncorrectPassword"]);
    await listed("Retries = [pin = 2]");
    t.strictSame(await run("enter-pin", "pin", "1234"), [entering]);
    await listed("SubscriberIdentity = 001010123456789");
    t.strictSame(await run("change-pin", "pin", "1234", "2222"), [`Change pin for modem ${modem}...`]);
    t.strictSame(await run("unlock-pin", "pin", "2222"), [`Unlock pin 2222 for modem ${modem}...`]);
    await listed("LockedPins =");
    t.strictSame(await run("lock-pin", "pin", "2222"), [`Lock pin 2222 for modem ${modem}...`]);
    await listed("LockedPins = pin");
    t.strictSame(await run("unlock-pin", "pin", "2222"), [`Unlock pin 2222 for modem ${modem}...`]);
    const sim = section(await run("list-modems"), "org.ofono.SimManager");
    for (const line of [
      ...["CardIdentifier = 89882280666014579837", "PinRequired = none", "Present = 1", "Retries = [pin = 3]"],
      ...["MobileCountryCode = 001", "MobileNetworkCode = 01", "SubscriberNumbers = +15550100123"],
    ])
      t.ok(sim.includes(line), line);
  });

  await t.test("online-modem", async (t) => {
    t.strictSame(await run("online-modem"), [`Setting modem ${modem} online...`]);
    await listed("Attached = 1");
    const lines = await run("list-modems");
    t.ok(section(lines, modem).includes("Online = 1"));
    t.strictSame(section(lines, "org.ofono.NetworkRegistration"), [
      ...["CellId = 1715004", "LocationAreaCode = 258", "MobileCountryCode = 001", "MobileNetworkCode = 01"],
      ...["Mode = auto", "Name = Wwand Mobile", "Status = registered", "Strength = 53", "Technology = lte"],
    ]);
    t.strictSame(section(lines, "org.ofono.ConnectionManager"), [
      ...["Attached = 1", "Bearer = lte", "Powered = 1", "RoamingAllowed = 0", "Suspended = 0"],
    ]);
  });

  await t.test("list-contexts, create-internet-context, set-context-property, activate-context", async (t) => {
    t.ok(isLine("Active = 0")(await run("list-contexts")));
    t.strictSame(await run("create-internet-context", "internet"), [
      `Found context ${context}`,
      "Setting APN to internet",
    ]);
    t.strictSame(await run("set-context-property", "0", "Protocol", "dual"), []);
    t.strictSame(await run("activate-context"), []);
    const shown = section(await run("list-contexts"), context);
    t.ok(shown.includes("Active = 1"));
    const settings = shown.find((line) => line.startsWith("Settings = ")) ?? "";
    const address = / Address=([\d.]+)/.exec(settings)?.[1] ?? "none";
    t.match(settings, / Interface=wwan0 Method=static .* Gateway=\S+ DomainNameServers=10\.64\.0\.1, }/);
    t.match(
      shown.find((line) => line.startsWith("IPv6.Settings")),
      /Interface=wwan0 .*Address=2001:db8:64:/,
    );
    t.match(await world.host.ip("address show dev wwan0"), `inet ${address}/`, "without a manager wwand assigns it");
    await eventually("packets flow", () => world.reaches(internetHost.ipv4, "wwan0"), Boolean);
    await eventually("IPv6 packets flow", () => world.reaches(internetHost.ipv6, "wwan0"), Boolean);
    t.equal(await world.wayOut(), "eth0", "ethernet keeps the traffic");
    t.strictSame(await run("create-internet-context", "other"), [
      `Found context ${context}`,
      "refused: org.ofono.Error.InUse",
    ]);
  });

  await t.test("set-roaming-allowed", async (t) => {
    t.strictSame(await run("set-roaming-allowed"), [`Setting ${modem} to RoamingAllowed=1`]);
    await listed("RoamingAllowed = 1");
    t.strictSame(await run("set-roaming-allowed", "0"), [`Setting ${modem} to RoamingAllowed=0`]);
  });

  await t.test("initiate-ussd, send-ussd, cancel-ussd", async (t) => {
    t.strictSame(await run("initiate-ussd", "*100#"), ["State: idle", "USSD: Balance: 12.34 EUR"]);
    t.strictSame(await run("send-ussd", "*101#"), ["State: idle", "USSD: Баланс: 5 ₽"]);
    t.strictSame(await run("initiate-ussd", "*999#"), ["State: idle", "refused: org.ofono.Error.NotSupported"]);
    t.strictSame(await run("initiate-ussd", "**21*123#"), ["State: idle", "refused: org.ofono.Error.NotImplemented"]);
    t.strictSame(await run("cancel-ussd"), ["State: idle"]);
    await virtual.step("ussd-ask", "Satisfied?");
    await eventually("asked", () => run("cancel-ussd"), isLine("State: user-response"));
    await virtual.step("ussd-ask", "Now?");
    await listed("State = user-response");
    t.strictSame(await run("send-ussd", "1"), ["State: user-response", "Thank you"]);
    const silent = run("initiate-ussd", "*198#");
    await listed("State = active");
    t.strictSame(await run("cancel-ussd"), ["State: active"]);
    t.strictSame(await silent, ["State: idle", "refused: org.ofono.Error.Canceled"]);
  });

  await t.test("scan-for-operators, get-operators, register-operator, register-auto", async (t) => {
    const operator = (code: readonly [string, string], name: string, status: string) => [
      `[ ${modem}/operator/${code.join("")} ]`,
      ...[`Name = ${name}`, `Status = ${status}`].map((line) => `    ${line}`),
      ...[`MobileCountryCode = ${code[0]}`, `MobileNetworkCode = ${code[1]}`].map((line) => `    ${line}`),
    ];
    const home = operator(["001", "01"], "Wwand Mobile", "current");
    const far = operator(["001", "02"], "Far Away Cellular", "available");
    const foreign = operator(["999", "70"], "Private Net", "forbidden");
    t.strictSame(await run("get-operators"), [...home, "    Technologies = lte"]);
    // MBIM's list of providers does not tell their technologies.
    t.strictSame(await run("scan-for-operators"), [
      `Scanning operators on modem ${modem}...`,
      ...[...home, ...far, ...foreign],
    ]);
    t.strictSame(await run("get-operators"), [...home, ...far, ...foreign]);
    t.strictSame(await run("register-operator", "001", "02"), []);
    await listed("Status = roaming");
    await listed("Mode = manual");
    t.strictSame(await run("register-operator", "262", "01"), ["No operator matching mcc: 262, mnc: 01 found"]);
    t.strictSame(await run("register-auto"), []);
    await listed("Status = registered");
    await listed("Mode = auto");
    await listed("Attached = 1");
  });

  await t.test("deactivate-context, offline-modem, disable-modem", async (t) => {
    await run("activate-context");
    await eventually("active", () => run("list-contexts"), isLine("Active = 1"));
    t.strictSame(await run("deactivate-context"), []);
    t.ok(isLine("Settings = { }")(await run("list-contexts")));
    t.notMatch(await world.host.ip("address show dev wwan0"), /inet 10\.64/, "the address is gone");
    t.strictSame(await run("offline-modem"), [`Setting modem ${modem} offline...`]);
    await listed("Online = 0");
    t.strictSame(await run("disable-modem"), [`Disconnecting modem ${modem}...`]);
    t.ok(isLine("Powered = 0")(await run("list-modems")));
    t.match(JSON.parse(await virtual.step("state")), { model: { softwareOn: false } }, "the radio is off");
  });

  t.notMatch(daemon.text, /2222|unhandled|12\.34|Satisfied/i, "no PIN in the log, and nothing that USSD told");
  t.equal((await daemon.end()).code, 0);
});
