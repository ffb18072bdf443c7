/** What only opening would tell of a modem's ports, found out without opening them: permission, and who has them open. */
import { access, constants } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf } from "../runtime/error.js";
import { type PortHolder, portHolders } from "../transport/holder.js";
import { pluggingOf } from "./follow.js";
import type { DeviceSnapshot, PortSnapshot, Snapshot } from "./snapshot.js";
import { type DeviceRow, verdictOf } from "./verdict.js";

type Facts = Pick<PortSnapshot, "access" | "holder">;

/** Only of ports that wwand would open; of all others it is nobody's business. */
const portsToOpen = (device: DeviceSnapshot, rows: readonly DeviceRow[]): readonly PortSnapshot[] => {
  const verdict = verdictOf(device, rows);
  return verdict.is === "modem" ? [verdict.control, ...verdict.at] : [];
};

interface Wanted {
  readonly key: string;
  readonly port: PortSnapshot;
}

export class PortFacts {
  /** By plugging-in and port. Looking through every process's descriptors is too much work for each event. */
  readonly #known = new Map<string, Facts>();

  /** @param dev `/dev` */
  constructor(private readonly dev: string) {}

  async added(snapshot: Snapshot, rows: readonly DeviceRow[]): Promise<Snapshot> {
    const wanted = snapshot.devices.flatMap((device) =>
      portsToOpen(device, rows).map((port): Wanted => ({ key: keyOf(device, port), port })),
    );
    const facts = await this.#facts(wanted);
    return { ...snapshot, devices: snapshot.devices.map((device) => withFacts(device, facts)) };
  }

  async #facts(wanted: readonly Wanted[]): Promise<ReadonlyMap<string, Facts>> {
    // What was wrong is looked at again: a node appears late, a holder goes.
    const unknown = wanted.filter(({ key }) => {
      const known = this.#known.get(key);
      return known?.access !== "ok" || known.holder !== undefined;
    });
    const pathOf = ({ port }: Wanted) => join(this.dev, port.name);
    const asked = await Promise.all(unknown.map(async (one) => ({ one, access: await accessTo(pathOf(one)) })));
    const openable = asked.filter(({ access }) => access === "ok").map(({ one }) => pathOf(one));
    // The port may vanish while we look.
    const holders = await portHolders(openable).catch(() => new Map<string, PortHolder>());
    for (const { one, access } of asked) {
      const holder = holders.get(pathOf(one));
      this.#known.set(one.key, { access, ...(holder ? { holder: `${holder.name} (pid ${holder.pid})` } : {}) });
    }
    return new Map(wanted.map(({ key }) => [key, this.#known.get(key) ?? {}]));
  }
}

const keyOf = (device: DeviceSnapshot, { name }: PortSnapshot): string => `${pluggingOf(device)} ${name}`;

function withFacts(device: DeviceSnapshot, facts: ReadonlyMap<string, Facts>): DeviceSnapshot {
  const interfaces = device.interfaces.map((one) => ({
    ...one,
    ports: one.ports.map((port) => ({ ...port, ...facts.get(keyOf(device, port)) })),
  }));
  return { ...device, interfaces };
}

async function accessTo(path: string): Promise<NonNullable<PortSnapshot["access"]>> {
  try {
    await access(path, constants.R_OK | constants.W_OK);
    return "ok";
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return errno === "EACCES" || errno === "EPERM" ? "denied" : "no node";
  }
}
