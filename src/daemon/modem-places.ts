/** From `--modem` URLs and configured modems to the places where modems appear. */
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { DaemonConfig, ModemConfig, SimConfig } from "../config/types.js";
import type { ModemPlace } from "../discovery/attached-modems.js";
import { openMbimDriver } from "../drivers/mbim.js";
import { createModem } from "../modem/modem.js";
import type { Driver } from "../modem/ports.js";
import type { CardIdentity, ModemOptions, ModemSetup } from "../modem/setup.js";
import { type Clock, systemClock } from "../runtime/clock.js";
import { errnoOf, ModemError } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";
import { type ModemUrl, openModemUrl, parseModemUrl } from "../transport/modem-url.js";

export interface PlacesSetup {
  readonly config: DaemonConfig;
  /** Of the command line, before those of the configuration. */
  readonly urls: readonly string[];
  readonly logFrames: boolean;
  readonly log: Log;
  readonly clock?: Clock;
  /** What every modem shares. */
  readonly shared: Pick<ModemSetup, "store" | "link" | "pins"> & Pick<ModemOptions, "ipOwner">;
}

interface Wanted {
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
    return { url, modem: configured.get(text) };
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
    clock: setup.clock ?? systemClock,
    signal,
    logFrames: setup.logFrames,
    ...(proxied ? { proxyPath: url.path } : {}),
  });
}

const simOf = (sims: readonly SimConfig[], card: CardIdentity): SimConfig | undefined =>
  sims.find(({ match }) => ("iccid" in match ? match.iccid === card.iccid : match.imsi === card.imsi));

function optionsOf(modem: ModemConfig | undefined, { config, shared }: PlacesSetup): ModemOptions {
  return {
    ipOwner: shared.ipOwner,
    pin: (card) => simOf(config.sims, card)?.pin,
    provision: (card) => {
      const sim = simOf(config.sims, card);
      if (sim?.apn === undefined) return [];
      const { apn, user, password, auth, ip } = sim;
      return [{ apn, username: user, password, auth, protocol: ip }];
    },
    roamingAllowed: (card) => simOf(config.sims, card)?.roaming ?? false,
    standingReasons: modem?.connect ? ["connect = true in wwand.toml"] : [],
  };
}

/** One place per modem. The number in the object path is the place's, so it survives a replug. */
export function modemPlaces(setup: PlacesSetup): readonly ModemPlace[] {
  const clock = setup.clock ?? systemClock;
  return wantedModems(setup.config, setup.urls).map(({ url, modem }, number) => {
    const path = `/${url.protocol}_${number}`;
    return {
      path: url.path,
      make: () =>
        createModem({
          path,
          driverName: `${url.protocol} ${url.path}`,
          openDriver: (signal) => openDriver(url, setup, signal),
          options: optionsOf(modem, setup),
          store: setup.shared.store,
          link: setup.shared.link,
          ...(setup.shared.pins ? { pins: setup.shared.pins } : {}),
          clock,
          log: setup.log.child(path.slice(1)),
        }),
    };
  });
}
