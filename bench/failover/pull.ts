/** One round of pulling a cable: the same for every contestant. */
import { within } from "../../src/demo/failover.js";
import type { KernelEvent } from "../../src/network/kernel.js";
import { pause } from "../clock.js";
import type { Echo } from "../echo.js";
import type { Hand } from "../hand.js";
import type { KernelEar } from "../kernel-ear.js";

/** A cable with a hand on its far end; `ifindex` is the near one. */
export interface Cable {
  readonly hand: Hand;
  readonly ifindex: number;
}

export interface Ears {
  readonly links: KernelEar;
  readonly routes: KernelEar;
}

/** All times in milliseconds after the kernel was asked to set the far end down. */
export interface Round {
  /** The kernel's own word on a netlink socket that the cable is out. */
  readonly kernelMs: number;
  /** The kernel's word that the default route leaves by the backup. */
  readonly switchMs: number;
  readonly sent: number;
  readonly lost: number;
  /** Of the lost ones, those sent before the kernel had told anybody. */
  readonly lostUnheard: number;
  /** Of the lost ones, those sent when the default route left by the backup: what nothing excuses. */
  readonly lostLater: number;
}

const switchTimeoutMs = 15_000;
const settleMs = 300;

export async function pull(
  cable: Cable,
  ears: Ears,
  echo: Echo,
  isSwitch: (event: KernelEvent) => boolean,
): Promise<Round> {
  await within(5_000, "first answered probe", echo.begin());
  // Not in step with the probes.
  await pause(settleMs + Math.random() * 20);
  const heard = ears.links.first(
    (event) => event.type === "link" && event.link.ifindex === cable.ifindex && !event.link.carrier,
  );
  const switched = ears.routes.first(isSwitch);
  const [pulledMs, heardMs, switchedMs] = await within(
    switchTimeoutMs,
    "default route on the backup",
    Promise.all([cable.hand.pull(), heard, switched]),
  );
  await pause(settleMs);
  const probes = await echo.end();
  const lost = probes.filter(({ answeredMs }) => answeredMs === undefined);
  return {
    kernelMs: heardMs - pulledMs,
    switchMs: switchedMs - pulledMs,
    sent: probes.length,
    lost: lost.length,
    lostUnheard: lost.filter(({ sentMs }) => sentMs < heardMs).length,
    lostLater: lost.filter(({ sentMs }) => sentMs > switchedMs).length,
  };
}
