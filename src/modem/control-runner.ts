/** Carries out what `control.ts` promises, on whatever driver is open. */
import { DomainRefusal } from "./api.js";
import type { CardChannels } from "./card-channels.js";
import type { ModemControl, OpenedChannel } from "./control.js";
import { deadlinesMs } from "./deadlines.js";
import type { Operations } from "./operations.js";
import type { Driver } from "./ports.js";
import type { Cell, Plmn, RadioChoice, RadioSelection, SimSlot, Temperature } from "./types.js";

/** Ports that answer a person's question and no more. */
type Asked = keyof Driver &
  (
    | ("cells" | "radioSelection" | "gnss" | "temperatures" | "reset" | "composition")
    | ("simSlots" | "preferredNetworks" | "forbiddenNetworks")
  );

const words: Readonly<Record<Asked, string>> = {
  cells: "list of cells",
  radioSelection: "choice of modes and bands",
  gnss: "receiver for satellites",
  temperatures: "thermometer",
  reset: "restart",
  composition: "choice of USB functions",
  simSlots: "list of slots",
  preferredNetworks: "list of preferred networks",
  forbiddenNetworks: "list of forbidden networks",
};

/** An open driver, with what belongs to it alone. */
export interface OpenDriver {
  readonly driver: Driver;
  readonly operations: Operations;
  readonly cardChannels: CardChannels | undefined;
}

export class ControlRunner implements ModemControl {
  /** `open` yields undefined while the modem is off. */
  constructor(private readonly open: () => OpenDriver | undefined) {}

  cells(): Promise<readonly Cell[]> {
    return this.#ask("cells", deadlinesMs.read, (port, signal) => port.read(signal));
  }

  radioSelection(): Promise<RadioSelection> {
    return this.#ask("radioSelection", deadlinesMs.read, (port, signal) => port.read(signal));
  }

  preferRadio(wanted: Partial<RadioChoice>): Promise<void> {
    return this.#ask("radioSelection", deadlinesMs.change, (port, signal) => port.prefer(wanted, signal));
  }

  simSlots(): Promise<readonly SimSlot[]> {
    return this.#ask("simSlots", deadlinesMs.read, (port, signal) => port.read(signal));
  }

  async activateSimSlot(number: number): Promise<void> {
    await this.#ask("simSlots", deadlinesMs.change, (port, signal) => port.activate(number, signal));
    this.open()?.cardChannels?.cardLeft();
  }

  preferredNetworks(): Promise<readonly Plmn[]> {
    return this.#ask("preferredNetworks", deadlinesMs.read, (port, signal) => port.read(signal));
  }

  forbiddenNetworks(): Promise<readonly Plmn[]> {
    return this.#ask("forbiddenNetworks", deadlinesMs.read, (port, signal) => port.read(signal));
  }

  clearForbiddenNetworks(): Promise<void> {
    return this.#ask("forbiddenNetworks", deadlinesMs.change, (port, signal) => port.clear(signal));
  }

  gnss(): Promise<"on" | "off" | "unknown"> {
    return this.#ask("gnss", deadlinesMs.read, (port, signal) => port.state(signal));
  }

  setGnss(on: boolean): Promise<void> {
    return this.#ask("gnss", deadlinesMs.change, (port, signal) => port.setOn(on, signal));
  }

  temperatures(): Promise<readonly Temperature[]> {
    return this.#ask("temperatures", deadlinesMs.read, (port, signal) => port.read(signal));
  }

  reset(): Promise<void> {
    return this.#ask("reset", deadlinesMs.change, (port, signal) => port.reset(signal));
  }

  changeComposition(commands: readonly string[]): Promise<void> {
    return this.#ask("composition", deadlinesMs.composition, (port, signal) => port.change(commands, signal));
  }

  async openCardChannel(owner: string, aid: Buffer): Promise<OpenedChannel> {
    return this.#channels().open(owner, aid);
  }

  async transmitToCard(owner: string, channel: number, apdu: Buffer): Promise<Buffer> {
    return this.#channels().transmit(owner, channel, apdu);
  }

  async closeCardChannel(owner: string, channel: number): Promise<void> {
    return this.#channels().close(owner, channel);
  }

  closeCardChannelsOf(owner: string): void {
    this.open()?.cardChannels?.ownerGone(owner);
  }

  #opened(): OpenDriver {
    const open = this.open();
    if (open === undefined) throw new DomainRefusal("notAvailable", "the modem is off");
    return open;
  }

  #channels(): CardChannels {
    const { cardChannels } = this.#opened();
    if (cardChannels === undefined) throw new DomainRefusal("notImplemented", "this modem has no card channels");
    return cardChannels;
  }

  async #ask<Name extends Asked, T>(
    name: Name,
    timeoutMs: number,
    act: (port: NonNullable<Driver[Name]>, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { driver, operations } = this.#opened();
    const port = driver[name];
    if (port === undefined)
      throw new DomainRefusal("notImplemented", `${driver.name}: there is no ${words[name]}, or no way to it`);
    return operations.run(name, { timeoutMs }, (signal) => act(port, signal));
  }
}
