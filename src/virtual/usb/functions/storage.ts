/** Mass storage in Bulk-Only Transport: what a modem shows a host until it is told to be a modem. */
import type { ControlAnswer, FunctionPipes, UsbFunction } from "../device/function.js";
import { accepted } from "../device/function.js";
import type { Setup } from "../device/transfer.js";
import { type CommandWrapper, encodeStatus, parseCommand } from "./bulk-only.js";
import type { FunctionContext } from "./context.js";
import { blockBytes, type Disc, runScsi, type ScsiResult, type Sense, senses } from "./scsi.js";

const requests = { reset: 0xff, getMaxLun: 0xfe } as const;
/** Nobody reads it: enough to be a disc. */
const discBytes = 32 * blockBytes;

export class StorageFunction implements UsbFunction {
  readonly #disc: Disc;
  #isIn = true;
  #sense: Sense = senses.none;
  /** Data that the host still writes for a command that takes none. */
  #unwanted: { readonly command: CommandWrapper; left: number } | undefined;
  /** After a command wrapper that was none: everything stalls until the reset. */
  #isLost = false;

  constructor(
    label: string,
    private readonly context: Pick<FunctionContext, "profile" | "switchBy">,
    private readonly pipes: FunctionPipes,
  ) {
    const { manufacturer } = context.profile.device;
    this.#disc = { vendor: manufacturer, label, content: Buffer.alloc(discBytes), isIn: true };
  }

  control(setup: Setup): ControlAnswer {
    if (setup.type !== "class") return "stall";
    if (setup.request === requests.getMaxLun) return Buffer.from([0]);
    if (setup.request !== requests.reset) return "stall";
    this.reset();
    return accepted;
  }

  received(bytes: Buffer): "stall" | undefined {
    if (this.#unwanted !== undefined) {
      this.#discard(this.#unwanted, bytes.length);
      return undefined;
    }
    const command = this.#isLost ? undefined : parseCommand(bytes);
    if (command === undefined) {
      this.#isLost = true;
      this.pipes.in.halt();
      return "stall";
    }
    this.#run(command);
    return undefined;
  }

  reset(): void {
    this.#isLost = false;
    this.#unwanted = undefined;
    this.#sense = senses.none;
    this.pipes.in.clear();
  }

  close(): void {
    this.reset();
  }

  #run(command: CommandWrapper): void {
    const result = runScsi(command.command, { ...this.#disc, isIn: this.#isIn }, this.#sense);
    this.#sense = result.is === "failed" ? result.sense : senses.none;
    if (command.direction === "out" && command.transferBytes > 0) {
      // No command here takes data; it must be fetched all the same before the status.
      this.#unwanted = { command, left: command.transferBytes };
      this.#sense = senses.unknownCommand;
      return;
    }
    this.#answer(command, result);
    if (result.is !== "switched") return;
    if (result.by === "eject") this.#isIn = false;
    this.context.switchBy(result.by);
  }

  #answer({ tag, transferBytes }: CommandWrapper, result: ScsiResult): void {
    const data = result.is === "data" ? result.data.subarray(0, transferBytes) : accepted;
    // A transfer that is shorter than the host wanted ends with a short packet, of no bytes if need be.
    if (transferBytes > 0) this.pipes.in.send(data);
    this.pipes.in.send(encodeStatus(tag, transferBytes - data.length, result.is !== "failed"));
  }

  #discard(unwanted: { readonly command: CommandWrapper; left: number }, bytes: number): void {
    unwanted.left -= bytes;
    if (unwanted.left > 0) return;
    this.#unwanted = undefined;
    this.pipes.in.send(encodeStatus(unwanted.command.tag, unwanted.command.transferBytes, false));
  }
}
