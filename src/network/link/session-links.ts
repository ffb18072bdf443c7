/**
 * Interfaces for the IP sessions of one MBIM device. cdc_mbim carries session n as VLAN n of its network interface.
 * @see Documentation/networking/cdc_mbim.rst
 */
import { ModemError } from "../../runtime/error.js";
import type { Kernel, LinkState } from "../kernel.js";

export interface SessionLink {
  readonly interfaceName: string;
  /** Removes it. Idempotent; an interface that is gone is fine. */
  close(): Promise<void>;
}

/** Of wwand's making: what a killed run left behind is known by it. */
const aliasOf = (sessionId: number): string => `wwand: MBIM session ${sessionId}`;
/** IFNAMSIZ without the terminating zero. */
const maxNameChars = 15;

/** `wwan0.1`; by number where the name of the device's interface leaves no room, as `wwx0250f3000000` does. */
function nameOf(lower: LinkState, sessionId: number): string {
  const name = `${lower.name}.${sessionId}`;
  return name.length <= maxNameChars ? name : `ww${lower.ifindex}.${sessionId}`;
}

export class SessionLinks {
  constructor(
    private readonly kernel: Kernel,
    /** Of session 0. */
    private readonly interfaceName: string,
  ) {}

  /**
   * Makes the interface of a session, which stays down. One that a killed run left is made anew; one that another program
   * made is used and stays.
   * @throws ModemError `unplugged`; with errno as cause where the kernel refuses
   */
  async open(sessionId: number, signal?: AbortSignal): Promise<SessionLink> {
    const lower = await this.kernel.link(this.interfaceName, signal);
    if (lower === undefined) throw new ModemError("unplugged", `there is no interface ${this.interfaceName}`);
    const name = nameOf(lower, sessionId);
    const present = await this.kernel.link(name, signal);
    const link: SessionLink = { interfaceName: name, close: () => this.#remove(name, sessionId) };
    if (present !== undefined && present.alias !== aliasOf(sessionId)) return link;
    if (present !== undefined) await this.kernel.removeLink(present.ifindex, signal);
    await this.kernel.addVlan({ name, lower: lower.ifindex, id: sessionId }, signal);
    const made = await this.kernel.link(name, signal);
    // The kernel takes no alias with the creation.
    if (made !== undefined) await this.kernel.setLink(made.ifindex, { alias: aliasOf(sessionId) }, signal);
    return link;
  }

  /** Not the one that another program made. */
  async #remove(name: string, sessionId: number): Promise<void> {
    const link = await this.kernel.link(name);
    if (link?.alias === aliasOf(sessionId)) await this.kernel.removeLink(link.ifindex);
  }
}
