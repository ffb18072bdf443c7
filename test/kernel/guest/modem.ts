/** A virtual modem on the guest's USB: `bin/wwand-virtual` plugs it in, the kernel's own drivers find it. */
import { requestStep } from "../../../src/virtual/control/client.js";
import type { Namespace } from "../../lab/netns.js";
import type { Program } from "../../lab/program.js";
import { root } from "../../lab/world.js";
import type { Guest } from "./guest.js";
import { interfacesOf, layoutOf, virtualDevices } from "./usb.js";

export interface PlugOptions {
  /** Where its packets go; by default nowhere. */
  readonly carrier?: Namespace;
  /** Of `--set`. By default searching, attaching and connecting take no time. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Who loads the drivers: by default they are there before the modem; udev loads them when it sees the device. */
  readonly drivers?: "loaded" | "by udev";
}

/** Of all the interfaces that profiles have. */
const drivers = [
  "cdc_mbim",
  "qmi_wwan",
  "huawei_cdc_ncm",
  "rndis_host",
  "cdc_ether",
  "cdc_acm",
  "option",
  "qcserial",
  "usb-storage",
];

/** What a scenario does not wait for is what the modem's network does before it answers. */
const promptly = { searchMs: "1", scanMs: "1", attachMs: "1", connectMs: "1" };

export class PluggedModem {
  constructor(
    private readonly g: Guest,
    /** `wwand-virtual run`. */
    readonly program: Program,
    private readonly control: string,
    private readonly others: readonly string[],
  ) {}

  /** Its name on the bus; undefined while it is not there. */
  get device(): string | undefined {
    return virtualDevices().find((name) => !this.others.includes(name));
  }

  /** Number, driver, nodes of each interface, as in `layoutOf`. */
  get layout(): readonly string[] {
    return this.device === undefined ? [] : layoutOf(this.device);
  }

  /** A step of `wwand-virtual ctl`; rejects when it was not carried out. */
  async step(name: string, ...args: readonly string[]): Promise<string> {
    const { text, failure } = await requestStep(this.control, { step: name, args });
    if (failure !== undefined) throw new Error(`step ${name}: ${text}`);
    return text;
  }

  /** Resolves when a driver has made network interface and control device; with their names. */
  async ready(): Promise<{ readonly net: string; readonly control: string }> {
    const read = () => {
      const interfaces = this.device === undefined ? [] : interfacesOf(this.device);
      const first = (of: "nets" | "controls") => interfaces.flatMap((it) => it[of])[0] ?? "";
      return { net: first("nets"), control: first("controls") };
    };
    return this.g.uevents.until(
      "network interface and control device",
      read,
      (it) => it.net !== "" && it.control !== "",
    );
  }

  /** Resolves when nothing of it is left in the kernel. */
  async gone(): Promise<void> {
    await this.g.uevents.until(
      "unplugged",
      () => this.device,
      (device) => device === undefined,
    );
  }
}

let counter = 0;

/** Resolves when the device is on the bus; its drivers may still be at work. */
export async function plugIn(g: Guest, profile: string, options: PlugOptions = {}): Promise<PluggedModem> {
  await g.modprobe("vhci-hcd", ...(options.drivers === "by udev" ? [] : drivers));
  await g.captureUsb();
  const others = virtualDevices();
  counter += 1;
  const control = `/run/modem-${counter}`;
  const { carrier, settings } = options;
  const program = g.start(`${root}bin/wwand-virtual`, [
    ...["run", profile, "--usbip", "--attach", "--control", control, "--log-level", "info"],
    ...(carrier === undefined ? [] : ["--carrier-netns", carrier.name]),
    ...Object.entries({ ...promptly, ...settings }).flatMap(([key, value]) => ["--set", `${key}=${value}`]),
  ]);
  await program.line(/^ready /);
  const modem = new PluggedModem(g, program, control, others);
  await g.uevents.until(
    "the modem is on the bus",
    () => modem.device,
    (device) => device !== undefined,
  );
  return modem;
}
