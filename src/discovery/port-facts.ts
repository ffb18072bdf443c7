/** What only opening would tell of a modem's ports, found out without opening them: permission, and who has them open. */
import { access, constants } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf } from "../runtime/error.js";
import { portHolder } from "../transport/holder.js";
import { pluggingOf } from "./follow.js";
import type { DeviceSnapshot, PortSnapshot, Snapshot } from "./snapshot.js";
import { type DeviceRow, verdictOf } from "./verdict.js";

type Facts = Pick<PortSnapshot, "access" | "holder">;

/** Only of ports that wwand would open; of all others it is nobody's business. */
const portsToOpen = (device: DeviceSnapshot, rows: readonly DeviceRow[]): readonly PortSnapshot[] => {
  const verdict = verdictOf(device, rows);
  return verdict.is === "modem" ? [verdict.control, ...verdict.at] : [];
};

export class PortFacts {
  /** By plugging-in and port. Looking through every process's descriptors is too much work for each event. */
  readonly #known = new Map<string, Facts>();

  /** @param dev `/dev` */
  constructor(private readonly dev: string) {}

  async added(snapshot: Snapshot, rows: readonly DeviceRow[]): Promise<Snapshot> {
    return { ...snapshot, devices: await Promise.all(snapshot.devices.map((device) => this.#device(device, rows))) };
  }

  async #device(device: DeviceSnapshot, rows: readonly DeviceRow[]): Promise<DeviceSnapshot> {
    const wanted = new Set(portsToOpen(device, rows).map(({ name }) => name));
    if (wanted.size === 0) return device;
    const withFacts = async (port: PortSnapshot): Promise<PortSnapshot> =>
      wanted.has(port.name) ? { ...port, ...(await this.#facts(`${pluggingOf(device)} ${port.name}`, port)) } : port;
    const interfaces = device.interfaces.map(async (one) => ({
      ...one,
      ports: await Promise.all(one.ports.map(withFacts)),
    }));
    return { ...device, interfaces: await Promise.all(interfaces) };
  }

  async #facts(key: string, { name }: PortSnapshot): Promise<Facts> {
    const known = this.#known.get(key);
    // What was wrong is looked at again: a node appears late, a holder goes.
    if (known?.access === "ok" && known.holder === undefined) return known;
    const facts = await portFacts(join(this.dev, name));
    this.#known.set(key, facts);
    return facts;
  }
}

async function portFacts(path: string): Promise<Facts> {
  try {
    await access(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return { access: errno === "EACCES" || errno === "EPERM" ? "denied" : "no node" };
  }
  // The port may vanish while we look.
  const holder = await portHolder(path).catch(() => undefined);
  return { access: "ok", ...(holder ? { holder: `${holder.name} (pid ${holder.pid})` } : {}) };
}
