/** A machine with two ethernets, each behind an ISP of its own, beside the demo's internet: where peers run. */
import { ip } from "../../src/demo/command.js";
import { cable, makeRouter } from "../../src/demo/topology.js";
import { keepAddresses } from "../far-end.js";

export interface Side {
  readonly name: string;
  readonly index: number;
  /** The ISP. */
  readonly netns: string;
  readonly farIndex: number;
  /** The first three numbers of the /24, and the beginning of the /64. The ISP is 1, the machine 10. */
  readonly lan: string;
  readonly lan6: string;
  readonly up: string;
  readonly upIndex: number;
}

export interface TwoEthernets {
  /** Its namespace; short, as it begins names of interfaces. */
  readonly host: string;
  readonly sides: readonly [Side, Side];
  /** Of its own on the internet's host. */
  readonly echoPort: number;
}

/**
 * Addresses for benchmarks (RFC 2544) and documentation (RFC 3849); both families, as in wwand's world.
 * @param number from 1 to 9, of its own for each machine
 * @param indexes whether both ends of a cable have the same
 */
export const twoEthernets = (host: string, number: number, indexes: "different" | "equal"): TwoEthernets => ({
  host,
  sides: [sideOf(host, number, 0, indexes), sideOf(host, number, 1, indexes)],
  echoPort: 7_020 + number,
});

const sideOf = (host: string, number: number, at: 0 | 1, indexes: "different" | "equal"): Side => ({
  name: `eth${at}`,
  index: 110 + at,
  netns: `${host}-isp${at}`,
  farIndex: (indexes === "equal" ? 110 : 121) + at,
  lan: `198.18.${number * 2 + at}`,
  lan6: `2001:db8:c${number}${at}:`,
  up: `198.18.${100 + number * 2 + at}`,
  // Of the internet's end one more: they share a namespace.
  upIndex: 130 + number * 10 + at * 2,
});

export async function buildTwoEthernets({ host, sides }: TwoEthernets): Promise<void> {
  await ip(`netns add ${host}`);
  await ip(`-n ${host} link set lo up`);
  for (const { name, index, netns, farIndex, lan, lan6, up, upIndex } of sides) {
    await ip(`netns add ${netns}`);
    await makeRouter(netns);
    await cable(
      { netns: host, name, index, addresses: [] },
      { netns, name: "lan0", index: farIndex, addresses: [`${lan}.1/24`, `${lan6}:1/64`] },
    );
    await cable(
      { netns, name: "up0", index: upIndex, addresses: [`${up}.1/30`] },
      { netns: "internet", name: netns, index: upIndex + 1, addresses: [`${up}.2/30`] },
    );
    await keepAddresses(netns);
    await ip(`-n ${netns} route add default via ${up}.2`);
    await ip(`-n internet route add ${lan}.0/24 via ${up}.1`);
  }
}
