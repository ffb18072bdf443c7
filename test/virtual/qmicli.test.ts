/** The judge is not ours: Debian's qmicli on the virtual modem's pty, directly and through qmi-proxy. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { startVirtualModem } from "../../src/virtual/modem.js";
import { mbimGeneric } from "../../src/virtual/profiles/mbim-generic.js";
import { endAll, labFor } from "../lab/netns.js";

/** qmi-proxy's abstract socket lives in the network namespace, so that each test has a proxy of its own, and ends it. */
async function rig(t: Test, settings: Readonly<Record<string, string>> = {}) {
  const folder = await mkdtemp(join(tmpdir(), "wwand-virtual-"));
  const link = join(folder, "modem");
  const modem = await startVirtualModem({
    profile: { ...mbimGeneric, controlFace: "qmi" },
    port: { kind: "pty", link },
    settings: { searchMs: "1", scanMs: "1", attachMs: "1", connectMs: "1", ...settings },
  });
  const namespace = await labFor(t).namespace("qmicli");
  t.teardown(async () => {
    await endAll(namespace);
    await modem.close();
    await rm(folder, { recursive: true });
  });
  const qmicli = (...args: readonly string[]) =>
    namespace
      .run("timeout", "20", "qmicli", "-d", link, "--device-open-qmi", ...args)
      .catch((error: unknown) => String(error));
  return { modem, qmicli };
}

for (const [way, proxy] of [
  ["directly", []],
  ["through qmi-proxy", ["-p"]],
] as const) {
  t.test(`${way}: device, card and network are told`, async (t) => {
    const { modem, qmicli } = await rig(t);
    const ask = (...args: readonly string[]) => qmicli(...proxy, ...args);
    t.match(await ask("--get-service-version-info"), /dms \(1\.14\)[\s\S]*nas \(1\.25\)[\s\S]*uim \(1\.46\)/);
    t.match(await ask("--dms-get-manufacturer"), "Manufacturer: 'wwand'");
    t.match(await ask("--dms-get-model"), "Model: 'Virtual MBIM Modem'");
    t.match(await ask("--dms-get-revision"), "Revision: 'VMM-1.0.0'");
    t.match(await ask("--dms-get-ids"), "IMEI: '004999010640000'");
    t.match(await ask("--dms-get-operating-mode"), /Mode: 'online'/);
    t.match(await ask("--dms-get-capabilities"), /SIM: 'supported'[\s\S]*'gsm, umts, lte'/);
    t.match(await ask("--dms-get-band-capabilities"), /LTE bands: '3, 7, 20'/);
    t.match(await ask("--uim-get-card-status"), /Card state: 'present'[\s\S]*Application state: 'ready'/);
    t.match(
      await ask("--uim-read-transparent=0x3F00,0x2FE2"),
      /98:88:22:08:66:06:41:75:89:73/,
      "ICCID, digits swapped",
    );
    t.match(await ask("--uim-read-transparent=0x3F00,0x7FFF,0x6F07"), /08:09:10:10:10:32:54:76:98/, "IMSI");
    t.match(await ask("--nas-get-home-network"), /MCC: '1'[\s\S]*MNC: '1'[\s\S]*'Wwand Mobile'/);
    t.match(await ask("--nas-get-preferred-networks"), /MCC: '1'[\s\S]*MNC: '1'/);
    await modem.step("signal", "-77");
    t.match(
      await ask("--nas-get-serving-system"),
      /Registration state: 'registered'[\s\S]*Selected network: '3gpp'[\s\S]*'lte'[\s\S]*Roaming status: 'off'/,
    );
    t.match(await ask("--nas-get-signal-info"), /LTE:[\s\S]*RSSI: '-77 dBm'[\s\S]*RSRP: '-105 dBm'/);
    t.match(await ask("--nas-network-scan"), /'Wwand Mobile'[\s\S]*'Far Away Cellular'[\s\S]*'Private Net'/);
  });
}

t.test("no card, a locked card, a wrong PIN: refused by name, and the tries are told", async (t) => {
  const { modem, qmicli } = await rig(t, { pinEnabled: "true" });
  t.match(
    await qmicli("--uim-get-card-status"),
    /Application state: 'pin1-or-upin-pin-required'[\s\S]*PIN1 retries: '3'/,
  );
  t.match(await qmicli("--uim-read-transparent=0x3F00,0x7FFF,0x6F07"), /AccessDenied/);
  t.match(await qmicli("--uim-verify-pin=PIN1,0000"), /IncorrectPin[\s\S]*Verify: 2/);
  t.match(await qmicli("--uim-verify-pin=PIN1,1234"), /PIN verified successfully/);
  t.match(await qmicli("--uim-get-card-status"), /Application state: 'ready'/);
  await modem.step("sim-remove");
  t.match(await qmicli("--uim-get-card-status"), /Card state: 'absent'/);
  t.match(await qmicli("--uim-read-transparent=0x3F00,0x2FE2"), /NoSim/);
});

t.test("a data call: none yet, then one with its settings, refusals with the network's cause", async (t) => {
  const { modem, qmicli } = await rig(t);
  t.match(await qmicli("--wds-get-current-settings"), /OutOfCall/);
  t.match(await qmicli("--wds-start-network=apn=internet"), /CallFailed/, "not attached yet");
  await modem.step("attach");
  t.match(await qmicli("--wda-get-data-format"), /Link layer protocol: 'raw-ip'/);
  const started = await qmicli("--wds-start-network=apn=internet,ip-type=4", "--client-no-release-cid");
  t.match(started, /Network started[\s\S]*Packet data handle: '\d+'/);
  const client = /CID: '(\d+)'/.exec(started)?.[1] ?? "";
  const same = ["--client-no-release-cid", `--client-cid=${client}`];
  t.match(await qmicli("--wds-get-packet-service-status", ...same), "Connection status: 'connected'");
  t.match(
    await qmicli("--wds-get-current-settings", ...same),
    /IPv4 address: 10\.64\.0\.2[\s\S]*IPv4 gateway address: 10\.64\.0\.1[\s\S]*MTU: 1500/,
  );
  t.match(await qmicli("--wds-get-packet-statistics", ...same), /TX packets OK: 0/);
  const handle = /handle: '(\d+)'/.exec(started)?.[1] ?? "";
  t.match(await qmicli(`--wds-stop-network=${handle}`, `--client-cid=${client}`), /Network stopped/);
  t.match(
    await qmicli("--wds-start-network=apn=nonsense,ip-type=4"),
    /CallFailed[\s\S]*verbose call end reason \(6,27\)/,
    "ESM cause 27, unknown APN",
  );
});

t.test("client ids: unknown ones are refused, and used up at some point; SYNC frees them", async (t) => {
  const { qmicli } = await rig(t);
  t.match(await qmicli("--dms-get-model", "--client-cid=77"), /InvalidClientId/);
  const noop = () => qmicli("--dms-noop", "--client-no-release-cid");
  for (let count = 0; count < 20; count++) t.match(await noop(), /CID: '\d+'/);
  t.match(await noop(), /ClientIdsExhausted/);
  t.match(await qmicli("--dms-get-model", "--device-open-sync"), "Model: 'Virtual MBIM Modem'");
});

t.test("cells, generations, modes and bands: what is heard, what may be used, and other bands", async (t) => {
  const { modem, qmicli } = await rig(t);
  t.match(
    await qmicli("--nas-get-cell-location-info"),
    new RegExp(
      [
        "PLMN: '00101'",
        "Tracking Area Code: '258'",
        "Global Cell ID: '1715004'",
        "EUTRA Absolute RF Channel Number: '1300'",
        "Serving Cell ID: '101'",
        "RSRP: '-99.0' dBm",
        "Physical Cell ID: '102'",
        "Interfrequency LTE Info",
        "EUTRA Absolute RF Channel Number: '6300'",
        "LTE Timing Advance: '3'",
      ].join("[\\s\\S]*"),
    ),
  );
  t.match(
    await qmicli("--nas-get-system-info"),
    /LTE service:[\s\S]*Status: 'available'[\s\S]*Cell ID: '1715004'[\s\S]*MCC: '001'[\s\S]*Tracking Area Code: '258'/,
  );
  t.match(
    await qmicli("--nas-get-system-selection-preference"),
    /Mode preference: 'gsm, umts, lte'[\s\S]*Band preference: '[^']*gsm-900-extended[^']*wcdma-2100[\s\S]*LTE band preference: '3, 7, 20'[\s\S]*Network selection preference: 'automatic'/,
  );
  await modem.step("reject", "15");
  t.match(
    await qmicli("--nas-get-system-info"),
    /LTE service:[\s\S]*Status: 'limited'[\s\S]*Registration reject: 'ps' \((no-suitable-cells-in-location-area|15)\)/,
  );
  t.match(await qmicli("--nas-set-system-selection-preference=gsm|umts"), /preference set successfully/);
  t.match(await qmicli("--nas-get-system-selection-preference"), /Mode preference: 'gsm, umts'/);
});

t.test("slots: both cards are told, and the other one is taken; a locked radio is unlocked", async (t) => {
  const { qmicli } = await rig(t, { secondSim: "true", fccLocked: "true" });
  t.match(
    await qmicli("--uim-get-slot-status"),
    /Physical slot 1:[\s\S]*Card status: present[\s\S]*Slot status: active[\s\S]*ICCID: 89882280666014579837[\s\S]*Physical slot 2:[\s\S]*Slot status: inactive[\s\S]*Is eUICC: yes[\s\S]*EID: 89001012012341234012345678901224/,
  );
  t.match(await qmicli("--uim-switch-slot=2"), /Successfully switched slots/);
  t.match(await qmicli("--uim-get-slot-status"), /Physical slot 2:[\s\S]*Slot status: active/);
  t.match(await qmicli("--uim-read-transparent=0x3F00,0x2FE2"), /98:88:22:08:66:06:41:75:09:20/, "its ICCID");
  t.match(await qmicli("--dms-set-operating-mode=online"), /InvalidTransition/);
  t.match(await qmicli("--dms-set-fcc-authentication"), /FCC authentication/i);
  t.match(await qmicli("--dms-set-operating-mode=online"), /set successfully/);
});

t.test("QMI in MBIM messages", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "wwand-virtual-"));
  const link = join(folder, "modem");
  const profile = { ...mbimGeneric, device: { ...mbimGeneric.device, qmiOverMbim: true } };
  const modem = await startVirtualModem({ profile, port: { kind: "pty", link }, settings: { searchMs: "1" } });
  const namespace = await labFor(t).namespace("qmicli");
  t.teardown(async () => {
    await endAll(namespace);
    await modem.close();
    await rm(folder, { recursive: true });
  });
  const ask = (...args: readonly string[]) =>
    namespace
      .run("timeout", "20", "qmicli", "-d", link, "--device-open-mbim", ...args)
      .catch((error: unknown) => String(error));
  for (const proxy of [[], ["-p"]]) {
    t.match(await ask(...proxy, "--dms-get-ids"), "IMEI: '004999010640000'");
    t.match(await ask(...proxy, "--nas-get-serving-system"), /Registration state: 'registered'/);
    t.match(await ask(...proxy, "--dms-get-band-capabilities"), /LTE bands: '3, 7, 20'/);
  }
});
