/** One round of pulling a cable: the same for every contestant. */
import { within } from "../../src/demo/failover.js";
import type { Kernel, KernelEvent } from "../../src/network/kernel.js";
import { monotonicMs } from "../clock.js";
import type { Echo } from "../echo.js";
import type { KernelEar } from "../kernel-ear.js";

/** A cable whose far end can be set down, and the ears on the near side. */
export interface Cable {
  readonly far: Kernel;
  readonly farIfindex: number;
  readonly ifindex: number;
}

export interface Ears {
  readonly links: KernelEar;
  readonly routes: KernelEar;
}

/** All times in milliseconds after the request to set the far end down was given to the kernel. */
export interface Round {
  /** The kernel's own word on a netlink socket that the cable is out. */
  readonly kernelMs: number;
  /** The kernel's word that the default route leaves by the backup. */
  readonly switchMs: number;
  readonly sent: number;
  readonly lost: number;
  /** Of the lost ones, those sent before the kernel had told anybody. */
  readonly lostUnheard: number;
}

const switchTimeoutMs = 15_000;
const settleMs = 300;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

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
  const pulledMs = monotonicMs();
  const pulled = cable.far.setLink(cable.farIfindex, { up: false });
  const [heardMs, switchedMs] = await within(
    switchTimeoutMs,
    "default route on the backup",
    Promise.all([heard, switched, pulled]),
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
  };
}

export const plug = ({ far, farIfindex }: Cable): Promise<void> => far.setLink(farIfindex, { up: true });
