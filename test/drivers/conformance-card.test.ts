/** What every driver promises of cards: identities, PINs, slots, files, channels. */
import { mbimGeneric } from "../../src/virtual/profiles/mbim-generic.js";
import { hold, type Promises } from "./hold.js";
import { parts } from "./mbim-rig.js";
import { never } from "./rig.js";

const lacking = () => Promise.reject(new Error("the driver has no such port"));

const secondCard = {
  ...mbimGeneric.sim,
  imsi: "001010123456002",
  iccid: "89882280666014579002",
  eid: "89001012012341234012345678901224",
};

const promises: Promises = {
  "reads the card, and hears of its coming and going": async (t, rig) => {
    const { sim } = parts({ driver: await rig.open() });
    const ready = { is: "ready", imsi: "001010123456789", iccid: "89882280666014579837" };
    t.match(await rig.soon(sim.state(never)), { ...ready, subscriberNumbers: ["+15550100123"] });
    rig.machine.send({ type: "simRemove" });
    await rig.pass(50);
    t.match(rig.last("simChanged"), [{ is: "absent" }]);
    t.match(await rig.soon(sim.state(never)), { is: "absent" });
    rig.machine.send({ type: "simInsert" });
    await rig.pass(50);
    t.match(rig.last("simChanged"), [ready]);
  },
  "unlocks a card; a wrong PIN costs a try and says so": async (t, rig) => {
    rig.machine.send({ type: "pinLock" });
    const { sim } = parts({ driver: await rig.open() });
    t.match(await rig.soon(sim.state(never)), { is: "locked", pinRequired: "pin" });
    t.match(await rig.soon(sim.pin(never)), { required: "pin", retries: 3 });
    await t.rejects(rig.soon(sim.enterPin("pin", "9999", never)), { code: "badPin", message: /2 tries left/ });
    t.match(await rig.soon(sim.pin(never)), { required: "pin", retries: 2 });
    t.match(await rig.soon(sim.enterPin("pin", "1234", never)), { required: "none" });
    await rig.pass(50);
    t.match(rig.last("simChanged"), [{ is: "ready" }]);
    t.match(await rig.soon(sim.changePin("pin", "1234", "4321", never)), { required: "none" });
    t.match(await rig.soon(sim.setLock("pin", false, "4321", never)), { required: "none" });
    t.equal(rig.machine.state.sim.pinEnabled, false);
  },
  "unblocks a card with its PUK": async (t, rig) => {
    rig.machine.send({ type: "pinLock" });
    for (let count = 0; count < 3; count++) rig.machine.send({ type: "enterPin", pin: "0000" });
    const { sim } = parts({ driver: await rig.open() });
    t.match(await rig.soon(sim.pin(never)), { required: "puk", retries: 10 });
    await t.rejects(rig.soon(sim.resetPin("puk", "00000000", "1111", never)), { code: "badPin" });
    t.match(await rig.soon(sim.resetPin("puk", "12345678", "1111", never)), { required: "none" });
    t.equal(rig.machine.state.sim.pin, "1111");
  },
  "lists slots and cards, and takes the card of another slot": async (t, rig) => {
    const { simSlots, sim } = await rig.open();
    t.match(await rig.soon(simSlots?.read(never) ?? lacking()), [
      { number: 1, active: true, card: "present", iccid: "89882280666014579837" },
      { number: 2, active: false, card: "present" },
    ]);
    await rig.pass(300);
    await rig.soon(simSlots?.activate(2, never) ?? lacking());
    await rig.pass(50);
    t.match(rig.last("simSlotsChanged"), [[{ active: false }, { active: true }]]);
    t.match(await rig.soon(sim?.state(never) ?? lacking()), { is: "ready", imsi: secondCard.imsi });
    t.match(rig.last("simChanged"), [{ is: "ready", iccid: secondCard.iccid }]);
    await t.rejects(rig.soon(simSlots?.activate(3, never) ?? lacking()), { code: "invalid" });
    await rig.soon(simSlots?.activate(2, never) ?? lacking());
  },
  "knows the cards in slots that are not active": async (t, rig) => {
    const { simSlots } = await rig.open();
    const { iccid, eid } = secondCard;
    t.match(await rig.soon(simSlots?.read(never) ?? lacking()), [{}, { iccid, isEuicc: true, eid }]);
  },
  "notices that the operator gave the card another IMSI": async (t, rig) => {
    await rig.open();
    await rig.pass(300);
    rig.machine.send({ type: "simRefresh", imsi: "001010999999999" });
    await rig.pass(50);
    t.match(rig.last("simChanged"), [{ is: "ready", imsi: "001010999999999" }]);
  },
  "reads and clears the list of networks that refused the card": async (t, rig) => {
    const { forbiddenNetworks } = await rig.open();
    await rig.pass(300);
    rig.machine.send({ type: "roam" });
    await rig.pass(500);
    rig.machine.send({ type: "reject", cause: 11 });
    t.strictSame(await rig.soon(forbiddenNetworks?.read(never) ?? lacking()), [{ mcc: "001", mnc: "02" }]);
    await rig.soon(forbiddenNetworks?.clear(never) ?? lacking());
    t.strictSame(await rig.soon(forbiddenNetworks?.read(never) ?? lacking()), []);
    t.strictSame(rig.machine.state.sim.forbidden, []);
  },
  "reads the networks that the card prefers, best first": async (t, rig) => {
    const { preferredNetworks } = await rig.open();
    t.strictSame(await rig.soon(preferredNetworks?.read(never) ?? lacking()), [
      { mcc: "001", mnc: "01" },
      { mcc: "001", mnc: "02" },
    ]);
    rig.machine.send({ type: "simRemove" });
    await t.rejects(rig.soon(preferredNetworks?.read(never) ?? lacking()), { code: "notReady" });
  },
  "passes APDUs through logical channels, each its own": async (t, rig) => {
    const { cardChannels } = await rig.open();
    rig.machine.send({ type: "switchSlot", slot: 2 });
    const open = (aid: string) => rig.soon(cardChannels?.open(Buffer.from(aid, "hex"), never) ?? lacking());
    const manager = await open("a0000005591010ffffffff8900000100");
    const usim = await open("a0000000871002ff49ff0589");
    t.not(manager.channel, usim.channel);
    t.match(manager.selected.toString("hex"), /9000$/);
    const getEid = Buffer.from("80e2910006bf3e035c015a", "hex");
    const ask = (channel: number) => rig.soon(cardChannels?.transmit(channel, getEid, never) ?? lacking());
    t.equal((await ask(manager.channel)).toString("hex"), `bf3e125a10${secondCard.eid}9000`);
    t.equal((await ask(usim.channel)).toString("hex"), "6d00", "the USIM is no eUICC");
    await t.rejects(open("a000"), "no such application");
    for (const _ of [1, 2]) await rig.soon(cardChannels?.close(manager.channel, never) ?? lacking());
    t.strictSame(
      rig.machine.state.channels.map(({ number }) => number),
      [usim.channel],
    );
    await t.rejects(ask(manager.channel), "a closed channel takes nothing");
  },
};

hold(promises, { ...mbimGeneric, otherSims: [secondCard] });
