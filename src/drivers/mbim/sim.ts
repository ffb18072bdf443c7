/** The card: readiness and PINs. @see MBIM 1.0 10.5.2, 10.5.4, 10.5.5 */
import type { MbimClient, Outcome } from "../../mbim/client.js";
import type { ResponseOf, SetOf } from "../../mbim/command.js";
import { pin as pinCommand, pinList, subscriberReadyStatus } from "../../mbim/services/basic-connect.js";
import { unknownU32 } from "../../mbim/services/basic-connect-types.js";
import { statusError, status as statusOf } from "../../mbim/status.js";
import { pukOf } from "../../modem/pin.js";
import type { SimPort } from "../../modem/ports.js";
import type { PinState, PinType, SimState } from "../../modem/types.js";
import { causeText, ModemError } from "../../runtime/error.js";
import { unlessRefused } from "./agreed.js";

type SubscriberReady = ResponseOf<typeof subscriberReadyStatus>;
type PinInfo = ResponseOf<typeof pinCommand>;
type PinRequest = SetOf<typeof pinCommand>;
type MbimPinType = PinInfo["pinType"];

const mbimPinTypes = {
  pin: "pin1",
  phone: "deviceSimPin",
  firstphone: "deviceFirstSimPin",
  pin2: "pin2",
  network: "networkPin",
  netsub: "networkSubsetPin",
  service: "serviceProviderPin",
  corp: "corporatePin",
  puk: "puk1",
  firstphonepuk: "deviceFirstSimPuk",
  puk2: "puk2",
  networkpuk: "networkPuk",
  netsubpuk: "networkSubsetPuk",
  servicepuk: "serviceProviderPuk",
  corppuk: "corporatePuk",
} as const satisfies Record<PinType, MbimPinType>;

const pinTypes = new Map<string, PinType>([
  ...Object.entries(mbimPinTypes).map(([ours, theirs]) => [theirs, ours as PinType] as const),
  // A subsidy lock ties the device to an operator's network; a vendor's own lock ties it to its owner.
  ["subsidyLock", "network"],
  ["custom", "phone"],
]);

function pinStateOf({ pinType, pinState, remainingAttempts }: PinInfo): PinState {
  const retries = remainingAttempts === unknownU32 ? {} : { retries: remainingAttempts };
  // PIN2 guards a few files of the card. It stands in nobody's way until one of them is written.
  if (pinState === "unlocked" || pinType === "none" || pinType === "pin2" || pinType === "puk2") {
    // An open card has tries left: 0 is firmware that does not count.
    const counts = pinType === "pin1" && remainingAttempts > 0;
    return { required: "none", ...(counts ? retries : {}) };
  }
  return { required: pinTypes.get(pinType) ?? "phone", ...retries };
}

/** The state of the card without a look at its PIN; `locked` where that look is needed. */
function simStateOf(ready: SubscriberReady): SimState | "locked" {
  const iccid = ready.simIccId === "" ? {} : { iccid: ready.simIccId };
  switch (ready.readyState) {
    case "initialized":
      return { is: "ready", imsi: ready.subscriberId, ...iccid, subscriberNumbers: ready.telephoneNumbers };
    case "simNotInserted":
      return { is: "absent" };
    case "badSim":
      return { is: "failed", reason: "the card is not usable" };
    case "failure":
      return { is: "failed", reason: "the card does not work" };
    case "notActivated":
      return { is: "failed", reason: "the subscription is not activated" };
    case "noEsimProfile":
      return { is: "failed", reason: "the eSIM has no enabled profile" };
    case "deviceLocked":
      return "locked";
    default:
      return { is: "initialising" };
  }
}

function lockedState({ simIccId }: SubscriberReady, pin: PinState): SimState {
  const { required } = pin;
  if (required === "none") return { is: "initialising" };
  return { is: "locked", pinRequired: required, ...(simIccId === "" ? {} : { iccid: simIccId }), pin };
}

/** Some firmware refuses the question instead of answering it. */
function refusedSimState(error: unknown): SimState {
  const code = error instanceof ModemError && error.failure?.domain === "mbim" ? error.failure.code : undefined;
  if (code === statusOf.simNotInserted) return { is: "absent" };
  if (code === statusOf.notInitialized) return { is: "initialising" };
  if (code === statusOf.badSim) return { is: "failed", reason: "the card is not usable" };
  throw error;
}

const plausible = (length: number): boolean => length >= 1 && length <= 16;

export class MbimSim implements SimPort {
  constructor(private readonly client: MbimClient) {}

  /** Both are asked at once: what the card is, and which PIN it wants. */
  async state(signal: AbortSignal): Promise<SimState> {
    const pin = unlessRefused(this.pin(signal));
    pin.catch(() => undefined); // of no account where the card itself cannot be read
    let ready: SubscriberReady;
    try {
      ready = await this.client.query(subscriberReadyStatus, {}, signal);
    } catch (error) {
      return refusedSimState(error);
    }
    return this.#completed(ready, () => pin, signal);
  }

  /** Completes what an indication says with the PIN that a locked card wants. */
  stateFrom(ready: SubscriberReady, signal: AbortSignal): Promise<SimState> {
    return this.#completed(ready, async () => undefined, signal);
  }

  async #completed(
    ready: SubscriberReady,
    asked: () => Promise<PinState | undefined>,
    signal: AbortSignal,
  ): Promise<SimState> {
    const state = simStateOf(ready);
    if (state !== "locked" && state.is !== "ready") return state;
    const pin = await asked();
    if (state !== "locked") return { ...state, ...(pin === undefined ? {} : { pin }) };
    return lockedState(ready, pin ?? (await this.pin(signal)));
  }

  async pin(signal: AbortSignal): Promise<PinState> {
    return pinStateOf(await this.client.query(pinCommand, {}, signal));
  }

  enterPin(type: PinType, pin: string, signal: AbortSignal): Promise<PinState> {
    return this.#do({ pinType: mbimPinTypes[type], pinOperation: "enter", pin, newPin: "" }, signal);
  }

  resetPin(type: PinType, puk: string, newPin: string, signal: AbortSignal): Promise<PinState> {
    const pinType = mbimPinTypes[pukOf(type)];
    return this.#do({ pinType, pinOperation: "enter", pin: puk, newPin }, signal);
  }

  changePin(type: PinType, oldPin: string, newPin: string, signal: AbortSignal): Promise<PinState> {
    return this.#do({ pinType: mbimPinTypes[type], pinOperation: "change", pin: oldPin, newPin }, signal);
  }

  setLock(type: PinType, locked: boolean, pin: string, signal: AbortSignal): Promise<PinState> {
    const pinOperation = locked ? "enable" : "disable";
    return this.#do({ pinType: mbimPinTypes[type], pinOperation, pin, newPin: "" }, signal);
  }

  async #do(request: PinRequest, signal: AbortSignal): Promise<PinState> {
    await this.#checkLengths(request, signal);
    const outcome = await this.client.trySet(pinCommand, request, signal);
    if (outcome.status !== statusOf.success) throw pinError(request, outcome);
    if (outcome.values === undefined) throw new ModemError("protocol", "PIN: unreadable answer");
    return pinStateOf(outcome.values);
  }

  /** A PIN of a length that the card cannot have is refused here, before it costs a try. */
  async #checkLengths({ pinType, pin, newPin }: PinRequest, signal: AbortSignal): Promise<void> {
    const list = await this.client.query(pinList, {}, signal).catch((error: unknown) => {
      if (error instanceof ModemError && (error.code === "aborted" || error.code === "unplugged")) throw error;
      return undefined;
    });
    const entries: Readonly<Record<string, { lengthMin: number; lengthMax: number } | undefined>> = list ?? {};
    const { lengthMin = 0, lengthMax = 0 } = entries[pinType] ?? {};
    if (!plausible(lengthMin) || !plausible(lengthMax)) return;
    for (const secret of newPin === "" ? [pin] : [pin, newPin])
      if (secret.length < lengthMin || secret.length > lengthMax)
        throw new ModemError("invalid", `${pinType} has ${lengthMin} to ${lengthMax} digits, not ${secret.length}`);
  }
}

function pinError({ pinType, pinOperation }: PinRequest, { status, values }: Outcome<PinInfo>): ModemError {
  const refusal = statusError(`PIN ${pinOperation}`, status);
  const isWrongSecret = status === statusOf.failure || status === statusOf.pinRequired;
  if (!isWrongSecret) return refusal;
  const left = values === undefined ? unknownU32 : values.remainingAttempts;
  const tries =
    left === unknownU32 ? "" : `, ${left} tries left${values?.pinType === pinType ? "" : ` for ${values?.pinType}`}`;
  const cause = refusal.failure ? ` (${causeText(refusal.failure)})` : "";
  return new ModemError("badPin", `${pinType} was refused${tries}${cause}`, { failure: refusal.failure });
}
