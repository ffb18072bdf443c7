/** The modem of one row: a process of its own that lives through all rounds, plugged in and pulled out by its steps. */
import { requestStep } from "../../../src/virtual/control/client.js";
import type { Guest } from "../../../test/kernel/guest/guest.js";
import { interfacesOf, virtualDevices } from "../../../test/kernel/guest/usb.js";
import type { Program } from "../../../test/lab/program.js";
import { root } from "../../../test/lab/world.js";
import type { Row } from "../rows.js";

/** What is measured is the daemon, not how long a network takes. */
const promptly = { searchMs: "1", scanMs: "1", attachMs: "1", connectMs: "1" };

/** Serial ports, control devices and network interfaces that the kernel has made just now. */
export const portCount = (): number =>
  virtualDevices()
    .flatMap(interfacesOf)
    .reduce((count, { nets, controls, ttys }) => count + nets.length + controls.length + ttys.length, 0);

export class RowModem {
  private constructor(
    readonly row: Row,
    readonly program: Program,
    private readonly control: string,
    /** Its ports, when all are there. */
    readonly ports: number,
  ) {}

  /** Plugged in once, so that the drivers know it, and pulled out again. */
  static async start(g: Guest, row: Row, number: number): Promise<RowModem> {
    const control = `/run/plug-${number}`;
    const program = g.start(`${root}bin/wwand-virtual`, [
      ...["run", row.profile, "--usbip", "--attach", "--control", control],
      ...Object.entries({ ...promptly, ...row.settings }).flatMap(([key, value]) => ["--set", `${key}=${value}`]),
    ]);
    await program.line(/^ready /);
    if (row.composition !== undefined) await step(control, "mode", row.composition);
    await g.uevents.until("a port", portCount, (count) => count > 0);
    await g.must("udevadm", ["settle"]);
    const modem = new RowModem(row, program, control, portCount());
    await modem.pullOut(g);
    return modem;
  }

  async plugIn(): Promise<void> {
    await step(this.control, "replug");
  }

  /** Resolves when nothing of it is left in the kernel. */
  async pullOut(g: Guest): Promise<void> {
    await step(this.control, "unplug");
    await g.uevents.until("unplugged", virtualDevices, (devices) => devices.length === 0);
  }

  /** What it was asked since it was plugged in: messages, on serial ports lines. */
  async requests(): Promise<number> {
    const { requests } = JSON.parse(await step(this.control, "state"));
    return Object.values(Object(requests)).reduce((sum: number, count) => sum + Number(count), 0);
  }
}

async function step(control: string, name: string, ...args: readonly string[]): Promise<string> {
  const { text, failure } = await requestStep(control, { step: name, args });
  if (failure !== undefined) throw new Error(`step ${name}: ${text}`);
  return text;
}
