/**
 * The framing of a qmi_wwan interface, and its channels (QMAP). It must be what the modem does, or every packet is dropped in
 * silence. @see Documentation/ABI/testing/sysfs-class-net-qmi
 */
import { access, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf, ModemError } from "../runtime/error.js";
import type { Rtnetlink } from "./rtnetlink.js";

/** What of the kernel is asked. */
type Links = Pick<Rtnetlink, "link" | "setLink">;

const switches = { "raw-ip": "Y", ethernet: "N" } as const;

export class QmiWwan {
  #mtuBefore: number | undefined;

  constructor(
    private readonly kernel: Links,
    readonly interfaceName: string,
    private readonly sysfs = "/sys",
  ) {}

  /**
   * An interface of another driver has no such choice and is left alone. May lower the interface, which a killed run has left
   * up. @throws with errno when the kernel refuses
   */
  async setFraming(framing: keyof typeof switches): Promise<void> {
    const wanted = switches[framing];
    const now = await readIfThere(this.#file("qmi/raw_ip"));
    if (now === undefined || now === wanted) return;
    // Kernels refuse to end raw IP under channels.
    for (const muxId of (await this.channels()).keys()) await this.removeChannel(muxId);
    await this.#lower();
    await writeFile(this.#file("qmi/raw_ip"), wanted);
  }

  /** Kernel 4.12 or newer. */
  async canMultiplex(): Promise<boolean> {
    return access(this.#file("qmi/add_mux")).then(
      () => true,
      () => false,
    );
  }

  /** `bInterfaceNumber` of its USB interface; undefined for one that is on no USB bus. */
  async usbInterface(): Promise<number | undefined> {
    const text = await readIfThere(this.#file("device/bInterfaceNumber"));
    const number = Number.parseInt(text ?? "", 16);
    return Number.isNaN(number) ? undefined : number;
  }

  /** Interfaces of the channels that there are, by number; those of a killed run, too. */
  async channels(): Promise<ReadonlyMap<number, string>> {
    const found = new Map<number, string>();
    const entries: readonly string[] = await readdir(this.#file(".")).catch(nothingIfGone);
    for (const name of entries.flatMap((entry) => /^upper_(.+)$/.exec(entry)?.[1] ?? [])) {
      const muxId = Number(await readIfThere(join(this.sysfs, "class/net", name, "qmap/mux_id")));
      if (muxId > 0) found.set(muxId, name);
    }
    return found;
  }

  /** The interface of the channel, made where it is not there yet. */
  async addChannel(muxId: number): Promise<string> {
    const present = (await this.channels()).get(muxId);
    if (present !== undefined) return present;
    await writeFile(this.#file("qmi/add_mux"), String(muxId));
    const made = (await this.channels()).get(muxId);
    if (made === undefined) throw new ModemError("refused", `${this.interfaceName} has no channel ${muxId} after all`);
    return made;
  }

  /** One that is gone is fine. */
  async removeChannel(muxId: number): Promise<void> {
    if (!(await this.channels()).has(muxId)) return;
    await writeFile(this.#file("qmi/del_mux"), String(muxId)).catch(nothingIfGone);
  }

  /**
   * Raises the interface for transfers with packets of several channels. Resolves with the bytes that it takes of one: up to
   * `transferBytes`, but some kernels (6.1.192) bound the MTU, by which usbnet sizes its buffers, to that of one packet.
   */
  async carryChannels(transferBytes: number): Promise<number> {
    const link = await this.kernel.link(this.interfaceName);
    if (link === undefined) throw new ModemError("unplugged", `there is no interface ${this.interfaceName}`);
    const { ifindex, mtu: before, addrGenMode } = link;
    // usbnet refuses multiples of its endpoint's packets: odd numbers are none.
    const mtu = transferBytes | 1;
    const isRoomy = before >= transferBytes || (await this.#tryMtu(ifindex, mtu));
    if (isRoomy && before < transferBytes) this.#mtuBefore = before;
    await this.kernel.setLink(ifindex, { ...(addrGenMode === undefined ? {} : { addrGenMode: "none" }), up: true });
    return isRoomy ? transferBytes : before;
  }

  /** False: the kernel has no such MTU here. */
  async #tryMtu(ifindex: number, mtu: number): Promise<boolean> {
    try {
      await this.kernel.setLink(ifindex, { mtu });
      return true;
    } catch (error) {
      if (errnoOf(error) === "EINVAL") return false;
      throw error;
    }
  }

  /** Removes all channels and leaves the interface as it was. */
  async endChannels(): Promise<void> {
    for (const muxId of (await this.channels()).keys()) await this.removeChannel(muxId);
    await this.#lower(this.#mtuBefore);
    this.#mtuBefore = undefined;
  }

  async #lower(mtu?: number): Promise<void> {
    const link = await this.kernel.link(this.interfaceName);
    if (link === undefined || (!link.up && mtu === undefined)) return;
    await this.kernel.setLink(link.ifindex, { ...(mtu === undefined ? {} : { mtu }), up: false });
  }

  #file(name: string): string {
    return join(this.sysfs, "class/net", this.interfaceName, name);
  }
}

const gone: readonly (string | undefined)[] = ["ENOENT", "ENODEV"];

function nothingIfGone(error: unknown): [] {
  if (gone.includes(errnoOf(error))) return [];
  throw error;
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    if (gone.includes(errnoOf(error))) return undefined;
    throw error;
  }
}
