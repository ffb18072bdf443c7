/** org.ofono.SimManager: the card, its locks and its PINs. While no card is in, Present is the only property. */
import type { Sim, SimPartState } from "../../modem/api.js";
import { bindOfono } from "../bind.js";
import { OfonoError } from "../errors.js";
import { type Answers, answering, cmeNames } from "./answers.js";
import { byte, uint32 } from "./numbers.js";
import { foreignText } from "./text.js";
import { pinTypeOf } from "./words.js";

const pinOperation: Answers = {
  rules: ["InvalidArguments", "InvalidFormat", "InProgress", "NotImplemented"],
  modem: cmeNames,
};

/** A getter for what only a present card has. */
const ofCard =
  <Value>(read: (card: SimPartState) => Value | undefined) =>
  (state: SimPartState): Value | undefined =>
    state.present ? read(state) : undefined;

function notImplemented(what: string): never {
  throw new OfonoError("NotImplemented", what);
}

/** Both or neither: half a network code is none. */
const networkCode = (card: SimPartState): { readonly mcc: string; readonly mnc: string } | undefined =>
  card.mcc !== undefined && card.mnc !== undefined ? { mcc: card.mcc, mnc: card.mnc } : undefined;

const retriesOf = ({ retries }: SimPartState): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(retries).flatMap(([type, left]) => (left === undefined ? [] : [[type, byte(left)]])),
  );

// Signals leave in this order: what the card wants comes before who it is.
export const simManagerInterface = bindOfono("org.ofono.SimManager").to<SimPartState, Sim>({
  properties: {
    Present: { get: ({ present }) => present },
    CardIdentifier: { get: ofCard(({ iccid }) => foreignText(iccid)) },
    PinRequired: { get: ofCard(({ pinRequired }) => pinRequired) },
    LockedPins: { get: ofCard(({ lockedPins }) => lockedPins), assumed: [] },
    Retries: { get: ofCard(retriesOf) },
    SubscriberIdentity: { get: ofCard(({ imsi }) => imsi) },
    MobileCountryCode: { get: ofCard((card) => networkCode(card)?.mcc) },
    MobileNetworkCode: { get: ofCard((card) => networkCode(card)?.mnc) },
    ServiceProviderName: { get: ofCard(({ serviceProviderName }) => foreignText(serviceProviderName)) },
    SubscriberNumbers: {
      get: ofCard(({ subscriberNumbers }) => subscriberNumbers.map((number) => foreignText(number))),
      set: () => notImplemented("numbers are read-only here"),
    },
    ImsPrivateIdentity: { get: () => undefined },
    PreferredLanguages: { get: () => undefined },
    ServiceNumbers: { get: () => undefined },
    // A card with fixed or barred dialling on would not have come this far in oFono; nobody here turns them on.
    FixedDialing: { get: ofCard(() => false), assumed: false },
    BarredDialing: { get: ofCard(() => false), assumed: false },
    CardSlotCount: { get: ofCard(({ cardSlotCount }) => uint32(cardSlotCount)), assumed: 1 },
    ActiveCardSlot: {
      get: ofCard(({ activeCardSlot }) => uint32(activeCardSlot)),
      assumed: 1,
      before: ({ state }, slot) => {
        if (slot < 1 || slot > state.cardSlotCount) throw new OfonoError("InvalidArguments", "there is no such slot");
      },
      set: () => notImplemented("slots cannot be switched"),
    },
  },
  methods: {
    EnterPin: (sim, [type, pin]) => answering(pinOperation, async () => sim.enterPin(pinTypeOf(type, "enter"), pin)),
    ChangePin: (sim, [type, oldPin, newPin]) =>
      answering(pinOperation, async () => sim.changePin(pinTypeOf(type, "change"), oldPin, newPin)),
    ResetPin: (sim, [type, puk, newPin]) =>
      answering(pinOperation, async () => sim.resetPin(pinTypeOf(type, "reset"), puk, newPin)),
    LockPin: (sim, [type, pin]) => answering(pinOperation, async () => sim.lockPin(pinTypeOf(type, "lock"), pin)),
    UnlockPin: (sim, [type, pin]) => answering(pinOperation, async () => sim.unlockPin(pinTypeOf(type, "lock"), pin)),
    GetIcon: (_sim, [id]) => {
      if (id === 0) throw new OfonoError("InvalidArguments", "0 stands for no icon");
      return notImplemented("icons are not read");
    },
    ClearForbiddenNetworkOperators: () => notImplemented("the list of forbidden networks is not written"),
  },
});
