/** The kernel's picture while it is read: what comes meanwhile, and what a reading that fails leaves. */
import t from "tap";
import type { KernelEvent, LinkState } from "../../src/network/kernel.js";
import { LivePicture } from "../../src/network/uplinks/live-picture.js";
import { silentLog } from "../../src/runtime/log.js";
import { settle, VirtualClock } from "../fakes/clock.js";

/** A kernel whose answers a test gives, one reading after the other. */
class SlowKernel {
  tell: (event: KernelEvent) => void = () => undefined;
  readonly answers: { give(): void; refuse(error: Error): void }[] = [];
  addresses = async () => [];
  routes = async () => [];

  watch(tell: (event: KernelEvent) => void): () => void {
    this.tell = tell;
    return () => undefined;
  }

  links(): Promise<readonly LinkState[]> {
    return new Promise((resolve, reject) => this.answers.push({ give: () => resolve([]), refuse: reject }));
  }
}

const deadGateway: KernelEvent = {
  ...{ type: "neighbour", change: "new" },
  neighbour: { family: 4, ifindex: 2, address: "192.0.2.1", state: "failed" },
};

function watching() {
  const [kernel, clock] = [new SlowKernel(), new VirtualClock()];
  const heard: string[] = [];
  const picture = new LivePicture({
    ...{ kernel, clock, log: silentLog, onChanged: () => heard.push("changed") },
    onNeighbour: ({ address, state }) => heard.push(`${address} ${state}`),
  });
  return { kernel, clock, picture, heard };
}

t.test("a gateway that dies while the kernel is read is told at once", async (t) => {
  const { kernel, picture, heard } = watching();
  const opened = picture.open();
  kernel.tell(deadGateway);
  t.strictSame(heard, ["192.0.2.1 failed"]);
  kernel.answers[0]?.give();
  await opened;
  picture.close();
});

t.test("events lost while the kernel is read the first time, which then cannot be read: tried again", async (t) => {
  const { kernel, clock, picture, heard } = watching();
  const opened = picture.open();
  kernel.tell({ type: "resync", reason: "ENOBUFS" });
  kernel.answers[1]?.refuse(new Error("ENOBUFS"));
  await settle();
  kernel.answers[0]?.give();
  await opened;
  await clock.advance(1_000);
  kernel.answers[2]?.give();
  await settle();
  t.strictSame(heard, ["changed"]);
  picture.close();
  t.equal(clock.armed, 0);
});
