/** Debian's NetworkManager, unmodified, as packaging/setup unpacked it, on the host of a world: it keeps eth0. */
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Program } from "./program.js";
import { ispEthernet, root, type World } from "./world.js";

const debs = join(root, ".cache/debs/root");
const networkManager = join(debs, "usr/sbin/NetworkManager");

/** Of its Debian package, for `World.build`. */
export const networkManagerBusPolicy = join(debs, "usr/share/dbus-1/system.d/org.freedesktop.NetworkManager.conf");

/** For tap's `skip`. */
export const networkManagerMissing = (): string | false =>
  existsSync(networkManager) ? false : "NetworkManager is not unpacked in .cache/debs: run packaging/setup";

/** There is nobody here whom polkit would have to ask. @see NetworkManager.conf(5) */
const general = `[main]
plugins=keyfile
auth-polkit=root-only
[keyfile]
unmanaged-devices=except:interface-name:eth0
`;

const { ipv4, ipv6 } = ispEthernet;
/** @see nm-settings-keyfile(5) */
const wired = `[connection]
id=wired
uuid=8f5f1bd3-27dc-4bfb-9c3e-1c2b8b7fd7a1
type=ethernet
interface-name=eth0
[ipv4]
method=manual
address1=${ipv4.address}/${ipv4.prefixLength},${ipv4.gateway}
dns=${ipv4.gateway};
[ipv6]
method=manual
address1=${ipv6.address}/${ipv6.prefixLength},${ipv6.gateway}
`;

/** Starts it with an /etc, a /run and a /var/lib of the world's own. A read-only /sys: no udev is expected. */
export async function startNetworkManager(world: World): Promise<Program> {
  const connections = join(world.file("etc"), "NetworkManager/system-connections");
  await mkdir(connections, { recursive: true });
  await writeFile(join(world.file("etc"), "NetworkManager/NetworkManager.conf"), general);
  await writeFile(join(connections, "wired.nmconnection"), wired, { mode: 0o600 });
  const script = `set -e; mount -o remount,bind,ro /sys; mount -t tmpfs tmpfs /run; mount -t tmpfs tmpfs /var/lib
    mkdir -p /var/lib/NetworkManager; exec "$@"`;
  const environment = {
    DBUS_SYSTEM_BUS_ADDRESS: world.bus.address,
    LD_LIBRARY_PATH: join(debs, "usr/lib/x86_64-linux-gnu"),
  };
  // It stays in the foreground and logs to standard error.
  const command = [networkManager, "--debug"];
  return world.start("sh", ["-c", script, "sh", ...command], environment, "NetworkManager");
}
