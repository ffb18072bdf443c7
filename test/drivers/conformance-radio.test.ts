/** What every driver promises of the radio: signal, cells, modes and bands, locks. */
import type { Generation } from "../../src/modem/types.js";
import { mbimGeneric } from "../../src/virtual/profiles/mbim-generic.js";
import { hold, type Promises } from "./hold.js";
import { parts } from "./mbim-rig.js";
import { never } from "./rig.js";

const lacking = () => Promise.reject(new Error("the driver has no such port"));

const promises: Promises = {
  "measures, and tells when it changes": async (t, rig) => {
    const { signal } = parts({ driver: await rig.open() });
    await rig.pass(300);
    t.match(await rig.soon(signal.state(never)), { rssiDbm: -71 });
    rig.machine.send({ type: "signal", rssiDbm: -91 });
    await rig.pass(50);
    t.match(rig.last("signalChanged"), [{ rssiDbm: -91 }]);
  },
  "tells the signal by itself once it has moved far enough, and not before": async (t, rig) => {
    const driver = await rig.open();
    await rig.pass(300);
    await rig.soon(driver.signal?.report?.({ rssiDb: 6, rsrpDb: 6, rsrqDb: 3, snrDb: 3 }, never) ?? lacking());
    rig.machine.send({ type: "signal", rssiDbm: -91 });
    await rig.pass(50);
    t.match(rig.last("signalChanged"), [{ rssiDbm: -91 }]);
    rig.machine.send({ type: "signal", rssiDbm: -93 });
    await rig.pass(50);
    t.match(rig.last("signalChanged"), [{ rssiDbm: -91 }], "2 dB are not worth waking up for");
    rig.machine.send({ type: "signal", rssiDbm: -99 });
    await rig.pass(50);
    t.match(rig.last("signalChanged"), [{ rssiDbm: -99 }]);
  },
  "names the serving cell and those around it": async (t, rig) => {
    const driver = await rig.open();
    const { cells } = driver;
    t.ok(cells);
    await rig.pass(300);
    t.match(await rig.soon(driver.registration?.state(never) ?? lacking()), {
      areaCode: 0x0102,
      cellId: 0x1a2b3c,
    });
    const found = await rig.soon(cells?.read(never) ?? lacking());
    const place = { mcc: "001", mnc: "01", areaCode: 0x0102, cellId: 0x1a2b3c };
    t.match(found[0], { generation: "lte", serving: true, ...place, physicalCellId: 101, channel: 1300, rsrpDbm: -99 });
    t.strictSame(
      found.map(({ serving, physicalCellId, channel }) => [serving, physicalCellId, channel]),
      [
        [true, 101, 1300],
        [false, 102, 1300],
        [false, 201, 6300],
      ],
    );
    rig.machine.send({ type: "networkDeregister" });
    await rig.pass(50);
    t.strictSame(await rig.soon(cells?.read(never) ?? lacking()), [], "none without service");
  },
  "tells when another cell takes over": async (t, rig) => {
    await rig.open();
    await rig.pass(300);
    rig.machine.send({ type: "handover" });
    await rig.pass(50);
    t.match(rig.last("registrationChanged"), [{ status: "registered", cellId: 0x1a2b3d }]);
  },
  "reads which modes and bands there are, and uses those that it is told": async (t, rig) => {
    const { radioSelection } = await rig.open();
    await rig.pass(300);
    const all = { gsm: [900, 1800], umts: [1, 8], lte: [3, 7, 20] };
    t.strictSame(await rig.soon(radioSelection?.read(never) ?? lacking()), {
      supported: { modes: ["gsm", "umts", "lte"], bands: all },
      preferred: { modes: ["gsm", "umts", "lte"], bands: all },
    });
    await rig.soon(radioSelection?.prefer({ bands: { lte: [20] } }, never) ?? lacking());
    t.strictSame(rig.machine.state.choice.bands, { ...all, lte: [20] });
    await rig.pass(500);
    t.match(rig.last("registrationChanged"), [{ status: "registered", cellId: 0x1a2c01 }], "on band 20");
    // Quectel's modems look for one of them or for all.
    const old: Generation[] = rig.kind.name === "at quectel" ? ["umts"] : ["gsm", "umts"];
    await rig.soon(radioSelection?.prefer({ modes: old }, never) ?? lacking());
    await rig.pass(500);
    t.match(rig.last("registrationChanged"), [{ status: "searching" }], "there is LTE alone in this network");
    t.match(await rig.soon(radioSelection?.read(never) ?? lacking()), {
      preferred: { modes: old, bands: { lte: [20] } },
    });
    for (const wrong of [{ modes: ["nr"] }, { modes: [] }, { bands: { lte: [99] } }, { bands: { lte: [] } }] as const)
      await t.rejects(rig.soon(radioSelection?.prefer(wrong, never) ?? lacking()), { code: "invalid" });
  },
};

hold(promises, { ...mbimGeneric, device: { ...mbimGeneric.device, qmiOverMbim: true } });

const locked: Promises = {
  "names the lock that keeps the radio off": async (t, rig) => {
    const { radio } = parts({ driver: await rig.open() });
    const state = await rig.soon(radio.setOn(true, never));
    t.match(state, { softwareOn: false, hardwareOn: true, lock: { name: "FccLock" } });
    rig.machine.send({ type: "fccUnlock" });
    t.strictSame(await rig.soon(radio.setOn(true, never)), { softwareOn: true, hardwareOn: true });
  },
};

hold(locked, { ...mbimGeneric, device: { ...mbimGeneric.device, fccLocked: true } });
