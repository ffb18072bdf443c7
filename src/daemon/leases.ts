/** Addresses by DHCP for bearers and uplinks: the interface goes up, udhcpc asks, nobody else configures it meanwhile. */
import { DhcpLease } from "../dhcp/lease.js";
import type { LeasePort } from "../modem/link-port.js";
import type { Kernel } from "../network/kernel.js";
import { raiseBare } from "../network/link/configured-link.js";
import type { Clock } from "../runtime/clock.js";
import { errorText, ModemError } from "../runtime/error.js";
import type { Log } from "../runtime/log.js";

/** Nothing else of it is changed. An interface that is gone is fine. */
export async function raised(kernel: Kernel, interfaceName: string): Promise<void> {
  const link = await kernel.link(interfaceName);
  if (link?.up === false) await kernel.setLink(link.ifindex, { up: true });
}

export class Leases implements LeasePort {
  constructor(
    private readonly kernel: Kernel,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** What does not get an address goes down again. @throws ModemError as `DhcpLease.start`; `unplugged` without interface */
  async obtain(interfaceName: string, signal: AbortSignal): Promise<DhcpLease> {
    const { kernel, clock, log } = this;
    const link = await kernel.link(interfaceName, signal);
    if (link === undefined) throw new ModemError("unplugged", `there is no interface ${interfaceName}`);
    await raiseBare(kernel, link, signal);
    try {
      return await DhcpLease.start(interfaceName, { clock, log }, signal);
    } catch (error) {
      if (!link.up) await this.#lower(link.ifindex);
      throw error;
    }
  }

  /** On an interface that somebody else looks after. @throws ModemError as `DhcpLease.start` */
  ask(interfaceName: string, signal: AbortSignal): Promise<DhcpLease> {
    return DhcpLease.start(interfaceName, { clock: this.clock, log: this.log }, signal);
  }

  async #lower(ifindex: number): Promise<void> {
    await this.kernel
      .setLink(ifindex, { up: false })
      .catch((error: unknown) => this.log.debug("interface not lowered", { ifindex, cause: errorText(error) }));
  }
}
