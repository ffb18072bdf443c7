/** The modem on a USB bus: which composition it shows, and how it leaves for another. */
import { Scope } from "../../runtime/scope.js";
import type { HostLine } from "../faces/face.js";
import type { Plug, PlugContext } from "../plug.js";
import type { UsbAttachment, UsbPort } from "./bus.js";
import type { ModeSwitch, UsbModel } from "./description/composition.js";
import { UsbDevice } from "./device/device.js";
import type { Recorder } from "./functions/recorder.js";
import { slotsOf } from "./functions/slots.js";

export interface UsbPlugOptions {
  readonly port: UsbPort;
  readonly model: UsbModel;
  readonly composition: string;
  /** The host made the modem leave the bus for another composition. */
  switched(composition: string): void;
}

export interface UsbPlug extends Plug {
  /** `vendor:product` in hexadecimal. */
  readonly ids: string;
  /** Whether a host has it just now. */
  readonly hasHost: boolean;
  /** What recording ports have heard, by interface number. */
  received(): Readonly<Record<number, Buffer>>;
}

/** @throws when the model has no such composition, or the port cannot be used */
export async function openUsbPlug(options: UsbPlugOptions, context: PlugContext): Promise<UsbPlug> {
  const { port, model } = options;
  const composition = model.compositions[options.composition];
  if (composition === undefined) throw new Error(`this modem has no composition "${options.composition}"`);
  const recorders = new Map<number, Recorder>();
  const switchBy = (by: ModeSwitch["by"]) => {
    const found = model.switches.find((it) => it.by === by && it.from === options.composition);
    if (found !== undefined) options.switched(found.to);
  };
  let control: HostLine | undefined;
  const openFace: PlugContext["openFace"] = (name, line, dataLink, port) => {
    if (name === context.profile.controlFace) control ??= line;
    return context.openFace(name, line, dataLink, port);
  };
  const scope = new Scope();
  let attachment: UsbAttachment;
  try {
    const slots = slotsOf(composition, {
      context: { ...context, openFace, switchBy },
      recording: (interfaceNumber, recorder) => recorders.set(interfaceNumber, recorder),
    });
    const device = scope.own(new UsbDevice(composition.device, slots), (it) => it.close());
    attachment = scope.own(await port.plug(device), (it) => it.close());
  } catch (error) {
    await scope.close();
    throw error;
  }
  const { vendorId, productId } = composition.device;
  const hex = (id: number) => id.toString(16).padStart(4, "0");
  return {
    ids: `${hex(vendorId)}:${hex(productId)}`,
    get hasHost() {
      return attachment.hasHost;
    },
    received: () => Object.fromEntries([...recorders].map(([number, { received }]) => [number, received])),
    send: (bytes) => control?.send(bytes),
    close: () => scope.close(),
  };
}
