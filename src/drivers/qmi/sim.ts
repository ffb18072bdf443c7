/** The card over UIM: readiness, identities, PINs. */
import type { SimPort } from "../../modem/ports.js";
import type { PinState, PinType, SimState } from "../../modem/types.js";
import type { IndicationOf, ResponseOf } from "../../qmi/message.js";
import { qmiError, qmiErrors } from "../../qmi/result.js";
import type { QmiService } from "../../qmi/service.js";
import * as dms from "../../qmi/services/dms.js";
import * as uim from "../../qmi/services/uim.js";
import { ModemError } from "../../runtime/error.js";
import { iccidOf, imsiOf, providerNameOf } from "./card-files.js";

type CardStatus = NonNullable<
  ResponseOf<typeof uim.getCardStatus>["cardStatus"] & IndicationOf<typeof uim.cardStatusChanged>["cardStatus"]
>;
type Application = CardStatus["cards"][number]["applications"][number];

const noIndex = 0xffff;
export const session = { type: "primaryGw", aid: Buffer.alloc(0) } as const;

/** Path from the master file, each file id with its low byte first. */
const masterFile = Buffer.from("003f", "hex");
export const applicationFolder = Buffer.from("003fff7f", "hex");
const iccidFile = { id: 0x2fe2, path: masterFile };
const imsiFile = { id: 0x6f07, path: applicationFolder };
const providerNameFile = { id: 0x6f46, path: applicationFolder };

/** The application that the modem uses for the network; before one is chosen, the first USIM or SIM of the card. */
export function applicationOf(status: CardStatus): Application | undefined {
  if (status.primaryGw !== noIndex) return status.cards[status.primaryGw >> 8]?.applications[status.primaryGw & 0xff];
  return status.cards.flatMap(({ applications }) => applications).find(({ type }) => type === "usim" || type === "sim");
}

/** What needs no file to be read. `ready`: who it is must still be asked. */
export function readinessOf(status: CardStatus | undefined): SimState | "ready" {
  const initialising = { is: "initialising" } as const;
  const card = status?.cards.find(({ state }) => state !== "absent");
  if (status === undefined) return initialising;
  if (card === undefined) return { is: "absent" };
  if (card.state === "error") return { is: "failed", reason: `the card does not work (${card.error})` };
  const application = applicationOf(status);
  switch (application?.state) {
    case "pinRequired":
      return { is: "locked", pinRequired: "pin" };
    case "pukRequired":
      return { is: "locked", pinRequired: "puk" };
    case "checkPersonalization":
      return application.personalizationState === "codeRequired"
        ? { is: "locked", pinRequired: "network" }
        : initialising;
    case "pinBlocked":
      return { is: "failed", reason: "PIN and PUK are used up" };
    case "illegal":
      return { is: "failed", reason: "the network does not accept the card" };
    case "ready":
      return "ready";
    default:
      return initialising;
  }
}

export function pinStateOf(status: CardStatus | undefined): PinState {
  const application = status === undefined ? undefined : applicationOf(status);
  if (application === undefined) return { required: "none" };
  const { state, pin1State, pin1Retries, puk1Retries, personalizationRetries } = application;
  const locked: readonly PinType[] = pin1State === "disabled" || pin1State === "notInitialized" ? [] : ["pin"];
  if (state === "pukRequired") return { required: "puk", retries: puk1Retries, locked };
  if (state === "pinRequired") return { required: "pin", retries: pin1Retries, locked };
  if (state === "checkPersonalization" && application.personalizationState === "codeRequired")
    return { required: "network", retries: personalizationRetries, locked };
  return { required: "none", retries: pin1Retries, locked };
}

const pinIds: Partial<Record<PinType, "pin1" | "pin2">> = { pin: "pin1", puk: "pin1", pin2: "pin2", puk2: "pin2" };

type PinMessage = typeof uim.verifyPin | typeof uim.unblockPin | typeof uim.changePin | typeof uim.setPinProtection;

export class QmiSim implements SimPort {
  constructor(
    private readonly card: QmiService,
    private readonly device: QmiService,
  ) {}

  async state(signal: AbortSignal): Promise<SimState> {
    return this.stateFrom(await this.status(signal), signal);
  }

  /** Completes what an answer or indication says with the identities that the card gives out in that state. */
  async stateFrom(status: CardStatus | undefined, signal: AbortSignal): Promise<SimState> {
    const readiness = readinessOf(status);
    if (readiness !== "ready" && readiness.is !== "locked") return readiness;
    const iccid = this.#read(iccidFile, iccidOf, signal).then((read) => (read === undefined ? {} : { iccid: read }));
    const pin = pinStateOf(status);
    if (readiness !== "ready") return { ...readiness, ...(await iccid), pin };
    const [known, imsi, provider, subscriberNumbers] = await Promise.all([
      iccid,
      this.#read(imsiFile, imsiOf, signal),
      this.#read(providerNameFile, providerNameOf, signal).then((read) =>
        read === undefined ? {} : { serviceProviderName: read },
      ),
      this.#numbers(signal),
    ]);
    // A card that says it is ready a moment too early: it tells again when it really is.
    return imsi === undefined
      ? { is: "initialising" }
      : { is: "ready", imsi, ...known, ...provider, subscriberNumbers, pin };
  }

  async pin(signal: AbortSignal): Promise<PinState> {
    return pinStateOf(await this.status(signal));
  }

  enterPin(type: PinType, pin: string, signal: AbortSignal): Promise<PinState> {
    return this.#do(uim.verifyPin, (pinId) => ({ session, info: { pinId, pin } }), type, signal);
  }

  resetPin(type: PinType, puk: string, newPin: string, signal: AbortSignal): Promise<PinState> {
    return this.#do(uim.unblockPin, (pinId) => ({ session, info: { pinId, puk, newPin } }), type, signal);
  }

  changePin(type: PinType, oldPin: string, newPin: string, signal: AbortSignal): Promise<PinState> {
    return this.#do(uim.changePin, (pinId) => ({ session, info: { pinId, oldPin, newPin } }), type, signal);
  }

  setLock(type: PinType, locked: boolean, pin: string, signal: AbortSignal): Promise<PinState> {
    return this.#do(
      uim.setPinProtection,
      (pinId) => ({ session, info: { pinId, enabled: locked, pin } }),
      type,
      signal,
    );
  }

  /** Undefined while firmware says nothing of a card. */
  async status(signal: AbortSignal): Promise<CardStatus | undefined> {
    return (await this.card.ask(uim.getCardStatus, {}, signal)).cardStatus;
  }

  async #do<M extends PinMessage>(
    message: M,
    request: (pinId: "pin1" | "pin2") => Parameters<typeof this.card.tryAsk<M>>[1],
    type: PinType,
    signal: AbortSignal,
  ): Promise<PinState> {
    const pinId = pinIds[type];
    if (pinId === undefined) throw new ModemError("unsupported", `a ${type} lock cannot be changed over QMI`);
    const outcome = await this.card.tryAsk<M>(message, request(pinId), signal);
    if (outcome.is === "success") return this.pin(signal);
    throw pinError(`UIM ${message.name}`, outcome.error, Reflect.get(outcome.failure, "retries"));
  }

  /** Undefined when the card has no such file, or does not give it out now. */
  async #read<T>(
    file: { readonly id: number; readonly path: Buffer },
    parse: (content: Buffer) => T | undefined,
    signal: AbortSignal,
  ): Promise<T | undefined> {
    const range = { offset: 0, length: 0 };
    const outcome = await this.card.tryAsk(uim.readTransparent, { session, file, range }, signal);
    if (outcome.is === "refused" || outcome.values.content === undefined) return undefined;
    return parse(outcome.values.content);
  }

  async #numbers(signal: AbortSignal): Promise<readonly string[]> {
    const outcome = await this.device.tryAsk(dms.getMsisdn, {}, signal);
    return outcome.is === "success" && outcome.values.msisdn !== "" ? [outcome.values.msisdn] : [];
  }
}

interface Retries {
  readonly pin: number;
  readonly puk: number;
}

const isRetries = (value: unknown): value is Retries => typeof value === "object" && value !== null && "pin" in value;

function pinError(what: string, error: number, left: unknown): ModemError {
  const refusal = qmiError(what, error);
  const isWrong = error === qmiErrors.incorrectPin || error === qmiErrors.pinBlocked;
  if (!isWrong) return refusal;
  const tries = isRetries(left) ? `, ${left.pin} tries left (PUK: ${left.puk})` : "";
  return new ModemError("badPin", `the PIN was refused${tries}`, { failure: refusal.failure });
}
