/** QMI: control by encapsulated messages, packets beside it, as Qualcomm's rmnet functions have it. */
import type { Face } from "../../faces/face.js";
import { accepted, type ControlAnswer, type FunctionPipes, type UsbFunction } from "../device/function.js";
import type { Setup } from "../device/transfer.js";
import type { FunctionContext } from "./context.js";
import { EncapsulatedControl } from "./encapsulated.js";
import { QmiData } from "./qmi-data.js";
import { requests, responseAvailable } from "./requests.js";

export interface QmiOptions {
  readonly interface: number;
  readonly maxControlBytes: number;
}

export function openQmi(options: QmiOptions, context: FunctionContext, pipes: FunctionPipes): UsbFunction {
  const data = new QmiData(context, pipes);
  const control: EncapsulatedControl = new EncapsulatedControl({
    notify: pipes.notify,
    maxCommandBytes: options.maxControlBytes,
    notification: () => responseAvailable(options.interface),
    command: (message) => face.feed(message),
  });
  const face = context.openFace("qmi", control, data, options.interface);
  return new QmiUsbFunction(control, face, data);
}

class QmiUsbFunction implements UsbFunction {
  constructor(
    private readonly encapsulated: EncapsulatedControl,
    private readonly face: Face,
    private readonly data: QmiData,
  ) {}

  control(setup: Setup, data: Buffer): ControlAnswer {
    // Hosts raise DTR because some firmware stays deaf without it.
    if (setup.type === "class" && setup.request === requests.setControlLineState) return accepted;
    return this.encapsulated.control(setup, data) ?? "stall";
  }

  received(transfer: Buffer): undefined {
    this.data.received(transfer);
  }

  hostStoppedListening(): void {
    this.face.hostLeft();
    this.encapsulated.flush();
  }

  reset(): void {
    this.data.reset();
    this.encapsulated.flush();
    this.face.reset?.();
  }

  close(): void {
    this.face.close();
    this.data.close();
  }
}
