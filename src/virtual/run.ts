/** `run`: one modem on a socket or pty, or any number on a USB bus, until a signal ends them. */
import { errorText } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import { Scope } from "../runtime/scope.js";
import { startVirtualModem } from "./modem.js";
import { placeText } from "./port/port.js";
import { profileNamed } from "./profiles/all.js";
import { maxAtOnce, nthModem } from "./profiles/nth.js";
import { startReplay } from "./replay/start.js";
import type { PortPlace, UsbPlace, VirtualModemOptions } from "./types.js";
import type { UsbBus } from "./usb/bus.js";
import { openUsbipServer } from "./usb/usbip/server.js";
import { openVhci } from "./usb/usbip/vhci.js";

export interface RunOptions {
  readonly unix?: string;
  readonly pty?: string;
  readonly tcp?: number;
  readonly usbip?: boolean;
  readonly attach?: boolean;
  readonly listen: { readonly host: string; readonly tcpPort: number };
  readonly net?: string;
  readonly carrierNetns?: string;
  readonly control?: string;
  readonly set: Readonly<Record<string, string>>;
  /** An exported trace, in place of profiles. */
  readonly replay?: string;
  readonly modem?: string;
  readonly speed: number;
}

export interface RunOutput {
  readonly out: (text: string) => void;
  /** Complaints. */
  readonly say: (text: string) => void;
  readonly log: Log;
}

export type RunOutcome = "done" | "failed" | "usage";

/** What is wrong with the command line, or undefined. */
function complaint(profiles: readonly string[], options: RunOptions): string | undefined {
  const { unix, pty, tcp, usbip, attach, net, replay } = options;
  if (replay !== undefined && profiles.length > 0)
    return "a trace is played in place of a profile: leave one of them out";
  if (replay === undefined && profiles.length === 0)
    return "which modem? Name a profile (see profiles), or give --replay";
  if (usbip === undefined && attach !== undefined) return "--attach belongs to --usbip";
  if (unix === undefined && pty === undefined && tcp === undefined && usbip === undefined)
    return "where is the control port to be? Give --unix PATH, --pty LINK or --tcp PORT, or --usbip for a USB device";
  if (usbip !== undefined && net !== undefined)
    return "with --usbip the host's kernel makes the interface: leave --net out";
  if (usbip === undefined && profiles.length > 1) return "several modems at once need --usbip";
  return profiles.length > maxAtOnce ? `not more than ${maxAtOnce} modems at once` : undefined;
}

/** The second and later modems have sockets of their own: `PATH-2`, `PATH-3`. */
const controlPathOf = (path: string, index: number): string => (index === 0 ? path : `${path}-${index + 1}`);

const shownPlace = (place: PortPlace | UsbPlace): string =>
  place.kind === "usb" ? `usb=${place.port.name}` : placeText(place).replace(":", "=");

/** Resolves when `ended` does and everything is gone, or when it could not begin. */
export async function run(
  profiles: readonly string[],
  options: RunOptions,
  output: RunOutput,
  ended: Promise<void>,
): Promise<RunOutcome> {
  const wrong = complaint(profiles, options);
  if (wrong !== undefined) {
    output.say(wrong);
    return "usage";
  }
  const scope = new Scope();
  try {
    const lines = await start(profiles, options, output.log, scope);
    output.out(lines.map((line) => `${line}\n`).join(""));
    await ended;
    return "done";
  } catch (error) {
    output.say(errorText(error));
    return "failed";
  } finally {
    await scope.close();
  }
}

/** One line for each modem that is ready. */
async function start(
  profiles: readonly string[],
  options: RunOptions,
  log: Log,
  scope: Scope,
): Promise<readonly string[]> {
  if (options.replay !== undefined) return [await startPlayed(options.replay, options, log, scope)];
  const bus = options.usbip ? scope.own(await openBus(options, log), (it) => it.close()) : undefined;
  const lines: string[] = [];
  for (const [index, name] of profiles.entries()) {
    const started = modemOptions(name, index, options, placeOf(options, bus), log);
    scope.own(await startVirtualModem(started), (modem) => modem.close());
    const { port, net, controlPath } = started;
    lines.push(
      `ready ${name} ${shownPlace(port)}${net ? ` net=${net}` : ""}${controlPath ? ` control=${controlPath}` : ""}`,
    );
  }
  return lines;
}

async function startPlayed(file: string, options: RunOptions, log: Log, scope: Scope): Promise<string> {
  const { net, modem, speed } = options;
  const place = portPlace(options);
  const played = await startReplay({ file, modem, speed, place, net, log });
  scope.own(played, (it) => it.close());
  return `ready replay of ${played.what} ${shownPlace(place)}${net === undefined ? "" : ` net=${net}`}`;
}

const openBus = ({ attach, listen }: RunOptions, log: Log): Promise<UsbBus> =>
  attach ? openVhci(log) : openUsbipServer({ ...listen, log });

const placeOf = (options: RunOptions, bus: UsbBus | undefined): PortPlace | UsbPlace =>
  bus === undefined ? portPlace(options) : { kind: "usb", port: bus.openPort() };

function portPlace({ unix, pty, tcp }: RunOptions): PortPlace {
  if (unix !== undefined) return { kind: "unix", path: unix };
  return tcp === undefined ? { kind: "pty", link: pty ?? "" } : { kind: "tcp", tcpPort: tcp };
}

function modemOptions(
  name: string,
  index: number,
  { net, carrierNetns, control, set }: RunOptions,
  port: PortPlace | UsbPlace,
  log: Log,
): VirtualModemOptions {
  return {
    profile: nthModem(profileNamed(name), index),
    port,
    settings: set,
    log,
    ...(net === undefined ? {} : { net }),
    ...(carrierNetns === undefined ? {} : { carrierNetns }),
    ...(control === undefined ? {} : { controlPath: controlPathOf(control, index) }),
  };
}
