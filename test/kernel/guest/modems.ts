/** Several virtual modems from one process, told apart by their ids. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import { requestStep } from "../../../src/virtual/control/client.js";
import type { Namespace } from "../../lab/netns.js";
import { root } from "../../lab/world.js";
import type { Guest } from "./guest.js";
import { attribute, devices, idsOf, interfacesOf, type UsbInterface, virtualDevices } from "./usb.js";

const interfacesWith = (ids: string): readonly UsbInterface[] => {
  const device = virtualDevices().find((name) => idsOf(name) === ids);
  return device === undefined ? [] : interfacesOf(device);
};

/** The drivers of the device's interfaces in order: `option option qmi_wwan`, `-` where there is none. */
export const driversOf = (ids: string): string =>
  interfacesWith(ids)
    .map(({ driver }) => driver || "-")
    .join(" ");

/** Of the device itself in sysfs, e.g. `power/runtime_status`; empty while it is not there. */
export function attributeOf(ids: string, name: string): string {
  const device = virtualDevices().find((it) => idsOf(it) === ids);
  return device === undefined ? "" : attribute(device, name);
}

export function setAttribute(ids: string, name: string, value: string): void {
  const device = virtualDevices().find((it) => idsOf(it) === ids);
  if (device === undefined) throw new Error(`there is no ${ids}`);
  writeFileSync(join(devices, device, name), value);
}

/** Waits until the interfaces of the device are bound to these drivers, in order. */
export const bound = (t: Test, g: Guest, ids: string, expected: string): Promise<unknown> =>
  g.uevents
    .until(
      `drivers of ${ids}`,
      () => driversOf(ids),
      (found) => found === expected,
    )
    .then((found) => t.equal(found, expected, `${ids}: ${expected}`));

/** What the drivers made: the first network interface and control device, all serial ports. */
export function namesOf(ids: string) {
  const all = interfacesWith(ids);
  return {
    net: all.flatMap(({ nets }) => nets)[0] ?? "",
    control: all.flatMap(({ controls }) => controls)[0] ?? "",
    ttys: all.flatMap(({ ttys }) => ttys),
  };
}

export interface Modems {
  /** A step of the modem at this place among the profiles, counted from 0. Rejects when it was not carried out. */
  step(index: number, name: string, ...args: readonly string[]): Promise<string>;
}

/** No socket can lie in the scenario's folder, which the host shares. */
const controlPath = "/run/modems";
const promptly = { searchMs: "1", attachMs: "1", connectMs: "1", attachesByItself: "true" };

/** Plugs them all in; the kernel has them when this resolves, its drivers may still be at it. */
export async function plugInAll(g: Guest, profiles: readonly string[], carrier?: Namespace): Promise<Modems> {
  const program = g.start(`${root}bin/wwand-virtual`, [
    ...["run", ...profiles, "--usbip", "--attach", "--control", controlPath, "--log-level", "info"],
    ...(carrier === undefined ? [] : ["--carrier-netns", carrier.name]),
    ...Object.entries(promptly).flatMap(([key, value]) => ["--set", `${key}=${value}`]),
  ]);
  await program.line(new RegExp(`^ready ${profiles.at(-1)} `));
  return {
    step: async (index, name, ...args) => {
      const path = index === 0 ? controlPath : `${controlPath}-${index + 1}`;
      const { text, failure } = await requestStep(path, { step: name, args });
      if (failure !== undefined) throw new Error(`step ${name}: ${text}`);
      return text;
    },
  };
}
