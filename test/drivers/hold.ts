/** Lists of promises, held against every driver over the same virtual modem. A skip names its reason. */
import t, { type Test } from "tap";
import type { VirtualProfile } from "../../src/virtual/model/profile.js";
import { type Kind, kinds, Rig } from "./rig.js";

export type Promises = Readonly<Record<string, (t: Test, rig: Rig) => Promise<unknown>>>;

/** Promises that a protocol cannot keep, and why. */
const skips: Readonly<Record<Kind["name"], Readonly<Record<string, string>>>> = {
  mbim: {
    "names why the network refused": "MBIM tells no RP cause, only that it failed",
    "names the lock that keeps the radio off": "no message of MBIM tells of a lock",
    "knows the cards in slots that are not active": "MBIM tells of such a slot whether there is a card, nothing more",
  },
  qmi: {
    "carries two calls at once, each over an interface of its own":
      "this rig's interface carries no QMAP; qmi-data.test.ts has one that does",
  },
};

/** One test for each kind of driver and promise. */
export function hold(promises: Promises, profile: VirtualProfile): void {
  for (const kind of kinds)
    for (const [promise, keeps] of Object.entries(promises))
      t.test(`${kind.name} ${promise}`, { skip: skips[kind.name][promise] ?? false }, async (t) => {
        const rig = new Rig(kind, profile);
        t.teardown(() => rig.cable.unplug());
        await keeps(t, rig);
      });
}
