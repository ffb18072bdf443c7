/** AT ports of one virtual modem without a wire: a test is the host, byte by byte. */
import { silentLog } from "../../src/runtime/log.js";
import { AtFunction } from "../../src/virtual/faces/at/function.js";
import type { FaceContext, StartPppd } from "../../src/virtual/faces/face.js";
import { ModemMachine } from "../../src/virtual/machine.js";
import type { PppManner } from "../../src/virtual/model/profile.js";
import { plainPpp } from "../../src/virtual/ppp-manner.js";
import { profileNamed } from "../../src/virtual/profiles/all.js";
import { withSettings } from "../../src/virtual/settings.js";
import { VirtualClock } from "../fakes/clock.js";

const noCounts = { inOctets: 0, inPackets: 0, inDiscards: 0, outOctets: 0, outPackets: 0, outDiscards: 0 };

export class AtPorts {
  readonly clock = new VirtualClock();
  readonly machine: ModemMachine;
  /** What the modem was made to do by a command. */
  readonly done: string[] = [];
  /** Packets that came in data mode, and the way back. */
  readonly fromHost: Buffer[] = [];
  toHost: (packet: Buffer) => boolean = () => false;
  /** As the step of that name sets it. */
  ppp: Partial<PppManner> = {};
  startPppd: StartPppd | undefined;
  #next: string | undefined;

  constructor(profile: string, settings: Readonly<Record<string, string>> = {}) {
    this.machine = new ModemMachine(withSettings(profileNamed(profile), settings), this.clock);
  }

  /** Registered, when the clock may run. */
  async register(): Promise<void> {
    await this.clock.advance(1_000);
  }

  open(): AtHost {
    return new AtHost((send) => new AtFunction({ send, flush: () => undefined }, this.context()), this.clock);
  }

  context(): FaceContext {
    const { machine, done } = this;
    const { usb } = machine.profile;
    const next = () => this.#next ?? usb?.initial;
    return {
      machine,
      log: silentLog,
      counts: () => noCounts,
      dataLink: { linkProtocol: "raw-ip", setLinkProtocol: () => false },
      enterDataMode: (_, toHost) => {
        this.toHost = toHost;
        return { fromHost: (packet) => this.fromHost.push(packet), end: () => done.push("data mode over") };
      },
      startPppd: this.startPppd,
      ppp: () => ({ ...plainPpp, ...machine.profile.at?.ppp, ...this.ppp }),
      port: undefined,
      compositions: {
        current: usb?.initial,
        known: Object.keys(usb?.compositions ?? {}),
        get next() {
          return next();
        },
        choose: (name) => {
          const known = usb !== undefined && name in usb.compositions;
          if (known) this.#next = name;
          return known;
        },
      },
      switchComposition: (name) => done.push(`switch ${name}`) > 0,
      restart: () => done.push("restart"),
    };
  }
}

export class AtHost {
  readonly face: AtFunction;
  #heard = "";

  constructor(
    open: (send: (bytes: Buffer) => void) => AtFunction,
    private readonly clock: VirtualClock,
  ) {
    this.face = open((bytes) => {
      this.#heard += bytes.toString("latin1");
    });
  }

  write(text: string): void {
    this.face.feed(Buffer.from(text, "latin1"));
  }

  /** What came since it was last asked. */
  heard(): string {
    const heard = this.#heard;
    this.#heard = "";
    return heard;
  }

  /** A command and all that comes of it, as its lines. */
  async ask(command: string): Promise<readonly string[]> {
    this.write(`${command}\r`);
    await this.clock.advance(1_000);
    return this.heard()
      .split(/[\r\n]+/)
      .filter((line) => line !== "" && line !== command);
  }
}
