/** A modem that answers as the one of a trace did, plugged into a socket or pty. */
import { readFile } from "node:fs/promises";
import { systemClock } from "../../runtime/clock.js";
import type { Log } from "../../runtime/log.js";
import { Scope } from "../../runtime/scope.js";
import { readBundle } from "../../trace/bundle.js";
import { identitiesIn } from "../../trace/mask.js";
import { openTunDevice } from "../data/tun.js";
import { openPort, type Port } from "../port/port.js";
import type { PortPlace } from "../types.js";
import { openReplay } from "./face.js";
import { recordedPort } from "./recorded.js";

export interface ReplaySetup {
  /** The exported trace. */
  readonly file: string;
  /** Which modem of it; absent: the only one. */
  readonly modem: string | undefined;
  /** How often as fast as the modem was. */
  readonly speed: number;
  readonly place: PortPlace;
  /** A network interface for the host to configure; nothing answers behind it. */
  readonly net: string | undefined;
  readonly log: Log;
}

export interface Replay {
  /** For people: `mbim modem mbim_0 iccid=...`. */
  readonly what: string;
  close(): Promise<void>;
}

/** @throws ModemError `invalid` for a file that is no whole trace; Error when it has no such modem or the place is taken */
export async function startReplay({ file, modem, speed, place, net, log }: ReplaySetup): Promise<Replay> {
  const { entries } = await readBundle(await readFile(file));
  const recorded = recordedPort(entries, modem);
  const scope = new Scope();
  try {
    if (net !== undefined)
      scope.own(openTunDevice(net, undefined, { packets: () => undefined, gone: () => undefined }), (it) => it.close());
    let port: Port | undefined;
    const line = { send: (bytes: Buffer) => port?.send(bytes), flush: () => port?.flush() };
    const face = scope.own(openReplay(line, { recorded, speed, clock: systemClock, log }), (it) => it.close());
    port = await openPort(place, { data: (bytes) => face.feed(bytes), hostLeft: () => face.hostLeft() });
    scope.own(port, (it) => it.close());
  } catch (error) {
    await scope.close();
    throw error;
  }
  // Whoever wants to give the card a PIN or an APN needs to know it by the name that it has in the trace.
  const cards = identitiesIn(entries).filter((one) => one.length >= 18);
  const what = [`${recorded.protocol} modem ${recorded.modem}`, ...cards.map((iccid) => `iccid=${iccid}`)].join(" ");
  return { what, close: () => scope.close() };
}
