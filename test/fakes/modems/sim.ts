import { DomainRefusal, type Sim, type SimPartState } from "../../../src/modem/api.js";
import type { PinType } from "../../../src/modem/types.js";
import { ModemError } from "../../../src/runtime/error.js";
import { FakePart } from "./part.js";
import { Script } from "./script.js";

/** The card that a test puts in. */
export interface FakeCard {
  readonly pin: string;
  readonly puk: string;
  /** The card asks for its PIN at power-on. */
  readonly locked: boolean;
}

export const defaultCard: FakeCard = { pin: "1234", puk: "12345678", locked: false };

const ready = {
  imsi: "262011234567890",
  mcc: "262",
  mnc: "01",
  serviceProviderName: "Testnetz",
  subscriberNumbers: ["+491701234567"],
} as const;

const pinLengths = (type: PinType): readonly [least: number, most: number] => {
  if (type.includes("puk")) return [8, 8];
  return type === "pin" || type === "pin2" ? [4, 8] : [4, 16];
};

function checkPin(type: PinType, pin: string): void {
  const [least, most] = pinLengths(type);
  if (!/^\d*$/.test(pin) || pin.length < least || pin.length > most)
    throw new DomainRefusal("invalidFormat", `${type} has ${least} to ${most} digits`);
}

/** One card with a PIN of three tries and a PUK of ten. */
export class FakeSim extends FakePart<SimPartState> implements Sim {
  readonly script = new Script();
  #card: FakeCard;

  constructor(
    card: FakeCard | undefined,
    private readonly becameReady: () => void,
  ) {
    super({
      present: card !== undefined,
      subscriberNumbers: [],
      lockedPins: [],
      pinRequired: "none",
      retries: {},
      cardSlotCount: 1,
      activeCardSlot: 1,
    });
    this.#card = card ?? defaultCard;
  }

  /** Reads the card, as after power-on: the lock first, then, unless it is shut, who it is. */
  read(): void {
    if (!this.state.present) return;
    this.become({
      iccid: "8949020000012345678",
      retries: { pin: 3, puk: 10 },
      lockedPins: this.#card.locked ? ["pin"] : [],
      pinRequired: this.#card.locked ? "pin" : "none",
    });
    if (!this.#card.locked) this.open();
  }

  open(): void {
    this.become({ pinRequired: "none", ...ready });
    this.becameReady();
  }

  async enterPin(type: PinType, pin: string): Promise<void> {
    checkPin(type, pin);
    if (type !== this.state.pinRequired) throw new DomainRefusal("invalidFormat", `${type} is not wanted`);
    return this.script.run(() => {
      this.#verify(type, pin);
      this.open();
    });
  }

  async changePin(type: PinType, oldPin: string, newPin: string): Promise<void> {
    checkPin(type, oldPin);
    checkPin(type, newPin);
    return this.script.run(() => {
      this.#verify(type, oldPin);
      this.#card = { ...this.#card, pin: newPin };
    });
  }

  async resetPin(type: PinType, puk: string, newPin: string): Promise<void> {
    checkPin(type, puk);
    checkPin("pin", newPin);
    return this.script.run(() => {
      this.#verify(type, puk);
      this.#card = { ...this.#card, pin: newPin };
      this.become({ retries: { pin: 3, puk: 10 } });
      if (this.state.pinRequired === type) this.open();
    });
  }

  lockPin(type: PinType, pin: string): Promise<void> {
    return this.#setLock(type, pin, true);
  }

  unlockPin(type: PinType, pin: string): Promise<void> {
    return this.#setLock(type, pin, false);
  }

  async #setLock(type: PinType, pin: string, locked: boolean): Promise<void> {
    if (type === "pin2") throw new DomainRefusal("invalidFormat", "pin2 cannot be locked");
    checkPin(type, pin);
    return this.script.run(() => {
      this.#verify(type, pin);
      this.become({ lockedPins: locked ? ["pin"] : [] });
    });
  }

  #verify(type: PinType, secret: string): void {
    if (secret === (type === "puk" ? this.#card.puk : this.#card.pin)) return;
    const left = Math.max(0, (this.state.retries[type] ?? 1) - 1);
    this.become({ retries: { ...this.state.retries, [type]: left } });
    if (type === "pin" && left === 0) this.become({ pinRequired: "puk" });
    throw new ModemError("badPin", `${type} refused by the card`);
  }
}
