/** A cable in memory between a driver and a face of the virtual modem, over time that only a test moves. */
import type { Clock } from "../../src/runtime/clock.js";
import { ModemError } from "../../src/runtime/error.js";
import type { ByteLink, FrameLink, LinkListener } from "../../src/runtime/link.js";
import { silentLog } from "../../src/runtime/log.js";
import { faces } from "../../src/virtual/faces/all.js";
import type { FaceContext, HostLine } from "../../src/virtual/faces/face.js";
import { faulty } from "../../src/virtual/faces/faulty.js";
import { ModemMachine } from "../../src/virtual/machine.js";
import type { PortFault, VirtualProfile } from "../../src/virtual/model/profile.js";
import type { FaceName } from "../../src/virtual/model/words.js";
import { plainPpp } from "../../src/virtual/ppp-manner.js";

const noCounts = { inOctets: 0, inPackets: 0, inDiscards: 0, outOctets: 0, outPackets: 0, outDiscards: 0 };

/** What a face knows of a modem without data path and without a bus to leave. */
export const bareContext = (machine: ModemMachine, restart: () => void = () => undefined): FaceContext => ({
  machine,
  log: silentLog,
  counts: () => noCounts,
  dataLink: { linkProtocol: "raw-ip", setLinkProtocol: (wanted) => wanted === "raw-ip" },
  enterDataMode: () => ({ fromHost: () => undefined, end: () => undefined }),
  ppp: () => ({ ...plainPpp, ...machine.profile.at?.ppp }),
  port: undefined,
  compositions: { current: undefined, known: [], next: undefined, choose: () => false },
  switchComposition: () => false,
  restart,
});

export interface CableOptions {
  /** By default frames, as on a cdc-wdm device. */
  readonly kind?: "frames" | "bytes";
  /** What the face shall know of its modem beside the bare minimum. */
  readonly context?: Partial<FaceContext>;
  /** What the modem does not hear. */
  unheard?(bytes: Buffer): boolean;
}

export class FaceCable {
  readonly link: FrameLink | ByteLink;
  readonly machine: ModemMachine;
  /** How often the host had the modem restarted. */
  restarts = 0;
  /** The modem hears nothing any more. */
  isSilent = false;
  /** Its control port is broken. */
  fault: PortFault | undefined;
  #listener: LinkListener | undefined;
  #isGone = false;
  readonly #closeFace: () => void;

  constructor(
    name: FaceName,
    profile: VirtualProfile,
    clock: Clock,
    { kind = "frames", context, unheard }: CableOptions = {},
  ) {
    this.machine = new ModemMachine(profile, clock);
    // Not within the host's own write: a cable takes a moment.
    const line = {
      send: (bytes: Buffer) => void setImmediate(() => this.#deliver(bytes)),
      flush: () => undefined,
    };
    const restart = () => {
      this.restarts += 1;
    };
    const open = (heard: HostLine) => faces[name](heard, { ...bareContext(this.machine, restart), ...context });
    const face = faulty(open, line, { clock, fault: () => this.fault });
    this.#closeFace = () => face.close();
    const link = {
      name: `/dev/${name}0`,
      listen: (listener: LinkListener) => {
        this.#listener = listener;
      },
      write: async (bytes: Uint8Array) => {
        if (this.#isGone) throw new ModemError("unplugged", "the cable is cut");
        const isHeard = !this.isSilent && unheard?.(Buffer.from(bytes)) !== true;
        if (isHeard) face.feed(Buffer.from(bytes));
      },
      close: () => this.unplug(),
    };
    this.link = kind === "frames" ? { ...link, kind, maxFrameBytes: 4096 } : { ...link, kind };
  }

  unplug(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#closeFace();
    this.machine.close();
    this.#listener?.closed(new Error("the cable is cut"));
  }

  #deliver(bytes: Buffer): void {
    if (!this.#isGone) this.#listener?.data(bytes);
  }
}
