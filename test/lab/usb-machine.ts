/** A world's host with USB devices: a sysfs and a /dev of its own, and the kernel's hotplug events in its namespace. */
import { readSync, writeSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import type { DeviceSnapshot } from "../../src/discovery/snapshot.js";
import { closeFd, FdChannel, inNetns, openPty } from "../../src/native/index.js";
import { errnoOf } from "../../src/runtime/error.js";
import { plugUsb, unplugUsb } from "../discovery/sysfs-tree.js";
import type { AtHost } from "../virtual/at-ports.js";
import { wwandCommand } from "./daemon.js";
import { injectUevent } from "./inject-uevent.js";
import type { Program } from "./program.js";
import type { World } from "./world.js";

/** A /dev with the terminals of the test besides what programs need. */
const ownSysAndDev = `set -e
sys=$1 old=$2 nodes=$3; shift 3
mount --rbind /dev "$old"
mount -t tmpfs -o mode=755 tmpfs /dev
for node in "$old"/*; do ln -s "$node" /dev/; done
rm /dev/pts; mkdir /dev/pts; mount --rbind "$old/pts" /dev/pts
for node in $nodes; do ln -s "\${node#*=}" "/dev/\${node%%=*}"; done
mount --bind "$sys" /sys
exec "$@"`;

export interface Terminal {
  readonly name: string;
  /** Of the slave, which /dev/NAME leads to. */
  readonly path: string;
  /** Everything that was ever written to it. */
  readonly heard: () => Buffer;
  close(): void;
}

/** A serial gadget that answers nothing and forgets nothing. */
export function openTerminal(name: string): Terminal {
  const { fd, path } = openPty();
  const heard: Buffer[] = [];
  const channel = new FdChannel(
    fd,
    { kind: "bytes" },
    {
      onMessages: (messages) => heard.push(...messages.map((message) => Buffer.from(message))),
      onEnd: () => undefined,
    },
  );
  return { name, path, heard: () => Buffer.concat(heard), close: () => channel.close() };
}

/** What the host has written by now; nothing while nobody has the port open. */
function waiting(fd: number): Buffer {
  const bytes = Buffer.alloc(4096);
  try {
    return bytes.subarray(0, readSync(fd, bytes));
  } catch (error) {
    if (errnoOf(error) === "EAGAIN" || errnoOf(error) === "EIO") return Buffer.alloc(0);
    throw error;
  }
}

const pollMs = 10;

/**
 * A serial port of a modem. Its programs come and go, and each leaving is an end to who reads by events; holding the other
 * side open instead would make the test itself the program that has the port.
 */
export function openModemPort(name: string, modem: AtHost): Terminal {
  const { fd, path } = openPty();
  const heard: Buffer[] = [];
  const timer = setInterval(() => {
    const bytes = waiting(fd);
    if (bytes.length === 0) return;
    heard.push(bytes);
    modem.face.feed(bytes);
    writeSync(fd, modem.heard(), null, "latin1");
  }, pollMs);
  const close = () => {
    clearInterval(timer);
    closeFd(fd);
  };
  return { name, path, heard: () => Buffer.concat(heard), close };
}

export class UsbMachine {
  private constructor(
    private readonly world: World,
    private readonly terminals: readonly Terminal[],
  ) {}

  static async create(world: World, terminals: readonly Terminal[] = []): Promise<UsbMachine> {
    for (const folder of ["sys/bus/usb/devices", "sys/class", "dev.old"])
      await mkdir(world.file(folder), { recursive: true });
    return new UsbMachine(world, terminals);
  }

  /** Plugs it in; without `quietly` the kernel tells. */
  async plug(device: DeviceSnapshot, quietly?: "quietly"): Promise<void> {
    await plugUsb(this.world.file("sys"), device);
    if (quietly === undefined) this.#tell("bind", device);
  }

  async unplug(device: DeviceSnapshot): Promise<void> {
    await unplugUsb(this.world.file("sys"), device);
    this.#tell("remove", device);
  }

  /** wwand on this machine, ready. */
  async startWwand(...args: readonly string[]): Promise<Program> {
    const { world } = this;
    const nodes = this.terminals.map(({ name, path }) => `${name}=${path}`).join(" ");
    const own = [world.file("sys"), world.file("dev.old"), nodes];
    const daemon = world.start("sh", ["-c", ownSysAndDev, "sh", ...own, ...wwandCommand(world), ...args]);
    await daemon.line(/wwand is ready/);
    return daemon;
  }

  #tell(action: string, { path }: DeviceSnapshot): void {
    inNetns(this.world.host.path, () => injectUevent(action, path, "usb"));
  }
}
