/** A QMI cable in memory: the virtual modem's own QMI function at the far end, and a hand on every frame in between. */
import { decodeFrame, encodeFrame, type QmiMessage } from "../../src/qmi/frame.js";
import type { Clock } from "../../src/runtime/clock.js";
import { ModemError } from "../../src/runtime/error.js";
import type { FrameLink, LinkListener } from "../../src/runtime/link.js";
import { QmiFunction } from "../../src/virtual/faces/qmi/function.js";
import { ModemMachine } from "../../src/virtual/machine.js";
import type { VirtualProfile } from "../../src/virtual/model/profile.js";
import { mbimGeneric } from "../../src/virtual/profiles/mbim-generic.js";
import { bareContext } from "../drivers/face-cable.js";

export class QmiCable {
  readonly link: FrameLink;
  readonly machine: ModemMachine;
  /** What the host sent, in order. */
  readonly asked: QmiMessage[] = [];
  /** Looks at each message of the host; false keeps it from the modem. */
  toModem: (message: QmiMessage) => boolean = () => true;
  /** Looks at each message of the modem; false keeps it from the host. */
  toHost: (message: QmiMessage) => boolean = () => true;
  #function: QmiFunction;
  #listener: LinkListener | undefined;
  #isGone = false;

  constructor(
    readonly clock: Clock,
    profile: Partial<VirtualProfile> = {},
  ) {
    this.machine = new ModemMachine({ ...mbimGeneric, ...profile }, clock);
    this.#function = this.#plugIn();
    this.link = {
      kind: "frames",
      name: "/dev/cdc-wdm0",
      maxFrameBytes: 4096,
      listen: (listener) => {
        this.#listener = listener;
      },
      write: async (bytes) => {
        if (this.#isGone) throw new ModemError("unplugged", "the cable is cut");
        const message = decodeFrame(Buffer.from(bytes));
        this.asked.push(message);
        if (this.toModem(message)) this.#function.feed(Buffer.from(bytes));
      },
      close: () => this.#end(new Error("closed by the host")),
    };
  }

  unplug(): void {
    this.#end(new ModemError("unplugged", "the cable is cut"));
  }

  /** The firmware crashes and comes back on the same bus: client ids and calls are gone. */
  restartFirmware(): void {
    this.#function.close();
    this.machine.send({ type: "hostReset" });
    this.#function = this.#plugIn();
  }

  /** Bytes that the modem never meant. */
  deliver(bytes: Buffer): void {
    this.#listener?.data(bytes);
  }

  tell(message: QmiMessage): void {
    this.deliver(encodeFrame(message));
  }

  namesAsked(): readonly string[] {
    return this.asked.map(({ service, id }) => `${service}/0x${id.toString(16)}`);
  }

  #plugIn(): QmiFunction {
    const send = (bytes: Buffer) => {
      const message = decodeFrame(bytes);
      // Not within the host's own write: a cable takes a moment.
      setImmediate(() => {
        if (!this.#isGone && this.toHost(message)) this.deliver(bytes);
      });
    };
    const context = bareContext(this.machine, () => this.restartFirmware());
    return new QmiFunction({ send, flush: () => undefined }, context);
  }

  #end(reason: Error): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#function.close();
    this.machine.close();
    this.#listener?.closed(reason);
  }
}
