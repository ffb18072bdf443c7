/** What stands behind one or more interfaces of a device. */
import type { InPipe } from "./in-pipe.js";
import type { Setup } from "./transfer.js";

/** IN: the answer, cut to wLength by the device. OUT: empty when it was carried out. */
export type ControlAnswer = Buffer | "stall";

export interface UsbFunction {
  /** A class or vendor request to one of its interfaces or endpoints. `data` is that of the OUT data stage. */
  control?(setup: Setup, data: Buffer): ControlAnswer;
  /** One OUT transfer on its bulk endpoint. */
  received?(data: Buffer): "stall" | undefined;
  /** SET_INTERFACE */
  alternateChosen?(interfaceNumber: number, alternate: number): void;
  /** The host withdrew a transfer from the interrupt endpoint: the program that listened has gone. */
  hostStoppedListening?(): void;
  /** The host cleared a halt of one of its bulk endpoints. */
  haltCleared?(): void;
  /** The device was configured, for the first time or anew: nothing said before counts. */
  reset?(): void;
  close(): void;
}

/** The endpoints of a function's interfaces, by what they are for. */
export interface FunctionPipes {
  /** Interrupt IN */
  readonly notify: InPipe | undefined;
  /** Bulk IN */
  readonly in: InPipe;
}

/** Accepted, and nothing to say. */
export const accepted = Buffer.alloc(0);
