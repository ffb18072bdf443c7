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

/** Where a modem is plugged in; each of a world needs its own. */
export interface Place {
  /** Of the control port, in the world's folder. */
  readonly port: string;
  /** The network interface. */
  readonly net: string;
}

/** Settings and place of a modem beside the first: another device, another card, other addresses. */
export const secondModem = {
  settings: {
    imei: "004999010640018",
    imsi: "001010123456790",
    iccid: "89882280666014579845",
    ipv4Net: "10.65.0",
    ipv6Net: "2001:db8:65",
  },
  place: { port: "modem2", net: "wwan1" },
} as const;

type Protocol = "mbim" | "qmi" | "at";

/** Another modem than the generic one of its protocol. */
export const startProfile = (
  world: World,
  profile: string,
  protocol: Protocol,
  settings: Readonly<Record<string, string>> = {},
): Promise<VirtualModem> => plugIn(world, profile, settings, { port: "modem", net: "wwan0" }, protocol, "unix");

/** Resolves when the modem is plugged in. `settings` are those of `--set`. */
export const startModem = (
  world: World,
  settings: Readonly<Record<string, string>> = {},
  place: Place = { port: "modem", net: "wwan0" },
  protocol: Protocol = "mbim",
  kind: "unix" | "pty" = "unix",
): Promise<VirtualModem> => plugIn(world, `${protocol}-generic`, settings, place, protocol, kind);

/** A modem on a UART and nothing else, as a terminal: no network interface, packets go over the line. */
export async function startSerial(
  world: World,
  profile = "at-generic",
  settings: Readonly<Record<string, string>> = {},
): Promise<VirtualModem> {
  const [socket, control] = [world.file("ttyS1"), world.file("ttyS1.control")];
  const program = world.start(`${root}bin/wwand-virtual`, [
    ...["run", profile, "--pty", socket, "--carrier-netns", world.carrier.name, "--control", control],
    ...Object.entries(settings).flatMap(([key, value]) => ["--set", `${key}=${value}`]),
  ]);
  await program.line(/^ready /);
  return { socket, url: `at+pty:${socket}?cmux`, program, step: stepOf(control) };
}

async function plugIn(
  world: World,
  profile: string,
  settings: Readonly<Record<string, string>>,
  { port, net }: Place,
  protocol: Protocol,
  kind: "unix" | "pty",
): Promise<VirtualModem> {
  const socket = world.file(port);
  const control = `${socket}.control`;
  const program = world.start(`${root}bin/wwand-virtual`, [
    ...["run", profile, `--${kind}`, socket, "--net", net],
    ...["--carrier-netns", world.carrier.name, "--control", control],
    ...Object.entries(settings).flatMap(([key, value]) => ["--set", `${key}=${value}`]),
  ]);
  await program.line(/^ready /);
  return {
    socket,
    // A terminal is what other programs open, too: through a proxy.
    url: `${protocol}+${kind}:${socket}?net=${net}${kind === "pty" && protocol !== "at" ? "&proxy" : ""}`,
    program,
    step: stepOf(control),
  };
}

/** By the socket that the modem got as `--control`. */
export const stepOf =
  (control: string): VirtualModem["step"] =>
  async (name, ...args) => {
    const { text, failure } = await requestStep(control, { step: name, args });
    if (failure !== undefined) throw new Error(`step ${name}: ${text}`);
    return text;
  };
