/** Plugs the modem in and pulls it out, and remembers which composition it shows. */
import type { Compositions } from "./faces/face.js";
import type { Plug, PlugContext } from "./plug.js";
import { openPortPlug } from "./port/plug.js";
import type { UsbState, VirtualModemOptions } from "./types.js";
import type { UsbModel } from "./usb/description/composition.js";
import { openUsbPlug, type UsbPlug } from "./usb/plug.js";

export type PlugOptions = Pick<VirtualModemOptions, "port" | "net" | "netNetns">;

export interface PlugEvents {
  /** The host made the modem leave the bus for another composition. */
  switched(composition: string): void;
}

export class Plugging {
  #plug: Plug | undefined;
  #usb: UsbPlug | undefined;
  #composition: string;
  /** Chosen for the next start. */
  #next: string | undefined;
  readonly #model: UsbModel | undefined;

  /** @throws when the profile has no USB device and one is wanted */
  constructor(
    private readonly options: PlugOptions,
    private readonly context: PlugContext,
    private readonly events: PlugEvents,
  ) {
    const { usb, name } = context.profile;
    if (options.port.kind === "usb" && usb === undefined) throw new Error(`${name} is no USB device`);
    this.#model = options.port.kind === "usb" ? usb : undefined;
    this.#composition = this.#model?.initial ?? "";
  }

  get isPluggedIn(): boolean {
    return this.#plug !== undefined;
  }

  get usb(): UsbState | undefined {
    if (this.#model === undefined) return undefined;
    const compositions = Object.keys(this.#model.compositions);
    const { ids, hasHost = false } = this.#usb ?? {};
    return { composition: this.#composition, compositions, ids, hasHost };
  }

  /** For the modem's own commands. */
  get compositions(): Compositions {
    const { usb } = this.context.profile;
    const current = () => (this.#model === undefined ? usb?.initial : this.#composition);
    const next = () => this.#next ?? current();
    return {
      get current() {
        return current();
      },
      known: Object.keys(usb?.compositions ?? {}),
      get next() {
        return next();
      },
      choose: (name) => {
        const known = usb !== undefined && Object.hasOwn(usb.compositions, name);
        if (known) this.#next = name;
        return known;
      },
    };
  }

  /** What recording ports have heard, by interface number. */
  received(): Readonly<Record<number, Buffer>> {
    return this.#usb?.received() ?? {};
  }

  send(bytes: Buffer): void {
    this.#plug?.send(bytes);
  }

  hasComposition(name: string): boolean {
    return this.#model !== undefined && Object.hasOwn(this.#model.compositions, name);
  }

  async plugIn(): Promise<void> {
    const { port, net, netNetns } = this.options;
    if (port.kind !== "usb") {
      this.#plug = await openPortPlug({ place: port, net, netNetns }, this.context);
      return;
    }
    if (this.#model === undefined) return;
    const { switched } = this.events;
    const options = { port: port.port, model: this.#model, composition: this.#composition, switched };
    this.#usb = await openUsbPlug(options, this.context);
    this.#plug = this.#usb;
  }

  /** The cable is pulled. A model that does not remember begins with its first composition again. */
  async unplug(): Promise<void> {
    await this.#leave();
    if (this.#model !== undefined)
      this.#composition = this.#model.remembers ? (this.#next ?? this.#composition) : this.#model.initial;
    this.#next = undefined;
  }

  /** Leaves the bus and comes back in this composition. */
  async enumerateAs(composition: string): Promise<void> {
    await this.#leave();
    this.#composition = composition;
    this.#next = undefined;
    await this.plugIn();
  }

  async #leave(): Promise<void> {
    const plug = this.#plug;
    this.#plug = undefined;
    this.#usb = undefined;
    await plug?.close();
  }
}
