/** Lists of promises, held against every driver over the same virtual modem. A skip names its reason. */
import t, { type Test } from "tap";
import type { VirtualProfile } from "../../src/virtual/model/profile.js";
import { type Kind, kinds, Rig } from "./rig.js";

export type Promises = Readonly<Record<string, (t: Test, rig: Rig) => Promise<unknown>>>;

/** Of dialects whose calls go over PPP, which needs a kernel. */
const noCalls: Readonly<Record<string, string>> = {
  "keeps the network's cause of a refusal": "calls over PPP: test/kernel",
  "tells when the network ends a call, and takes another one": "calls over PPP: test/kernel",
  "stops idempotently, and counts packets while up": "calls over PPP: at-calls.test.ts",
  "an abandoned start leaves nothing open in the modem": "calls over PPP: at-calls.test.ts",
  "unplugged with questions on their way: each ends so, and it is told once":
    "with a call; at.test.ts has the questions",
  "closing ends the calls, quietly and in time": "calls over PPP: at-calls.test.ts",
};

/** A dialect of nothing but 27.007. */
const generic: Readonly<Record<string, string>> = {
  ...noCalls,
  "reads the card, and hears of its coming and going": "27.007 tells nothing of cards; at.test.ts: they are looked for",
  "switches the radio, and tells of a switch that holds it off": "27.007 knows no switch beside +CFUN",
  "measures, and tells when it changes": "27.007 tells nothing of signal unasked; at.test.ts: it is asked",
  "tells the signal by itself once it has moved far enough, and not before": "the same",
  "reads which modes and bands there are, and uses those that it is told": "27.007 knows no bands; at-radio.test.ts",
  "names the serving cell and those around it": "27.007 tells the serving cell alone; at-cells.test.ts",
};

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
  at: generic,
  "at cmux": generic,
  "at huawei": {},
  "at sim7600": {
    ...noCalls,
    "names the serving cell and those around it": "none of its answers tells of others; at-cells.test.ts",
    "switches the radio, and tells of a switch that holds it off": "its firmware tells of no switch",
  },
  "at a76xx": {
    ...noCalls,
    "reads the card, and hears of its coming and going": "ASR's firmware is not known to tell of cards; at.test.ts",
    "switches the radio, and tells of a switch that holds it off": "its firmware tells of no switch",
    "measures, and tells when it changes": "it has no +AUTOCSQ; at.test.ts: it is asked",
    "tells the signal by itself once it has moved far enough, and not before": "the same",
    "registers at home, roams, and hears the network's no with its cause":
      "its +CEREG has no cause; at.test.ts: the refusal itself is heard",
  },
  "at quectel": {
    ...noCalls,
    "switches the radio, and tells of a switch that holds it off": "its firmware tells of no switch",
    "registers at home, roams, and hears the network's no with its cause":
      "its +CEREG has no cause; at.test.ts: the refusal itself is heard",
  },
};

/** Promises that no dialect of AT can keep. */
const atSkips: Readonly<Record<string, string>> = {
  "connects by one family or both, with what the network gave":
    "no AT modem tells an MTU; at-calls.test.ts has the rest",
  "carries two calls at once, each over an interface of its own": "one interface, one call",
  "asks for both families and lives with the one that the network serves": "the same",
  "tells when a living call gets other addresses": "no AT command tells of that",
  "lists slots and cards, and takes the card of another slot": "one slot: no command for more is common to any family",
  "knows the cards in slots that are not active": "the same",
  "notices that the operator gave the card another IMSI": "no AT command tells of a REFRESH",
  "says after the modem began anew that messages may have come":
    "a modem that begins anew leaves the bus, and its port with it: the driver ends",
  "names the lock that keeps the radio off": "no AT command tells of a lock",
};

const isSkipped = ({ name, face }: Kind, promise: string): string | false =>
  skips[name][promise] ?? (face === "at" ? atSkips[promise] : undefined) ?? false;

/** One test for each kind of driver and promise. */
export function hold(promises: Promises, profile: VirtualProfile): void {
  for (const kind of kinds)
    for (const [promise, keeps] of Object.entries(promises))
      t.test(`${kind.name} ${promise}`, { skip: isSkipped(kind, promise) }, async (t) => {
        const rig = new Rig(kind, profile);
        t.teardown(() => rig.cable.unplug());
        await keeps(t, rig);
      });
}
