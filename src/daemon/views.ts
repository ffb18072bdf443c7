/** The failover engine's state as net.wwand shows it. */
import { isIP } from "node:net";
import { isDeepStrictEqual } from "node:util";
import { EventEmitter } from "eventemitter3";
import type {
  DaemonState,
  DaemonView,
  FailoverState,
  FailoverView,
  TargetState as ShownTarget,
  UplinkState as ShownUplink,
  Switch,
  TrafficGroup,
  UplinkMoment,
  UplinkView,
  UsageState,
  View,
  Views,
} from "../dbus/interfaces/views.js";
import type { Modems } from "../modem/api.js";
import type { PacketAnswer } from "../network/packet/types.js";
import { eligibilityText } from "../network/plan/eligibility.js";
import type { GroupSwitched } from "../network/uplinks/actuator.js";
import type {
  FamilyState,
  GroupState,
  PastMove,
  TargetState,
  UplinkState,
  UplinksState,
} from "../network/uplinks/state.js";
import type { Uplinks } from "../network/uplinks.js";
import { type Usage, usageText } from "../network/usage/usage.js";
import { ModemError } from "../runtime/error.js";
import { whyLines } from "./why.js";

class Shown<State> implements View<State> {
  readonly events = new EventEmitter<{ changed: [] }>();
  constructor(public state: State) {}

  show(state: State): void {
    this.state = state;
    this.events.emit("changed");
  }
}

type LastSwitches = Pick<FailoverState, "lastSwitch" | "lastSwitches" | "lastGroupSwitch">;

const failoverOf = (state: UplinksState, last: LastSwitches, moments: Moments): FailoverState => ({
  ipv4Uplink: state.choice[4] ?? "",
  ipv6Uplink: state.choice[6] ?? "",
  actuating: state.actuating,
  actuatingBecause: moments.linesOf(state.actuatingBecause),
  because: [...undone(state), ...state.because],
  groups: state.groups.map(shownGroup),
  worstCaseDetectionMs: state.worstCaseDetectionMs ?? 0,
  lastSwitch: last.lastSwitch,
  lastSwitches: last.lastSwitches,
  lastGroupSwitch: last.lastGroupSwitch,
});

const shownGroup = ({ name, classes, choice, why, lastSwitches: [last] }: GroupState): TrafficGroup => ({
  name,
  classes,
  ipv4Uplink: choice[4] ?? "",
  ipv6Uplink: choice[6] ?? "",
  because: [...new Set([...why[4], ...why[6]])],
  lastSwitch: last && switchOf(last),
});

const switchOf = ({ family, from, to, because, cause, rulePlace, at }: PastMove): Switch => ({
  family,
  from: from ?? "",
  to: to ?? "",
  because,
  trigger: cause?.trigger ?? "",
  rule: cause?.rule ?? "",
  rulePlace: rulePlace ?? "",
  at: at.toISOString(),
});

/** The wall time of a moment that the monotonic clock told. */
const dateOf = (atMs: number): Date => new Date(Date.now() - (performance.now() - atMs));

/** Switches of before anybody looked. */
const earlierSwitches = ({ lastSwitch: last, lastSwitches }: UplinksState): LastSwitches => ({
  lastSwitch: last && switchOf(last),
  lastSwitches: lastSwitches.map(switchOf),
  lastGroupSwitch: undefined,
});

type ActuatingLine = UplinksState["actuatingBecause"][number];

/** Moments in wall time, each worked out once: the two clocks drift, and a text that flickers would be signalled. */
class Moments {
  #known: ReadonlyMap<number, string> = new Map();

  linesOf(lines: readonly ActuatingLine[]): readonly string[] {
    const moments = lines.flatMap(({ sinceMs }) => sinceMs ?? []);
    this.#known = new Map(moments.map((ms) => [ms, this.#known.get(ms) ?? secondOf(dateOf(ms))]));
    return lines.map(({ text, sinceMs }) =>
      sinceMs === undefined ? text : `${text} (since ${this.#known.get(sinceMs)})`,
    );
  }
}

const secondOf = (date: Date): string => date.toISOString().replace(/\.\d+/, "");

/** What was decided and has not come about, or is not wwand's to do. */
const undone = ({ actuating, choice, decided }: UplinksState): readonly string[] =>
  actuating === "self"
    ? []
    : ([4, 6] as const).flatMap((family) =>
        decided[family] === undefined || decided[family] === choice[family]
          ? []
          : [`IPv${family} leaves by ${choice[family] ?? "none of the uplinks"}; decided: ${decided[family]}`],
      );

/** The better of two: an interface that is up for one family is there. */
const presenceOf = ({ families }: UplinkState): string =>
  families[4].presence === "present" ? "present" : families[6].presence;

const evidence = (family: string, { presence, verdict, evidence: text }: FamilyState): string =>
  `${family} ${presence === "present" ? verdict : presence}: ${text}`;

/** An uplink that stands by does so as a whole. */
const becauseOf = ({ families }: UplinkState): readonly string[] =>
  families[4].presence === "standby"
    ? [`stands by: ${families[4].evidence}`]
    : [evidence("IPv4", families[4]), evidence("IPv6", families[6])];

const shownUplink = (uplink: UplinkState): ShownUplink => ({
  name: uplink.name,
  interfaceName: uplink.interfaceName ?? "",
  kind: uplink.kind,
  presence: presenceOf(uplink),
  verdict4: uplink.families[4].verdict,
  verdict6: uplink.families[6].verdict,
  eligibility: eligibilityText(uplink.eligibility),
  tier: uplink.tier === undefined ? 0 : uplink.tier + 1,
  addresses: uplink.addresses,
  gateway4: uplink.families[4].gateway ?? "",
  gateway6: uplink.families[6].gateway ?? "",
  dns: uplink.dns,
  because: becauseOf(uplink),
  worstCaseDetectionMs: uplink.worstCase.blackholeMs ?? 0,
  metered: uplink.metered,
});

const shownTarget = (family: 4 | 6, { target, lastOk, lastFail }: TargetState): ShownTarget => ({
  ...{ family, target, answeredAgoMs: lastOk?.agoMs, roundTripMs: lastOk?.roundTripMs },
  ...{ failedAgoMs: lastFail?.agoMs, why: lastFail?.why ?? "" },
});

const shownUsage = (usage: Usage): UsageState => ({
  ...{ bytes: usage.bytes, softBytes: usage.cap.softBytes, hardBytes: usage.cap.hardBytes },
  ...{ every: usage.cap.every, until: usage.until, text: usageText(usage) },
});

class ShownUplinkView extends Shown<ShownUplink> implements UplinkView {
  readonly name: string;
  constructor(
    state: ShownUplink,
    private readonly current: () => UplinkState | undefined,
  ) {
    super(state);
    this.name = state.name;
  }

  moment(): UplinkMoment {
    const { families, usage } = this.current() ?? {};
    if (families === undefined) return { verdictAgeMs: 0, targets: [], usage: undefined };
    return {
      verdictAgeMs: Math.max(families[4].verdictAgeMs ?? 0, families[6].verdictAgeMs ?? 0),
      targets: ([4, 6] as const).flatMap((family) => families[family].targets.map((one) => shownTarget(family, one))),
      usage: usage && shownUsage(usage),
    };
  }
}

export class FailoverViews implements Views {
  readonly daemon: DaemonView & { show(state: DaemonState): void };
  readonly failover: FailoverView & { show(state: FailoverState): void };
  readonly #uplinkViews = new Map<string, ShownUplinkView>();
  readonly #moments = new Moments();
  readonly uplinks: Views["uplinks"];
  readonly #uplinkEvents: Views["uplinks"]["events"] = new EventEmitter();

  constructor(
    private readonly engine: Pick<Uplinks, "state" | "events" | "failback">,
    readonly modems: Modems,
    readonly devices: Views["devices"],
    readonly trace: Views["trace"],
    private readonly about: {
      readonly version: string;
      readonly resolver: () => DaemonState["resolver"];
      readonly whyPacket: DaemonView["whyPacket"];
    },
  ) {
    const state = engine.state();
    const daemon = new Shown<DaemonState>({
      ...{ version: about.version, resolver: about.resolver() },
      ...{ policyFiles: state.files, policyFolders: [], policyGeneration: state.generation, policyError: "" },
    });
    this.daemon = Object.assign(daemon, {
      why: (destination: string) => this.#why(destination),
      whyPacket: (words: Readonly<Record<string, string>>) => this.#whyPacket(words),
    });
    const failover = new Shown<FailoverState>(failoverOf(state, earlierSwitches(state), this.#moments));
    this.failover = Object.assign(failover, { failback: () => engine.failback() });
    const views = this.#uplinkViews;
    this.uplinks = {
      get list() {
        return [...views.values()];
      },
      events: this.#uplinkEvents,
    };
    this.#follow(state);
    engine.events.on("changed", (next) => this.#follow(next));
    engine.events.on("switched", (switched) => this.#switched(switched));
    engine.events.on("groupSwitched", (switched) => this.#groupSwitched(switched));
  }

  /** Where the policy is read from and, when the files there were refused, why. */
  policy(policyFolders: readonly string[], policyError: string): void {
    const { files: policyFiles, generation: policyGeneration } = this.engine.state();
    this.daemon.show({ ...this.daemon.state, policyFiles, policyFolders, policyGeneration, policyError });
  }

  #follow(state: UplinksState): void {
    this.#showResolver();
    const { daemon } = this;
    // Whoever puts a policy in force or takes it back, what is shown is the one that decides.
    if (state.generation !== daemon.state.policyGeneration)
      daemon.show({ ...daemon.state, policyFiles: state.files, policyGeneration: state.generation });
    this.failover.show(failoverOf(state, this.failover.state, this.#moments));
    for (const uplink of state.uplinks) {
      const view = this.#uplinkViews.get(uplink.name);
      if (view) view.show(shownUplink(uplink));
      else this.#add(uplink);
    }
    for (const [name, view] of this.#uplinkViews)
      if (!state.uplinks.some((uplink) => uplink.name === name)) {
        this.#uplinkViews.delete(name);
        this.#uplinkEvents.emit("removed", view);
      }
  }

  /** Each at once: both families may switch before the whole state is told. */
  #switched(switched: PastMove): void {
    const uplink = switched.family === 4 ? "ipv4Uplink" : "ipv6Uplink";
    const lastSwitch = switchOf(switched);
    const others = this.failover.state.lastSwitches.filter(({ family }) => family !== switched.family);
    const lastSwitches = [lastSwitch, ...others];
    this.failover.show({ ...this.failover.state, [uplink]: lastSwitch.to, lastSwitch, lastSwitches });
    this.#showResolver();
  }

  #groupSwitched(switched: PastMove & GroupSwitched): void {
    const uplink = switched.family === 4 ? "ipv4Uplink" : "ipv6Uplink";
    const lastGroupSwitch = { ...switchOf(switched), group: switched.group };
    const groups = this.failover.state.groups.map((group) =>
      group.name === switched.group
        ? { ...group, [uplink]: lastGroupSwitch.to, lastSwitch: switchOf(switched) }
        : group,
    );
    this.failover.show({ ...this.failover.state, groups, lastGroupSwitch });
  }

  /** Names are carried out before a switch is told. */
  #showResolver(): void {
    const resolver = this.about.resolver();
    if (!isDeepStrictEqual(resolver, this.daemon.state.resolver)) this.daemon.show({ ...this.daemon.state, resolver });
  }

  #add(uplink: UplinkState): void {
    const current = () => this.engine.state().uplinks.find(({ name }) => name === uplink.name);
    const view = new ShownUplinkView(shownUplink(uplink), current);
    this.#uplinkViews.set(uplink.name, view);
    this.#uplinkEvents.emit("added", view);
  }

  async #whyPacket(words: Readonly<Record<string, string>>): Promise<PacketAnswer> {
    const answer = await this.about.whyPacket(words);
    const { actuating, actuatingBecause } = this.failover.state;
    return actuating === "self" ? answer : { ...answer, because: [...answer.because, ...actuatingBecause] };
  }

  async #why(destination: string): Promise<readonly string[]> {
    const family = destination === "" ? undefined : isIP(destination);
    if (family === 0) throw new ModemError("invalid", `"${destination}" is not an IP address`);
    const state = this.engine.state();
    const reasons = ([4, 6] as const).flatMap((version) =>
      family !== undefined && family !== version ? [] : whyLines(state, version),
    );
    const { actuating, actuatingBecause } = this.failover.state;
    return actuating === "self" ? reasons : [...reasons, ...undone(state), ...actuatingBecause];
  }
}
