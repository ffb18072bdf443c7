/** What the uplinks at work are given, and what they tell. */
import type { Clock } from "../../runtime/clock.js";
import type { Log } from "../../runtime/log.js";
import type { DnsBackend } from "../dns/types.js";
import type { ForwardedPort, TcpPort } from "../evidence/types.js";
import type { Firewall } from "../firewall/types.js";
import type { AftermathPorts } from "../flows/aftermath.js";
import type { Kernel } from "../kernel.js";
import type { Policy } from "../policy/types.js";
import type { OpenAsker } from "../probe/ask.js";
import type { Recorder } from "../record/recorder.js";
import type { StandbyWish } from "../standby/types.js";
import type { ConnmanPort } from "../steer/connman.js";
import type { UsageBook } from "../usage/book.js";
import type { GroupSwitched, RoutingPort } from "./actuator.js";
import type { Mode } from "./execution.js";
import type { PastMove, UplinksState } from "./state.js";
import type { StaticsKernel } from "./statics.js";

/** What of the kernel is asked by them; the rest is routing's. */
export type UplinksKernel = StaticsKernel &
  Pick<Kernel, "links" | "counters" | "addresses" | "routes" | "watch" | "quickenCarrier">;

export interface UplinksEvents {
  /** Traffic of one family has moved: route and names are in place. Of classes with a way of their own: `groupSwitched`. */
  switched: [switched: PastMove];
  groupSwitched: [switched: PastMove & GroupSwitched];
  /** Something else than the passing of time has changed. */
  changed: [state: UplinksState];
  /** How far modems are to be kept up is another matter now. */
  standby: [wishes: ReadonlyMap<string, StandbyWish>];
}

export interface UplinksOptions extends AftermathPorts {
  readonly policy: Policy;
  readonly kernel: UplinksKernel;
  readonly routing: RoutingPort;
  readonly dns: DnsBackend;
  readonly firewall: Firewall;
  readonly openAsker: OpenAsker;
  readonly connman: ConnmanPort;
  /** Absent: what the kernel knows of connections is no evidence. */
  readonly tcp?: TcpPort;
  /** Absent: what is forwarded is no evidence. */
  readonly forwarded?: ForwardedPort;
  readonly mode: Mode;
  /** Hears of every decision; absent: nobody does. */
  readonly recorder?: Pick<Recorder, "turn">;
  readonly log: Log;
  readonly clock?: Clock;
  /** Default: the next check phase of the event loop, after its poll phase. */
  readonly afterPoll?: (next: () => void) => void;
  /** Where it is kept what uplinks have used; absent: nowhere. */
  readonly usageBook?: UsageBook;
  /** The time of day; by default the system's. */
  readonly wallClock?: () => Date;
}
