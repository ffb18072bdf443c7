import { ModemError } from "../../runtime/error.js";
import { type AddressEntry, type Kernel, type LinkState, WWAND_PROTOCOL } from "../kernel.js";
import { reconcile } from "../reconcile.js";
import type { IpSettings } from "../types.js";
import { type Advertisements, type DesiredLink, desiredLink, type IpOwner, type Sysctl } from "./desired.js";
import type { SysctlFiles } from "./sysctl.js";
import type { AppliedLink, LinkFailure } from "./types.js";

/** A changed value of `/proc/sys` and what was there before. */
interface ChangedSysctl {
  readonly sysctl: Sysctl;
  readonly before: number;
}

/** Where an interface is. */
export interface LinkPlace {
  readonly ifindex: number;
  /** The interface that a session's interface is on, and shares its ups and downs with. */
  readonly lower: number | undefined;
}

export const placeOf = ({ ifindex, iflink, kind }: LinkState): LinkPlace => ({
  ifindex,
  lower: kind === "vlan" ? iflink : undefined,
});

/** Up, and saying nothing by itself: it has no bearer. */
export async function raiseBare(kernel: Kernel, link: LinkState, signal?: AbortSignal): Promise<void> {
  if (link.addrGenMode !== undefined) await kernel.setLink(link.ifindex, { addrGenMode: "none" }, signal);
  await kernel.setLink(link.ifindex, { up: true }, signal);
}

/** One interface that wwand configures. Its owner serialises the calls. */
export class ConfiguredLink {
  readonly #put = new Set<string>();
  readonly #changed = new Map<string, ChangedSysctl>();
  /** Addresses and routes that the kernel made of another bearer's advertisements are still there. */
  #isStale = false;
  #advertisements: Advertisements = "held";

  constructor(
    private readonly kernel: Kernel,
    private readonly sysctls: SysctlFiles,
    readonly interfaceName: string,
    private readonly place: LinkPlace,
    private settings: IpSettings,
    private owner: IpOwner,
  ) {}

  get ifindex(): number {
    return this.place.ifindex;
  }

  get lower(): number | undefined {
    return this.place.lower;
  }

  want(settings: IpSettings, owner: IpOwner): void {
    this.#isStale ||= owner === "client" && this.settings.ipv6?.address !== settings.ipv6?.address;
    this.settings = settings;
    this.owner = owner;
    this.#advertisements = "held";
  }

  /** Its IPv6 waits for the client. */
  get isHeld(): boolean {
    return this.owner === "client" && this.settings.ipv6 !== undefined && this.#advertisements === "held";
  }

  /** The client is ready: advertisements count from now on, and the kernel asks for one. */
  async hearRouters(): Promise<void> {
    this.#advertisements = "heard";
    const failures: LinkFailure[] = [];
    this.#writeSysctls((await this.#desired(await this.#link())).sysctls, failures);
    // The kernel asks when a link-local address becomes usable, and again while nobody answers.
    for (const address of (await this.kernel.addresses(this.ifindex)).filter(isLinkLocal)) {
      await this.kernel.removeAddress(address);
      await this.kernel.putAddress({ ...address, noDad: true });
    }
    if (failures.length > 0)
      throw new AggregateError(
        failures.map(({ error }) => error),
        "router advertisements",
      );
  }

  /**
   * Brings the interface to the wish, in the order that IPv6 needs: address generation off, then up, then link-local, then
   * the rest; and reads back what came of it.
   * @throws ModemError `unplugged` when the interface is gone, `invalid` for settings that cannot be meant
   */
  async converge(signal?: AbortSignal): Promise<AppliedLink> {
    const failures: LinkFailure[] = [];
    const desired = await this.#desired(await this.#link(signal), signal);
    await this.#forgetAdvertised(failures, signal);
    this.#writeSysctls(desired.sysctls, failures);
    await this.#prepare(desired, failures, signal);
    const refused = await this.#assign(desired, signal);
    // Once more, since removing a primary IPv4 address takes its secondaries along.
    failures.push(...(refused.length > 0 ? refused : await this.#assign(desired, signal)));
    signal?.throwIfAborted();
    const link = await this.#link(signal);
    const addresses = await this.kernel.addresses(this.ifindex, signal);
    return { interfaceName: this.interfaceName, owner: this.owner, link, addresses, failures };
  }

  /** How the kernel's state differs from the wish, in words; empty: not at all. */
  async differences(): Promise<readonly string[]> {
    const link = await this.#link();
    const desired = await this.#desired(link);
    const present = new Set((await this.kernel.addresses(this.ifindex)).map(slotOf));
    const mode = link.addrGenMode;
    return [
      ...(link.up ? [] : ["link is down"]),
      ...(desired.mtu === undefined || desired.mtu === link.mtu
        ? []
        : [`mtu is ${link.mtu} instead of ${desired.mtu}`]),
      ...(desired.addrGenMode === undefined || mode === undefined || mode === desired.addrGenMode
        ? []
        : [`addrgenmode is ${mode} instead of ${desired.addrGenMode}`]),
      ...desired.addresses.filter((entry) => !present.has(slotOf(entry))).map((entry) => `${textOf(entry)} is missing`),
    ];
  }

  /** Takes back all of ours and lowers the interface unless it `staysUp`. An interface that is gone is fine. */
  async withdraw(staysUp: boolean, signal?: AbortSignal): Promise<void> {
    for (const address of await this.kernel.addresses(this.ifindex, signal))
      if (this.#isOurs(address)) await this.kernel.removeAddress(address, signal);
    this.#put.clear();
    this.#restoreSysctls();
    const link = await this.kernel.link(this.ifindex, signal);
    if (link?.up && !staysUp) await this.kernel.setLink(this.ifindex, { up: false }, signal);
  }

  async #desired(link: LinkState, signal?: AbortSignal): Promise<DesiredLink> {
    const lower = this.lower === undefined ? undefined : await this.kernel.link(this.lower, signal);
    const room = { noArp: link.noArp, ...(lower && { maxMtu: lower.mtu }) };
    try {
      return desiredLink(this.settings, this.owner, room, this.#advertisements);
    } catch (cause) {
      throw new ModemError("invalid", `settings for ${this.interfaceName}`, { cause });
    }
  }

  async #link(signal?: AbortSignal): Promise<LinkState> {
    const link = await this.kernel.link(this.ifindex, signal);
    if (link === undefined) throw new ModemError("unplugged", `interface ${this.interfaceName} is gone`);
    return link;
  }

  async #prepare(desired: DesiredLink, failures: LinkFailure[], signal: AbortSignal | undefined): Promise<void> {
    const link = await this.#link(signal);
    const { mtu, addrGenMode } = desired;
    const set = (doing: string, change: Parameters<Kernel["setLink"]>[1]) =>
      this.#attempt(doing, failures, () => this.kernel.setLink(this.ifindex, change, signal));
    if (mtu !== undefined && mtu !== link.mtu) await set(`set mtu ${mtu}`, { mtu });
    // An interface without IPv6 has no mode, and makes no addresses either.
    if (addrGenMode !== undefined && link.addrGenMode !== undefined && link.addrGenMode !== addrGenMode)
      await set(`set addrgenmode ${addrGenMode}`, { addrGenMode });
    if (!link.up) await set("raise the link", { up: true });
  }

  /** They are the kernel's and go when the link goes down. Where wwand owns the addresses its routes stay instead. */
  async #forgetAdvertised(failures: LinkFailure[], signal: AbortSignal | undefined): Promise<void> {
    if (!this.#isStale) return;
    await this.#attempt("lower the link", failures, () => this.kernel.setLink(this.ifindex, { up: false }, signal));
    this.#isStale = false;
  }

  async #assign(desired: DesiredLink, signal: AbortSignal | undefined): Promise<readonly LinkFailure[]> {
    const wanted = desired.addresses.map((entry): AddressEntry => ({ ...entry, ifindex: this.ifindex }));
    const managed = (entry: AddressEntry) =>
      this.#isOurs(entry) ||
      (desired.addrGenMode === "none" && isLinkLocal(entry)) ||
      wanted.some((w) => slotOf(w) === slotOf(entry));
    const actual = (await this.kernel.addresses(this.ifindex, signal)).filter(managed);
    const applier = {
      put: async (entry: AddressEntry) => {
        // A prefix does not change in place. And only a link-local address that is new (pppd's is not) has the kernel ask
        // for routers by what it may now hear.
        const other = actual.find((one) => slotOf(one) === slotOf(entry));
        if (other !== undefined && entry.family === 6) await this.kernel.removeAddress(other, signal);
        await this.kernel.putAddress(entry, signal);
        this.#put.add(slotOf(entry));
      },
      remove: (entry: AddressEntry) => this.kernel.removeAddress(entry, signal),
    };
    const result = await reconcile(actual, wanted, applier, {
      slotOf,
      same: (a, b) => a.prefixLength === b.prefixLength,
    });
    return result.failures.map(({ doing, item, error }) => ({ doing: `${doing} ${textOf(item)}`, error }));
  }

  /** Marked by the kernel, or (kernels before 5.18) remembered. */
  #isOurs(entry: AddressEntry): boolean {
    return entry.protocol === WWAND_PROTOCOL || this.#put.has(slotOf(entry));
  }

  #writeSysctls(wanted: readonly Sysctl[], failures: LinkFailure[]): void {
    for (const sysctl of wanted) {
      const { family, name, value, insteadOf, unless, orAll = false } = sysctl;
      const key = `${family}/${name}`;
      try {
        const present = this.sysctls.read(family, this.interfaceName, name);
        if (present === undefined || present === value) continue;
        const before = this.#changed.get(key)?.before ?? present;
        const all = orAll ? (this.sysctls.read(family, "all", name) ?? 0) : 0;
        if (before === unless || (insteadOf !== undefined && Math.max(before, all) !== insteadOf)) continue;
        this.sysctls.write(family, this.interfaceName, name, value);
        this.#changed.set(key, { sysctl, before });
      } catch (error) {
        failures.push({ doing: `set ${family} ${name} to ${value}`, error });
      }
    }
  }

  #restoreSysctls(): void {
    for (const { sysctl, before } of this.#changed.values())
      this.sysctls.write(sysctl.family, this.interfaceName, sysctl.name, before);
    this.#changed.clear();
  }

  async #attempt(doing: string, failures: LinkFailure[], change: () => Promise<void>): Promise<void> {
    try {
      await change();
    } catch (error) {
      failures.push({ doing, error });
    }
  }
}

const isLinkLocal = (entry: AddressEntry): boolean => entry.family === 6 && entry.scope === "link";

/** IPv4 knows the same address with several prefix lengths, IPv6 does not. */
const slotOf = (entry: Omit<AddressEntry, "ifindex">): string =>
  entry.family === 6 ? entry.address : `${entry.address}/${entry.prefixLength}`;

const textOf = (entry: Omit<AddressEntry, "ifindex">): string => `${entry.address}/${entry.prefixLength}`;
