/** What hooks are told: switches, and uplinks that become fit for traffic or cease to be. */
import type { EventEmitter } from "eventemitter3";
import type { GroupSwitched, Switched } from "../network/uplinks/actuator.js";
import type { UplinkState, UplinksState } from "../network/uplinks/state.js";
import type { UplinksEvents } from "../network/uplinks/types.js";

export interface HookEvent {
  readonly name: "switch" | "group-switch" | "uplink-up" | "uplink-down" | "none-up";
  /** Becomes the environment: `FROM` as `WWAND_FROM`. */
  readonly about: Readonly<Record<string, string>>;
}

interface Engine {
  readonly events: Pick<EventEmitter<UplinksEvents>, "on" | "off">;
  state(): UplinksState;
}

type Tell = (event: HookEvent) => void;

/** Those that are up at the beginning are told, too. Ends by the returned function. */
export function followForHooks(engine: Engine, tell: Tell): () => void {
  let fit: ReadonlySet<string> = new Set();
  const changed = (state: UplinksState) => {
    const before = fit;
    fit = new Set(state.uplinks.filter(isFit).map(({ name }) => name));
    for (const event of changesOf(before, fit, state)) tell(event);
  };
  const switched = (event: Switched) => tell(switchEvent(event, engine.state()));
  // An event of its own: a hook that moves the VPN with the default route has no business with a class's way.
  const groupSwitched = (event: GroupSwitched) => {
    const { about } = switchEvent(event, engine.state());
    tell({ name: "group-switch", about: { ...about, GROUP: event.group } });
  };
  engine.events.on("changed", changed);
  engine.events.on("switched", switched);
  engine.events.on("groupSwitched", groupSwitched);
  changed(engine.state());
  return () => {
    engine.events.off("changed", changed);
    engine.events.off("switched", switched);
    engine.events.off("groupSwitched", groupSwitched);
  };
}

const families = [4, 6] as const;
const answered = ["up", "suspect", "degraded"];

/** In one family at least. */
const isFit = ({ families: seen }: UplinkState): boolean =>
  families.some((family) => seen[family].presence === "present" && answered.includes(seen[family].verdict));

function changesOf(before: ReadonlySet<string>, now: ReadonlySet<string>, state: UplinksState): readonly HookEvent[] {
  const changes = state.uplinks.flatMap((uplink): readonly HookEvent[] => {
    if (before.has(uplink.name) === now.has(uplink.name)) return [];
    return [{ name: now.has(uplink.name) ? "uplink-up" : "uplink-down", about: aboutUplink(uplink) }];
  });
  return before.size > 0 && now.size === 0 ? [...changes, { name: "none-up", about: {} }] : changes;
}

const aboutUplink = ({ name, interfaceName = "", families: seen }: UplinkState): HookEvent["about"] => ({
  UPLINK: name,
  INTERFACE: interfaceName,
  BECAUSE: families.map((family) => `IPv${family} ${seen[family].verdict}: ${seen[family].evidence}`).join("; "),
});

const switchEvent = ({ family, from = "", to = "", because }: Switched, { uplinks }: UplinksState): HookEvent => ({
  name: "switch",
  about: {
    FAMILY: `ipv${family}`,
    FROM: from,
    TO: to,
    INTERFACE: uplinks.find(({ name }) => name === to)?.interfaceName ?? "",
    BECAUSE: because.join("; "),
  },
});
