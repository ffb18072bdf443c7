/** Discovery over the real machine: /sys, /lib/modules, /dev and the kernel's uevents; and its findings in the log. */
import { release } from "node:os";
import type { DaemonConfig } from "../config/types.js";
import { atCandidates } from "../discovery/ask.js";
import { Discovery, type FoundDevice } from "../discovery/discovery.js";
import { deviceText } from "../discovery/explain.js";
import { ModuleFolder } from "../discovery/module-folder.js";
import { PortFacts } from "../discovery/port-facts.js";
import type { PortProber } from "../discovery/probe.js";
import { portPath, type Snapshot } from "../discovery/snapshot.js";
import { readSysfs } from "../discovery/sysfs.js";
import { listenUevents, type Uevent } from "../discovery/uevents.js";
import type { Verdict } from "../discovery/verdict.js";
import { systemClock } from "../runtime/clock.js";
import { errorText } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import { drivenProtocols } from "./protocols.js";

export interface DevicesSetup {
  readonly config: () => DaemonConfig;
  /** Whether a URL names this device node: then it is not a found modem's. */
  readonly isNamed: (path: string) => boolean;
  readonly prober: PortProber;
  readonly log: Log;
}

/** What a modem consists of, and the modules that make its parts. */
const subsystems: ReadonlySet<string> = new Set([
  "usb",
  "usbmisc",
  "usb-serial",
  "tty",
  "net",
  "wwan",
  "pci",
  "module",
  "drivers",
]);

/** Interfaces without a device (veth, bridges) come and go by the dozen where containers run, and belong to no modem. */
const concernsModems = ({ subsystem, path }: Uevent): boolean =>
  subsystems.has(subsystem) && !path.startsWith("/devices/virtual/");

/** Looks at nothing before `look` is called for the first time. */
export function openDiscovery({ config, isNamed, prober, log }: DevicesSetup): Discovery {
  const modules = new ModuleFolder({ sys: "/sys", modules: "/lib/modules", release: release() });
  const facts = new PortFacts("/dev");
  const look = async (): Promise<Snapshot> => {
    if (!config().discovery) return { kernel: await modules.kernel(), devices: [] };
    return facts.added(await readSysfs("/sys", modules), config().devices);
  };
  // Whichever AT port of a serial modem is named, the others are not driven beside it.
  const isTaken = (verdict: Verdict) =>
    verdict.is === "modem" &&
    (verdict.protocol === "at" ? atCandidates(verdict) : [verdict.control]).some((port) => isNamed(portPath(port)));
  const listen = (changed: () => void) => listenOrSay(changed, log);
  const rows = () => config().devices;
  return new Discovery({ look, listen, rows, isTaken, prober, driven: drivenProtocols, clock: systemClock, log });
}

function listenOrSay(changed: () => void, log: Log): () => void {
  try {
    const uevents = listenUevents({
      event: (event) => {
        if (concernsModems(event)) changed();
      },
      lost: (cause) => {
        log.debug(`uevents were lost: ${cause?.message ?? "the socket ended"}`);
        changed();
      },
    });
    return () => uevents.close();
  } catch (error) {
    log.error(`no hotplug: the kernel's uevents cannot be heard: ${errorText(error)}`);
    return () => undefined;
  }
}

/**
 * One line for each device when it is known and nothing is to come any more, again when the line would be another one, and
 * one when it goes.
 */
export class DeviceJournal {
  readonly #told = new Map<string, { readonly line: string; readonly name: string }>();

  constructor(private readonly log: Log) {}

  tell(devices: readonly FoundDevice[]): void {
    const present = new Set(devices.map(({ plugging }) => plugging));
    for (const [plugging, { name }] of this.#told) {
      if (present.has(plugging)) continue;
      this.#told.delete(plugging);
      this.log.info("gone", { device: name });
    }
    for (const device of devices) if (device.certainty === "known" && device.isComplete) this.#tellOne(device);
  }

  #tellOne({ plugging, report }: FoundDevice): void {
    const { summary, findings, device } = report;
    if (this.#told.get(plugging)?.line === summary) return;
    this.#told.set(plugging, { line: summary, name: deviceText(device) });
    const blocking = findings.find(({ severity }) => severity === "blocks");
    const remedy = blocking?.remedy === "" ? undefined : blocking?.remedy;
    if (blocking === undefined) this.log.info(summary);
    else this.log.notice(summary, { remedy });
  }
}
