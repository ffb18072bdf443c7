import { availableParallelism, cpus, loadavg, release } from "node:os";

/** What every figure depends on. */
export interface Machine {
  readonly date: string;
  readonly cpu: string;
  readonly cpus: number;
  /** CPUs this process may use: fewer than `cpus` under taskset. */
  readonly usable: number;
  readonly kernel: string;
  readonly node: string;
  readonly load: number;
}

export const thisMachine = (): Machine => ({
  date: new Date().toISOString().slice(0, 10),
  cpu: cpus()[0]?.model.trim() || "unknown CPU",
  cpus: cpus().length,
  usable: availableParallelism(),
  kernel: release(),
  node: process.version,
  load: loadavg()[0] ?? 0,
});

export const machineText = ({ date, cpu, cpus: all, usable, kernel, node, load }: Machine): string =>
  `${date}, ${usable} of ${all} CPUs (${cpu}), Linux ${kernel}, Node ${node}, load ${load.toFixed(1)}`;
