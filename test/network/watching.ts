/** One uplink under a SilenceWatch in virtual time; what runs over it a test decides. */
import { type Listener, SilenceWatch } from "../../src/network/evidence/silence-watch.js";
import { settle, VirtualClock } from "../fakes/clock.js";

export class Watching<One, State> {
  readonly clock = new VirtualClock();
  running: readonly One[] | Error = [];
  looks = 0;
  /** Uplinks whose silence was told. */
  readonly told: string[] = [];
  readonly watch: SilenceWatch<One, State>;

  constructor(listen: Listener<One, State>) {
    const leavingFrom = async () => {
      this.looks += 1;
      if (this.running instanceof Error) throw this.running;
      return this.running;
    };
    this.watch = new SilenceWatch(leavingFrom, listen, this.clock, (uplink) => this.told.push(uplink));
    this.watch.follow([{ uplink: "eth", family: 4, addresses: ["192.0.2.7"] }]);
  }

  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 50) {
      await this.clock.advance(50);
      for (let turn = 0; turn < 6; turn++) await settle();
    }
  }
}
