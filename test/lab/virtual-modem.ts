/** The virtual modem as the program that it is, plugged into a world's host, its packets let out at the carrier. */
import { requestStep } from "../../src/virtual/control/client.js";
import type { Program } from "./program.js";
import { root, type World } from "./world.js";

export interface VirtualModem {
  /** What wwand opens. */
  readonly socket: string;
  /** For `--modem` and `match = { url = ... }`. */
  readonly url: string;
  readonly program: Program;
  /** A step of `wwand-virtual ctl`; rejects when it was not carried out. */
  step(name: string, ...args: string[]): Promise<string>;
}

/** Resolves when the modem is plugged in. `settings` are those of `--set`. */
export async function startModem(
  world: World,
  settings: Readonly<Record<string, string>> = {},
  socket = world.file("modem"),
): Promise<VirtualModem> {
  const control = `${socket}.control`;
  const program = world.start(`${root}bin/wwand-virtual`, [
    ...["run", "mbim-generic", "--unix", socket, "--net", "wwan0"],
    ...["--carrier-netns", world.carrier.name, "--control", control],
    ...Object.entries(settings).flatMap(([key, value]) => ["--set", `${key}=${value}`]),
  ]);
  await program.line(/^ready /);
  return {
    socket,
    url: `mbim+unix:${socket}?net=wwan0`,
    program,
    step: async (name, ...args) => {
      const { text, failure } = await requestStep(control, { step: name, args });
      if (failure !== undefined) throw new Error(`step ${name}: ${text}`);
      return text;
    },
  };
}
