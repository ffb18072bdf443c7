/** From `--modem` URLs and configured modems to the places where modems appear. */
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { simSettings } from "../config/sims.js";
import type { DaemonConfig, ModemConfig } from "../config/types.js";
import type { ModemPlace } from "../discovery/attached-modems.js";
import { openMbimDriver } from "../drivers/mbim.js";
import { createModem } from "../modem/modem.js";
import type { Driver } from "../modem/ports.js";
import type { CardIdentity, ModemOptions, ModemSetup } from "../modem/setup.js";
import type { OperatorGuesses } from "../provisioning/guess.js";
import type { OfonoFiles } from "../provisioning/ofono-files.js";
import { systemClock } from "../runtime/clock.js";
import { errnoOf, ModemError } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import { type ModemUrl, openModemUrl, parseModemUrl } from "../transport/modem-url.js";

export interface PlacesSetup {
  /** What is in force now: read again at every SIGHUP. */
  readonly config: () => DaemonConfig;
  /** Of the command line, before those of the configuration. */
  readonly urls: readonly string[];
  readonly logFrames: boolean;
  readonly log: Log;
  /** What every modem shares. */
  readonly shared: Pick<ModemSetup, "store" | "link" | "pins"> &
    Pick<ModemOptions, "ipOwner"> & { readonly guesses: OperatorGuesses; readonly ofono: OfonoFiles };
}

interface Wanted {
  /** As written. */
  readonly text: string;
  readonly url: ModemUrl;
  readonly modem: ModemConfig | undefined;
}

/** Every modem that is named by URL, each once. @throws ModemError `invalid`, `unsupported` for what cannot be served */
export function wantedModems(config: DaemonConfig, urls: readonly string[]): readonly Wanted[] {
  const configured = new Map(
    config.modems.flatMap((modem) => (modem.match.url === undefined ? [] : [[modem.match.url, modem] as const])),
  );
  return [...new Set([...urls, ...configured.keys()])].map((text) => {
    const url = parseModemUrl(text);
    if (url.protocol !== "mbim")
      throw new ModemError("unsupported", `${text}: only MBIM modems can be driven so far, ${url.protocol} cannot`);
    return { text, url, modem: configured.get(text) };
  });
}

/** The network interface of the same USB function as a control device: `wwan0` of `/dev/cdc-wdm0`. */
function interfaceOfDevice(path: string): string | undefined {
  try {
    return readdirSync(join("/sys/class/usbmisc", basename(path), "device/net"))[0];
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** The port opened through its URL; the interface is looked up afresh, for it may have another name after a replug. */
async function openDriver(url: ModemUrl, setup: PlacesSetup, signal: AbortSignal): Promise<Driver> {
  const interfaceName = url.net ?? interfaceOfDevice(url.path);
  if (interfaceName === undefined)
    throw new ModemError("invalid", `${url.path} has no network interface: name it with ?net=, e.g. ?net=wwan0`);
  const proxied = "proxy" in url && url.proxy !== undefined;
  return openMbimDriver(await openModemUrl(url, signal), {
    interfaceName,
    log: setup.log.child(basename(url.path)),
    clock: systemClock,
    signal,
    logFrames: setup.logFrames,
    ...(proxied ? { proxyPath: url.path } : {}),
  });
}

/** Cards are looked up at each use, so that a configuration that was read again holds for the next card or context. */
function optionsOf({ config, shared }: PlacesSetup): ModemOptions {
  const settings = (card: CardIdentity) => simSettings(config().sims, card);
  return {
    ipOwner: shared.ipOwner,
    pin: (card) => settings(card).pin,
    provision: (card) => {
      const { access, ip } = settings(card);
      if (access === undefined) return [];
      const { apn, user, password, auth } = access;
      return [{ apn, username: user, password, auth, protocol: ip }];
    },
    guessedProtocol: (card) => settings(card).ip,
    guess: (question, signal) => shared.guesses.guess(question, signal),
    imported: async ({ imsi }, signal) => (imsi === undefined ? undefined : shared.ofono.subscriber(imsi, signal)),
    roamingAllowed: (card) => settings(card).roaming,
  };
}

const standingReason = "connect = true in wwand.toml";

/**
 * The places that command line and configuration name. Each keeps its number, and so its modem's path on the bus, over
 * replugs and over every reading of the configuration.
 */
export class ModemPlaces {
  readonly #numbers = new Map<string, number>();

  constructor(private readonly setup: PlacesSetup) {}

  /** @throws ModemError `invalid`, `unsupported` for a URL that cannot be served */
  current(): readonly ModemPlace[] {
    const undiscovered = this.setup.config().modems.filter(({ match }) => match.url === undefined);
    for (const { match } of undiscovered)
      this.setup.log.warning("a [[modem]] without url is not served: modems are not discovered yet", {
        match: Object.keys(match).join(" "),
      });
    return wantedModems(this.setup.config(), this.setup.urls).map((wanted) => this.#place(wanted));
  }

  #place({ text, url, modem }: Wanted): ModemPlace {
    const number = this.#numbers.get(text) ?? this.#numbers.size;
    this.#numbers.set(text, number);
    const { setup } = this;
    const path = `/${url.protocol}_${number}`;
    const connect = modem?.connect ?? false;
    return {
      key: text,
      path: url.path,
      refresh: (live) => live.setStanding(standingReason, connect),
      make: () =>
        createModem({
          path,
          driverName: `${url.protocol} ${url.path}`,
          openDriver: (signal) => openDriver(url, setup, signal),
          options: { ...optionsOf(setup), standingReasons: connect ? [standingReason] : [] },
          store: setup.shared.store,
          link: setup.shared.link,
          ...(setup.shared.pins ? { pins: setup.shared.pins } : {}),
          clock: systemClock,
          log: setup.log.child(path.slice(1)),
        }),
    };
  }
}
