/** The machine that a timeline is about: interfaces, addresses, modems, and what answers behind them. */
import type { Bearer } from "../observe.js";
import type { Policy, UplinkPolicy } from "../policy/types.js";
import type { IpFamily, ServingNetwork } from "../types.js";
import type { Uplinks } from "../uplinks.js";
import type { PictureKernel } from "./picture-kernel.js";
import { addressEntry, bearerOf, defaultRoute, linkOf, type Place, placesOf } from "./places.js";
import type { Answering } from "./scripted-asker.js";
import type { Answers, UplinkNews } from "./types.js";

interface FamilyCondition {
  readonly address: boolean;
  readonly answers: Answers;
  readonly loss: number;
}

interface Condition {
  readonly link: "up" | "no-carrier" | "absent";
  readonly 4: FamilyCondition;
  readonly 6: FamilyCondition;
}

/** Of an uplink that nothing has been said of: IPv4 works as soon as it is there. */
const first: Condition = {
  link: "absent",
  4: { address: true, answers: 20, loss: 0 },
  6: { address: false, answers: 20, loss: 0 },
};

const families: readonly IpFamily[] = [4, 6];

type Told = Pick<Uplinks, "setBearer" | "hold" | "setNetworks">;

export class Surroundings implements Answering {
  readonly #conditions = new Map<string, Condition>();
  readonly #networks = new Map<string, ServingNetwork>();
  readonly #places: ReadonlyMap<string, Place>;

  constructor(
    private readonly policy: Policy,
    private readonly kernel: PictureKernel,
  ) {
    this.#places = placesOf(policy);
  }

  answering(uplink: string, family: IpFamily): FamilyCondition {
    return this.#condition(uplink)[family];
  }

  /** Kernel events first, then what modems and people say of it: as on a real machine. */
  change(news: UplinkNews, uplinks: Told): void {
    const { uplink: name, link, bytesPerS, hold, roaming, usedBytes } = news;
    const uplink = this.policy.uplinks.find((one) => one.name === name);
    const place = this.#places.get(name);
    if (uplink === undefined || place === undefined) return;
    const before = this.#condition(name);
    const after: Condition = {
      link: link ?? before.link,
      4: { ...before[4], ...news.families[4] },
      6: { ...before[6], ...news.families[6] },
    };
    this.#conditions.set(name, after);
    this.#changeKernel(uplink, place, before, after);
    const [bearer, had] = [bearerIn(uplink, place, after), bearerIn(uplink, place, before)];
    if (JSON.stringify(bearer) !== JSON.stringify(had)) uplinks.setBearer(name, bearer);
    if (bytesPerS !== undefined) this.kernel.carry(place.ifindex, bytesPerS);
    if (hold !== undefined) uplinks.hold(name, hold === "" ? undefined : hold);
    if (usedBytes !== undefined) this.kernel.receive(place.ifindex, usedBytes);
    if (roaming === undefined) return;
    this.#networks.set(name, roaming === "" ? { isHome: true } : { plmn: roaming, isHome: false });
    uplinks.setNetworks(new Map(this.#networks));
  }

  #condition(uplink: string): Condition {
    return this.#conditions.get(uplink) ?? first;
  }

  #changeKernel(uplink: UplinkPolicy, place: Place, before: Condition, after: Condition): void {
    const { kernel } = this;
    const link = linkOf(place, after.link === "up");
    if (after.link !== before.link)
      kernel.tell({ type: "link", change: after.link === "absent" ? "del" : "new", link });
    for (const family of families) {
      const has = (one: Condition) => one.link !== "absent" && one[family].address;
      // With the interface its addresses go without a word here.
      if (has(after) === has(before) || after.link === "absent") continue;
      const change = has(after) ? "new" : "del";
      const learnsRoute = isForeign(uplink, family);
      if (learnsRoute || uplink.address.method === "bearer")
        kernel.tell({ type: "address", change, address: addressEntry(place, family) });
      if (learnsRoute) kernel.tell({ type: "route", change, route: defaultRoute(place, family) });
    }
  }
}

/** Addresses that wwand gives itself are none of the surroundings. */
const isForeign = ({ address: { method } }: UplinkPolicy, family: IpFamily): boolean =>
  method === "foreign" || (method === "dhcp" && family === 6);

function bearerIn({ address: { method } }: UplinkPolicy, place: Place, condition: Condition): Bearer | undefined {
  if (condition.link === "absent" || (method !== "bearer" && method !== "dhcp")) return undefined;
  const has = families.filter((family) => condition[family].address && (method === "bearer" || family === 4));
  return has.length === 0 ? undefined : bearerOf(place, has, method);
}
