/** The radio of an open modem: whether it is on, what holds it off whatever anybody wishes, and its switch. */
import { causeText, ModemError } from "../runtime/error.js";
import { deadlinesMs } from "./deadlines.js";
import type { Operations } from "./operations.js";
import type { RadioPort, RadioState } from "./ports.js";

const isOn = ({ softwareOn, hardwareOn }: RadioState): boolean => softwareOn && hardwareOn;

export class RadioSwitch {
  #heldBy: readonly string[] = [];

  constructor(
    private readonly port: RadioPort,
    private readonly operations: Operations,
  ) {}

  /** What holds the radio off, in words. */
  get heldBy(): readonly string[] {
    return this.#heldBy;
  }

  /** Yields whether the radio is on. */
  async read(): Promise<boolean> {
    const timeoutMs = deadlinesMs.read;
    return this.told(await this.operations.run("radio.state", { timeoutMs }, (signal) => this.port.state(signal)));
  }

  /** An answer, or the modem's own word. Yields whether the radio is on. */
  told(state: RadioState): boolean {
    const { hardwareOn, lock } = state;
    const lockedBy = lock === undefined ? [] : [`a lock in the modem's firmware (${causeText(lock)})`];
    this.#heldBy = [...(hardwareOn ? [] : ["a radio switch of the device"]), ...lockedBy];
    return isOn(state);
  }

  /**
   * `answered` hears whether the radio is on now, before the outcome.
   * @throws ModemError `denied` where the modem has answered and the radio is not as wanted
   */
  async set(on: boolean, answered: (isOn: boolean) => void): Promise<void> {
    const state = await this.#set(on, deadlinesMs.radio);
    answered(this.told(state));
    if (on !== isOn(state))
      throw new ModemError("denied", `the radio stays ${on ? "off" : "on"}`, { failure: state.lock });
  }

  /** At power-off, when nobody waits for long. */
  async turnOff(): Promise<void> {
    await this.#set(false, deadlinesMs.close);
  }

  #set(on: boolean, timeoutMs: number): Promise<RadioState> {
    const name = on ? "radio.on" : "radio.off";
    return this.operations.run(name, { timeoutMs }, (signal) => this.port.setOn(on, signal));
  }
}
