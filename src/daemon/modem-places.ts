/** From `--modem` URLs, configured modems and found devices to the places where modems appear. */
import type { ModemConfig } from "../config/types.js";
import type { ModemPlace } from "../discovery/attached-modems.js";
import type { FoundDevice } from "../discovery/discovery.js";
import type { ModemBook } from "../discovery/modem-book.js";
import type { PortRole } from "../discovery/port-roles.js";
import { idsOf, portPath } from "../discovery/snapshot.js";
import { ModemError } from "../runtime/error.js";
import type { ModemUrl } from "../transport/modem-url.js";
import { type PathListener, type PathWatch, watchPath } from "../transport/watch-path.js";
import { type BuildSetup, buildModem, type Origin } from "./build-modem.js";
import { configOf } from "./modem-config.js";
import { sameNode, type Wanted, wantedModems } from "./named-modems.js";
import type { PathsBeside } from "./ports-beside.js";
import { urlOfPort } from "./protocols.js";
import type { StandingWishes } from "./standing-wishes.js";

export interface PlacesSetup extends BuildSetup {
  /** Hears of every modem that is made, and of each reading of the configuration, what that says of `connect`. */
  readonly wishes: Pick<StandingWishes, "configure">;
  /** Of the command line, before those of the configuration. */
  readonly urls: readonly string[];
  /** The numbers of found modems. */
  readonly book: ModemBook;
}

const noPaths: PathsBeside = { dataPath: undefined, secondPath: undefined };

/** A found device that a driver here can drive. */
interface Drivable {
  readonly device: FoundDevice;
  readonly url: ModemUrl;
  readonly paths: PathsBeside;
}

/**
 * What is not needed for commands may carry PPP: the port that is there for it, else one that answers commands as well.
 * Short questions go the other way round.
 */
function pathsBeside({ report: { verdict, ports } }: FoundDevice): PathsBeside {
  if (verdict.is !== "modem" || verdict.protocol !== "at") return noPaths;
  const serial = ports.filter(({ port }) => port.kind === "tty" && port.name !== verdict.control.name);
  const pathOf = (wanted: PortRole): string | undefined => {
    const found = serial.find(({ role }) => role === wanted);
    return found && portPath(found.port);
  };
  const [data, secondary] = [pathOf("data"), pathOf("secondary")];
  return { dataPath: data ?? secondary, secondPath: secondary ?? data };
}

function drivable(device: FoundDevice): Drivable | undefined {
  const { certainty, report } = device;
  const { verdict } = report;
  if (certainty !== "known" || verdict.is !== "modem") return undefined;
  const path = portPath(verdict.control);
  const url = urlOfPort({ path, protocol: verdict.protocol, net: verdict.net?.name });
  return { device, url, paths: pathsBeside(device) };
}

/** Found: plugged in as long as it is a place. */
function watchNothing(listener: PathListener): PathWatch {
  const later = setImmediate(() => listener.appeared());
  return { close: () => clearImmediate(later) };
}

/**
 * The places of modems: those that command line and configuration name, and those that were found. Each keeps its number,
 * and so its modem's path on the bus, over replugs and over every reading of the configuration; a found modem's number is
 * remembered, and follows its IMEI.
 */
export class ModemPlaces {
  readonly #numbers = new Map<string, number>();
  /** What open modems said, by plugging-in: better than what was asked before, for that may have failed. */
  readonly #learned = new Map<string, string>();
  #found: readonly Drivable[] = [];
  readonly #paths = new Map<string, string>();

  constructor(private readonly setup: PlacesSetup) {}

  /** @throws ModemError `invalid` for what is no URL of a modem */
  current(devices: readonly FoundDevice[]): readonly ModemPlace[] {
    // What is named by URL since the last look is not a found modem's any more.
    this.#found = devices.flatMap((device) => drivable(device) ?? []).filter(({ url }) => !this.isNamed(url.path));
    const named = wantedModems(this.setup.config(), this.setup.urls).map((wanted) => this.#named(wanted));
    const taken = new Set(this.#numbers.values());
    this.#paths.clear();
    const present = new Set(devices.map(({ plugging }) => plugging));
    for (const plugging of this.#learned.keys()) if (!present.has(plugging)) this.#learned.delete(plugging);
    // Who says who it is comes first: a place's last modem must not take another one's number.
    const isUnknown = ({ device }: Drivable) => (this.imeiOf(device) === undefined ? 1 : 0);
    const ordered = [...this.#found].sort((a, b) => isUnknown(a) - isUnknown(b));
    const found = ordered.map((one) => this.#foundPlace(one, taken));
    return [...named, ...found];
  }

  #numberOf(found: FoundDevice, taken: Set<number>): number {
    const { device } = found.report;
    const [place, ids] = [`${device.bus} ${device.address}`, idsOf(device)];
    const number = this.setup.book.numberOf({ imei: this.imeiOf(found), place, ids }, taken);
    taken.add(number);
    return number;
  }

  /** What its modem says itself, or what was asked before. */
  imeiOf({ plugging, answered }: FoundDevice): string | undefined {
    return this.#learned.get(plugging) ?? answered?.imei;
  }

  #configOf(found: FoundDevice): ModemConfig | undefined {
    const { device } = found.report;
    const usbPath = device.bus === "usb" ? device.address : undefined;
    return configOf(this.setup.config().modems, { imei: this.imeiOf(found), usbPath, ids: idsOf(device) });
  }

  #namedBy(url: string): ModemConfig | undefined {
    return this.setup.config().modems.find(({ match }) => match.url === url);
  }

  /** The IMEI that an open modem says itself. True: that is news, and it may have another number by it. */
  learn(path: string, imei: string): boolean {
    const [plugging] = [...this.#paths].find(([, known]) => known === path) ?? [];
    if (plugging === undefined || this.#learned.get(plugging) === imei) return false;
    this.#learned.set(plugging, imei);
    return true;
  }

  /** The object path of the modem that was made of a plugging-in; undefined where none is. */
  pathOf(plugging: string): string | undefined {
    return this.#paths.get(plugging);
  }

  /** `mbim_0`; undefined for what is no modem, or not known to be one yet. */
  nameOf(plugging: string): string | undefined {
    return this.#paths.get(plugging)?.slice(1);
  }

  /** Whether a URL names this device node: then it is not a found modem's. */
  isNamed(path: string): boolean {
    return wantedModems(this.setup.config(), this.setup.urls).some(({ url }) => sameNode(url.path, path));
  }

  #named({ text, url, modem }: Wanted): ModemPlace {
    const number = this.#numbers.get(text) ?? this.#freeNumber();
    this.#numbers.set(text, number);
    return {
      key: text,
      plugging: "",
      watch: (listener) => watchPath(url.path, listener),
      ending: new ModemError("aborted", "not configured any more"),
      ...this.#place(modem?.connect, {
        path: `/${url.protocol}_${number}`,
        url: () => url,
        paths: () => ({ ...noPaths, ...("data" in url ? { dataPath: url.data } : {}) }),
        multiplex: () => this.#namedBy(text)?.multiplex,
        requestGapMs: () => this.#namedBy(text)?.requestGapMs,
        ipMethod: () => this.#namedBy(text)?.ipMethod,
        driverName: `${url.protocol} ${url.path}`,
        systemPath: undefined,
      }),
    };
  }

  #foundPlace(found: Drivable, taken: Set<number>): ModemPlace {
    const { url } = found;
    const { plugging, report } = found.device;
    const { device } = report;
    const path = `/${url.protocol}_${this.#numberOf(found.device, taken)}`;
    this.#paths.set(plugging, path);
    const config = this.#configOf(found.device);
    const current = () => this.#found.find((one) => one.device.plugging === plugging) ?? found;
    return {
      key: path,
      plugging,
      watch: watchNothing,
      ending: new ModemError("unplugged", `${device.bus} ${device.address} is gone`),
      ...this.#place(config?.connect, {
        path,
        url: () => current().url,
        paths: () => current().paths,
        multiplex: () => this.#configOf(found.device)?.multiplex,
        requestGapMs: () => this.#configOf(found.device)?.requestGapMs,
        ipMethod: () => this.#configOf(found.device)?.ipMethod,
        driverName: `${url.protocol} ${url.path}`,
        systemPath: `/sys${device.path}`,
      }),
    };
  }

  /** Lowest first, and never one that a found modem has for good. */
  #freeNumber(): number {
    const used = new Set([...this.#numbers.values(), ...this.setup.book.numbers]);
    let number = 0;
    while (used.has(number)) number += 1;
    return number;
  }

  #place(connect: boolean | undefined, origin: Origin): Pick<ModemPlace, "path" | "refresh" | "make"> {
    const { wishes } = this.setup;
    return {
      path: origin.url().path,
      refresh: (live) => wishes.configure(live, connect),
      make: () => {
        const live = buildModem(origin, this.setup);
        wishes.configure(live, connect);
        return live;
      },
    };
  }
}
