/** Scenarios by name, in the order in which their files are imported (scenarios/index.ts). */
import type { Test } from "tap";
import type { Guest } from "./guest.js";

/** `t` asserts as in every other test; `g` is the machine. */
export type Story = (t: Test, g: Guest) => Promise<void>;

export interface Scenario {
  readonly name: string;
  readonly limitMs: number;
  readonly story: Story;
}

export interface ScenarioOptions {
  /** Of the guest's own time, in which Node and programs are 4 to 20 times slower than on the host. Default 180 s. */
  readonly limitMs?: number;
}

const registered: Scenario[] = [];
export const scenarios: readonly Scenario[] = registered;

/** The machine is as it was at boot when `story` begins, and must be so again when it has ended. */
export function scenario(name: string, story: Story, { limitMs = 180_000 }: ScenarioOptions = {}): void {
  if (registered.some((known) => known.name === name)) throw new Error(`two scenarios are called ${name}`);
  registered.push({ name, limitMs, story });
}
