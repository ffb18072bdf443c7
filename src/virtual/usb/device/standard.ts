/** Standard requests: descriptors, configuration, alternate settings, halts. @see USB 2.0 9.4 */
import {
  configurationDescriptor,
  configurationValue,
  descriptorTypes,
  deviceDescriptor,
} from "../description/descriptors.js";
import { type Strings, stringsOf } from "../description/strings.js";
import type { DeviceDescription } from "../description/types.js";
import { accepted, type ControlAnswer } from "./function.js";
import type { Setup } from "./transfer.js";

const requests = {
  getStatus: 0,
  clearFeature: 1,
  setFeature: 3,
  setAddress: 5,
  getDescriptor: 6,
  getConfiguration: 8,
  setConfiguration: 9,
  getInterface: 10,
  setInterface: 11,
} as const;

const endpointHalt = 0;

/** What standard requests do to the rest of the device. */
export interface StandardEvents {
  configured(): void;
  alternateChosen(interfaceNumber: number, alternate: number): void;
  isHalted(endpointAddress: number): boolean;
  setHalt(endpointAddress: number, halted: boolean): void;
}

export class StandardRequests {
  readonly #strings: Strings;
  #configuration = 0;
  readonly #alternates = new Map<number, number>();

  constructor(
    private readonly device: DeviceDescription,
    private readonly events: StandardEvents,
  ) {
    this.#strings = stringsOf(device);
  }

  answer(setup: Setup): ControlAnswer {
    switch (setup.request) {
      case requests.getStatus:
        return this.#status(setup);
      case requests.clearFeature:
      case requests.setFeature:
        return this.#feature(setup, setup.request === requests.setFeature);
      case requests.setAddress:
        return accepted;
      case requests.getDescriptor:
        return this.#descriptor(setup.value >> 8, setup.value & 0xff) ?? "stall";
      case requests.getConfiguration:
        return Buffer.from([this.#configuration]);
      case requests.setConfiguration:
        return this.#configure(setup.value);
      case requests.getInterface:
        return this.#knows(setup.index) ? Buffer.from([this.#alternates.get(setup.index) ?? 0]) : "stall";
      case requests.setInterface:
        return this.#chooseAlternate(setup.index, setup.value);
      default:
        return "stall";
    }
  }

  #status({ recipient, index }: Setup): ControlAnswer {
    if (recipient === "device") return Buffer.from([(this.device.attributes & 0x40) === 0 ? 0 : 1, 0]);
    if (recipient === "endpoint") return Buffer.from([this.events.isHalted(index) ? 1 : 0, 0]);
    return this.#knows(index) ? Buffer.from([0, 0]) : "stall";
  }

  #feature({ recipient, value, index }: Setup, set: boolean): ControlAnswer {
    // Remote wakeup and the like: a host may allow it, and nothing here ever sleeps.
    if (recipient === "endpoint" && value === endpointHalt) this.events.setHalt(index, set);
    return accepted;
  }

  #descriptor(type: number, index: number): Buffer | undefined {
    switch (type) {
      case descriptorTypes.device:
        return deviceDescriptor(this.device, this.#strings);
      case descriptorTypes.configuration:
        return index === 0 ? configurationDescriptor(this.device, this.#strings) : undefined;
      case descriptorTypes.string:
        return this.#strings.descriptor(index);
      default:
        // Device qualifier, BOS: hosts ask, and devices of USB 2.0 that know one speed have none.
        return undefined;
    }
  }

  #configure(value: number): ControlAnswer {
    if (value !== 0 && value !== configurationValue) return "stall";
    this.#configuration = value;
    this.#alternates.clear();
    this.events.configured();
    return accepted;
  }

  #chooseAlternate(interfaceNumber: number, alternate: number): ControlAnswer {
    const found = this.device.interfaces.find(({ number }) => number === interfaceNumber);
    if (found === undefined || alternate >= found.alternates.length) return "stall";
    this.#alternates.set(interfaceNumber, alternate);
    this.events.alternateChosen(interfaceNumber, alternate);
    return accepted;
  }

  #knows(interfaceNumber: number): boolean {
    return this.device.interfaces.some(({ number }) => number === interfaceNumber);
  }
}
