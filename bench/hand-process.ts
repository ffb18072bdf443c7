/**
 * The hand on the far end of a cable, in a process of its own: the kernel works on the request for a millisecond or more,
 * and whoever listens for the outcome must not be held up by that.
 */
import { Rtnetlink } from "../src/netlink/rtnetlink.js";
import { monotonicMs } from "./clock.js";

export interface HandSetup {
  /** Where the far end is. */
  readonly netns: string;
  readonly interfaceName: string;
}

export interface HandOrder {
  readonly up: boolean;
}

/** `askedMs`: just before the request was given to the kernel. */
export type HandReport = { readonly report: "done"; readonly askedMs: number };

const { netns, interfaceName }: HandSetup = JSON.parse(process.argv[2] ?? "{}");
const kernel = Rtnetlink.open({ netns });

async function move({ up }: HandOrder): Promise<void> {
  const link = await kernel.link(interfaceName);
  if (link === undefined) throw new Error(`there is no ${interfaceName} in ${netns}`);
  const askedMs = monotonicMs();
  await kernel.setLink(link.ifindex, { up });
  const report: HandReport = { report: "done", askedMs };
  process.send?.(report);
}

process.on("message", (order: HandOrder) => void move(order));
process.on("disconnect", () => process.exit(0));
