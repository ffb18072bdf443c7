/** One plugging-in, from the last port's uevent to registered. */
import { readFileSync } from "node:fs";
import type { Guest } from "../../../test/kernel/guest/guest.js";
import type { Program } from "../../../test/lab/program.js";
import type { BusEar } from "../../bus-ear.js";
import { pause } from "../../clock.js";
import type { Round } from "../rows.js";
import type { Client } from "./clients.js";
import { portCount, type RowModem } from "./modem.js";
import type { PortEar } from "./port-ear.js";

export interface RoundSetup {
  readonly g: Guest;
  readonly client: Client;
  readonly program: Program;
  readonly ear: BusEar;
  readonly modem: RowModem;
  readonly ports: PortEar;
}

/** Between two rounds: what the daemon does after a modem has gone is done by then. */
const restMs = 700;

/** Rejects when the daemon does not get there; the modem is pulled out in any case. */
export async function measure(setup: RoundSetup): Promise<Omit<Round, "row" | "daemon">> {
  const { g, client, ear, modem } = setup;
  const { mark } = ear.signals;
  try {
    return await plugIn(setup, mark);
  } finally {
    const unplugged = ear.signals.mark;
    const wasListed = ear.signals.since(mark).length > 0;
    await modem.pullOut(g);
    if (wasListed) await client.gone(ear, unplugged).catch(() => undefined); // the next round will not find it idle, and says so
    await g.must("udevadm", ["settle"]);
    await pause(restMs);
  }
}

async function plugIn(setup: RoundSetup, mark: number): Promise<Omit<Round, "row" | "daemon">> {
  const { g, client, program, ear, modem, ports } = setup;
  ports.forget();
  const before = [cpuMs(program), cpuMs(modem.program)] as const;
  const pluggedMs = performance.now();
  const followed = client.follow(ear, mark);
  followed.catch(() => undefined); // plugging in may fail first
  await modem.plugIn();
  const { listedMs, registeredMs } = await followed;
  const spent = [cpuMs(program) - before[0], cpuMs(modem.program) - before[1]] as const;
  const requests = await modem.requests();
  await g.uevents.until("all ports", portCount, (count) => count === modem.ports);
  const lastPortMs = ports.last(modem.ports);
  return {
    listedMs: listedMs - lastPortMs,
    registeredMs: registeredMs - lastPortMs,
    kernelMs: lastPortMs - pluggedMs,
    requests,
    cpuMs: spent[0],
    modemCpuMs: spent[1],
  };
}

/** USER_HZ, in which /proc counts: 100 on every Linux. */
const tickMs = 10;

/** User and system time so far. @see proc(5), fields 14 and 15 of stat */
function cpuMs({ pid }: Program): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const [user = "", system = ""] = text
    .slice(text.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13);
  return (Number(user) + Number(system)) * tickMs;
}
