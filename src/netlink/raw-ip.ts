/**
 * The framing of a qmi_wwan interface. It must be what the modem does, or every packet is dropped in silence.
 * @see Documentation/ABI/testing/sysfs-class-net-qmi: raw_ip may be written while the interface is down
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf } from "../runtime/error.js";
import type { Rtnetlink } from "./rtnetlink.js";

/** What of the kernel is asked. */
type Links = Pick<Rtnetlink, "link" | "setLink">;

/**
 * Sets raw IP on `interfaceName`, which a killed run may have left up. An interface of another driver has no such choice and
 * is left alone. @throws with errno when the kernel refuses
 */
export async function setRawIp(kernel: Links, interfaceName: string, sysfs = "/sys"): Promise<void> {
  const file = join(sysfs, "class/net", interfaceName, "qmi/raw_ip");
  const now = await readFile(file, "utf8").catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  });
  if (now === undefined || now.trim() === "Y") return;
  const link = await kernel.link(interfaceName);
  if (link?.up === true) await kernel.setLink(link.ifindex, { up: false });
  await writeFile(file, "Y");
}
