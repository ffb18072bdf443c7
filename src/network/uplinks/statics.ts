/** Addresses of uplinks that wwand gives them (`address = "static"`, and what a DHCP server said): put, kept, taken back. */
import type { Clock } from "../../runtime/clock.js";
import { errorText } from "../../runtime/error.js";
import type { Log } from "../../runtime/log.js";
import { type AddressEntry, type Kernel, WWAND_PROTOCOL } from "../kernel.js";
import type { Bearer } from "../observe.js";
import type { Picture } from "../picture.js";
import type { UplinkObservation } from "../plan/types.js";
import type { Policy, StaticFamily } from "../policy/types.js";
import type { IpFamily } from "../types.js";

/** Between two attempts at one address, so that two programs that disagree do not fight as fast as they can. */
const retryMs = 1_000;

export type StaticsKernel = Pick<Kernel, "setLink" | "putAddress" | "removeAddress">;

export class Statics {
  /** What was put, or tried, and when. */
  readonly #put = new Map<string, { readonly entry: AddressEntry; readonly atMs: number }>();

  constructor(
    private readonly kernel: StaticsKernel,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Puts what is missing and removes what the policy no longer has. The kernel's events tell the outcome. */
  follow(
    policy: Policy,
    observed: readonly UplinkObservation[],
    picture: Picture,
    bearers: ReadonlyMap<string, Bearer>,
  ): void {
    const wanted = new Map(
      observed.flatMap((uplink) => entriesOf(policy, uplink, bearers)).map((entry) => [keyOf(entry), entry]),
    );
    for (const [key, { entry }] of this.#put) if (!wanted.has(key)) void this.#remove(key, entry);
    for (const [key, entry] of wanted) {
      const link = picture.links.get(entry.ifindex);
      const isThere = picture.addresses.some((one) => keyOf(one) === key);
      const triedMs = this.#put.get(key)?.atMs ?? Number.NEGATIVE_INFINITY;
      if ((isThere && link?.up) || this.clock.nowMs() - triedMs < retryMs) continue;
      this.#put.set(key, { entry, atMs: this.clock.nowMs() });
      void this.#bring(entry, link?.up ?? false);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#put].map(([key, { entry }]) => this.#remove(key, entry)));
  }

  async #bring(entry: AddressEntry, isUp: boolean): Promise<void> {
    try {
      if (!isUp) await this.kernel.setLink(entry.ifindex, { up: true });
      await this.kernel.putAddress(entry);
    } catch (error) {
      this.log.warning("static address refused", { address: entry.address, error: errorText(error) });
    }
  }

  async #remove(key: string, entry: AddressEntry): Promise<void> {
    this.#put.delete(key);
    try {
      await this.kernel.removeAddress(entry);
    } catch (error) {
      this.log.warning("static address was not taken back", { address: entry.address, error: errorText(error) });
    }
  }
}

const keyOf = ({ ifindex, address, prefixLength }: AddressEntry): string => `${ifindex} ${address}/${prefixLength}`;

function entriesOf(
  policy: Policy,
  { name, ifindex, interfaceName }: UplinkObservation,
  bearers: ReadonlyMap<string, Bearer>,
): readonly AddressEntry[] {
  const address = policy.uplinks.find((uplink) => uplink.name === name)?.address;
  const leased = bearers.get(name);
  if (address?.method === "dhcp" && ifindex !== undefined && leased?.interfaceName === interfaceName) {
    const ipv4 = leased?.settings.ipv4;
    return ipv4?.method === "static" ? [entryOf(4, ifindex, ipv4)] : [];
  }
  if (address?.method !== "static" || ifindex === undefined) return [];
  const { ipv4, ipv6 } = address;
  return [...(ipv4 ? [entryOf(4, ifindex, ipv4)] : []), ...(ipv6 ? [entryOf(6, ifindex, ipv6)] : [])];
}

const entryOf = (family: IpFamily, ifindex: number, { address, prefixLength }: StaticFamily): AddressEntry => ({
  family,
  ifindex,
  address,
  prefixLength,
  scope: "global",
  protocol: WWAND_PROTOCOL,
  tentative: false,
  dadFailed: false,
  permanent: true,
});
