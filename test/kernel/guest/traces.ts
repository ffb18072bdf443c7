/** What a scenario could leave behind on the machine, and whether it did. */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { errnoOf } from "../../../src/runtime/error.js";
import { eventually } from "../../lab/eventually.js";

const run = promisify(execFile);

/** What was told to end is given so long to be gone. */
const graceMs = 10_000;

export class Traces {
  private constructor(private readonly before: ReadonlySet<string>) {}

  static async read(): Promise<Traces> {
    return new Traces(new Set(await everything()));
  }

  /** What is there now and was not, in words. Processes among it are ended, so that the next scenario is not to blame. */
  async leftBehind(): Promise<readonly string[]> {
    const read = async () => (await everything()).filter((trace) => !this.before.has(trace));
    const left = await eventually("nothing left", read, ({ length }) => length === 0, graceMs).catch(read);
    for (const trace of left) endProcess(trace);
    return left;
  }
}

function endProcess(trace: string): void {
  const pid = Number(/^process (\d+)/.exec(trace)?.[1]);
  if (!Number.isInteger(pid)) return;
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (errnoOf(error) !== "ESRCH") throw error;
  }
}

async function everything(): Promise<readonly string[]> {
  return [
    ...processes(),
    ...entries("/sys/class/net", "interface"),
    ...entries("/run/netns", "namespace"),
    ...entries("/sys/class/usbmisc", "control device"),
    ...entries("/sys/class/tty", "tty").filter((name) => /USB|ACM/.test(name)),
    ...entries("/sys/bus/usb/devices", "USB device").filter((name) => !/usb\d+$|-0:1\.0$/.test(name)),
    ...usedPorts(),
    ...(await network()),
  ];
}

const entries = (folder: string, kind: string): readonly string[] => names(folder).map((name) => `${kind} ${name}`);

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    // Classes and namespaces come into being with their first member.
    if (errnoOf(error) === "ENOENT") return [];
    throw error;
  }
}

/** Neither kernel threads nor this process; what reads the traces is gone when it has answered. */
function processes(): readonly string[] {
  return names("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const command = contents(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
      return command === "" ? [] : [`process ${pid}: ${command}`];
    });
}

function contents(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes(errnoOf(error) ?? "")) return "";
    throw error;
  }
}

const hostController = "/sys/devices/platform";
/** VDEV_ST_NULL: nothing is plugged in. */
const free = "004";

/** @see Documentation/ABI/testing/sysfs-platform-vhci_hcd: hub, port, state, speed, device, socket, bus id. */
function usedPorts(): readonly string[] {
  const controllers = names(hostController).filter((name) => name === "vhci_hcd.0");
  return controllers.flatMap((controller) =>
    names(`${hostController}/${controller}`)
      .filter((name) => /^status/.test(name))
      .flatMap((name) => contents(`${hostController}/${controller}/${name}`).split("\n").slice(1))
      .map((row) => row.trim().split(/\s+/))
      .filter(([, port, state]) => port !== undefined && state !== free)
      .map(([hub, port, state]) => `vhci port ${hub} ${port} in state ${state}`),
  );
}

const asked = ["-4 rule", "-6 rule", "-4 route show table all", "-6 route show table all", "-br address"];

/** By one shell: a program that Node starts costs the guest more than one that a shell starts. */
async function network(): Promise<readonly string[]> {
  const { stdout } = await run("sh", ["-c", asked.map((what) => `ip ${what}; echo --`).join("; ")]);
  return stdout.split("--\n").flatMap((told, index) =>
    told
      .split("\n")
      .filter(Boolean)
      .map((line) => `ip ${asked[index]}: ${line.trim()}`),
  );
}
