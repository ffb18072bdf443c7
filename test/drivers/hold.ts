/** Lists of promises, held against every driver over the same virtual modem. A skip names its reason. */
import t, { type Test } from "tap";
import type { VirtualProfile } from "../../src/virtual/model/profile.js";
import { type Kind, kinds, Rig } from "./rig.js";

export type Promises = Readonly<Record<string, (t: Test, rig: Rig) => Promise<unknown>>>;

const noPort = "the MBIM driver has no such port yet";

/** Promises that a protocol cannot keep, and why. */
const skips: Readonly<Record<Kind["name"], Readonly<Record<string, string>>>> = {
  mbim: {
    "tells the signal by itself once it has moved far enough, and not before": noPort,
    "names the serving cell and those around it": noPort,
    "tells when another cell takes over": noPort,
    "reads which modes and bands there are, and uses those that it is told": noPort,
    "names the lock that keeps the radio off": noPort,
    "lists slots and cards, and takes the card of another slot": noPort,
    "reads and clears the list of networks that refused the card": noPort,
    "passes APDUs through logical channels, each its own": noPort,
  },
  qmi: {},
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
