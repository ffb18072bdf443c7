/** What steering has to say of itself, in plain words: what was asked, whether ConnMan did it, what to change where it cannot. */
import { connectedUplinks, serviceOf, uplinkNamed } from "./match.js";
import { stuckMs } from "./move.js";
import { isConnected, isConnecting } from "./service.js";
import type { Failing, SteeredUplink, SteerMemory, SteerView } from "./types.js";

export interface SteerLine {
  readonly text: string;
  /** Somebody has to do something about it. */
  readonly isProblem: boolean;
  /** Since when, by the monotonic clock. */
  readonly sinceMs?: number;
}

const fine = (text: string, sinceMs?: number): SteerLine => ({
  text,
  isProblem: false,
  ...(sinceMs !== undefined && { sinceMs }),
});
const problem = (text: string, sinceMs?: number): SteerLine => ({ ...fine(text, sinceMs), isProblem: true });

export const connmanAway: readonly SteerLine[] = [problem("ConnMan is not on the bus: nothing can be moved")];

export function steerLines(view: SteerView, memory: SteerMemory): readonly SteerLine[] {
  if (view.services === undefined) return [fine("ConnMan's services are not known yet")];
  return [
    moveLine(view, memory),
    ...view.uplinks.flatMap((uplink) => standbyLine(view, memory, uplink) ?? []),
    ...(memory.connect.exclusive ? [exclusiveLine(view)] : []),
  ];
}

function moveLine(view: SteerView, { move: { state }, connect }: SteerMemory): SteerLine {
  const { wanted } = view;
  if (wanted === undefined) return fine("ConnMan has no uplink that could carry traffic");
  if ("failing" in state && state.failing !== undefined) return failingLine(wanted, state.failing);
  switch (state.is) {
    case "asking":
      return fine(`ConnMan is being asked to put ${wanted} first`, state.sinceMs);
    case "answered":
      return fine(`ConnMan says that ${wanted} is first; the default route is being watched`, state.sinceMs);
    case "stuck":
      return view.nowMs - state.sinceMs < stuckMs
        ? fine(`ConnMan has ${wanted} first`, state.sinceMs)
        : stuckLine(wanted, state.sinceMs);
    case "throttled":
      return problem(
        `ConnMan takes the default route away from ${wanted} again and again: it is asked less often now. Its main.conf needs EnableOnlineCheck = true, an OnlineCheckIPv4URL that ${wanted} reaches, and no PreferredTechnologies`,
        state.sinceMs,
      );
    case "held":
      if (view.carries === wanted)
        return fine(`ConnMan has ${wanted} first and the default route is there`, state.sinceMs);
      return whyNotMoved(view, wanted, connect);
    case "failed":
    case "none":
      return whyNotMoved(view, wanted, connect);
  }
}

function failingLine(wanted: string, { because, sinceMs }: Failing): SteerLine {
  if (because !== "") return problem(`ConnMan refuses to put ${wanted} first: ${because}`, sinceMs);
  return problem(
    `ConnMan says yes to ${wanted} and takes the default route back. PreferredTechnologies in its main.conf does that: remove it there and restart ConnMan`,
    sinceMs,
  );
}

function whyNotMoved(view: SteerView, wanted: string, { attempts }: SteerMemory["connect"]): SteerLine {
  const uplink = uplinkNamed(view, wanted);
  const service = uplink && serviceOf(uplink, view.services ?? []);
  if (uplink === undefined || service === undefined) return noService(uplink, wanted);
  const attempt = attempts[wanted];
  if (isConnecting(service)) return fine(`ConnMan is connecting ${wanted}`);
  if (!isConnected(service))
    return attempt?.is === "refused"
      ? problem(`ConnMan does not connect ${wanted}: ${attempt.because}`, attempt.askedMs)
      : fine(`ConnMan is asked to connect ${wanted}`, attempt?.askedMs);
  if (view.carries === wanted) return fine(`the default route is with ${wanted}`);
  return fine(
    uplink.present
      ? `ConnMan will be asked to put ${wanted} first`
      : `ConnMan has connected ${wanted}, which has no address yet`,
  );
}

const stuckLine = (wanted: string, sinceMs: number): SteerLine =>
  problem(
    `ConnMan has ${wanted} first, but another program's default route comes before it: actuate = "self" in wwand.toml goes past both`,
    sinceMs,
  );

function noService(uplink: SteeredUplink | undefined, wanted: string): SteerLine {
  if (uplink?.kind === "wwan")
    return problem(
      `ConnMan has no service for ${wanted}: it needs an APN in [[sim]] of wwand.toml and "connmanctl enable cellular"`,
    );
  const on = uplink?.interfaceName ?? "its interface";
  return problem(`ConnMan has no service on ${on} (${wanted}): look at NetworkInterfaceBlacklist in its main.conf`);
}

/** Of an uplink that the policy wants connected while it waits. */
function standbyLine(view: SteerView, { connect }: SteerMemory, uplink: SteeredUplink): SteerLine | undefined {
  const { name, kind, standby } = uplink;
  if (name === view.wanted || kind !== "wwan" || standby !== "hot" || connect.exclusive) return undefined;
  const service = serviceOf(uplink, view.services ?? []);
  if (service === undefined) return { ...noService(uplink, name), isProblem: false };
  if (isConnected(service)) return fine(`ConnMan keeps ${name} connected`);
  const attempt = connect.attempts[name];
  return attempt?.is === "refused"
    ? problem(`ConnMan does not connect ${name}: ${attempt.because}`, attempt.askedMs)
    : fine(`ConnMan is asked to connect ${name}`, attempt?.askedMs);
}

function exclusiveLine(view: SteerView): SteerLine {
  const connected = connectedUplinks(view);
  const away = view.uplinks.find(({ name }) => !connected.includes(name));
  const tried =
    away === undefined ? "" : `; ${away.name} can be checked only by connecting it, and is tried now and then`;
  return problem(
    `ConnMan disconnects one uplink when it connects another: no standby${tried}. Remove SingleConnectedTechnology from its main.conf and restart ConnMan`,
  );
}
