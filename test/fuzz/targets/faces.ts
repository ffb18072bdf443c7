/** The virtual modem's control faces: whatever a host writes, the modem lives and still answers. */
import type { Clock } from "../../../src/runtime/clock.js";
import { faces } from "../../../src/virtual/faces/all.js";
import { ModemMachine } from "../../../src/virtual/machine.js";
import { mbimGeneric } from "../../../src/virtual/profiles/mbim-generic.js";
import { bareContext } from "../../drivers/face-cable.js";

const names = ["qmi", "mbim", "at"] as const;
const stopped: Clock = { nowMs: () => 0, after: () => () => undefined };

/** The first byte chooses the protocol. */
export function fuzz(data: Buffer): void {
  const machine = new ModemMachine(mbimGeneric, stopped);
  const open = faces[names[(data[0] ?? 0) % names.length] ?? "qmi"];
  const face = open({ send: () => undefined, flush: () => undefined }, bareContext(machine));
  face.feed(Buffer.from(data.subarray(1)));
  face.hostLeft();
  face.close();
  machine.close();
}
