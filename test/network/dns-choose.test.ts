import t from "tap";
import { chooseDns, type ResolverSigns } from "../../src/network/dns/choose.js";

const link = (target: string, resolvedOnBus: boolean): ResolverSigns => ({
  resolvConf: { is: "symlink", target },
  resolvedOnBus,
});
const file = (text: string, resolvedOnBus = false): ResolverSigns => ({
  resolvConf: { is: "file", text },
  resolvedOnBus,
});

/** What lies at /etc/resolv.conf, and the line that the log shows. */
const machines: Readonly<Record<string, readonly [ResolverSigns, string]>> = {
  "Debian 13 or Ubuntu with systemd-resolved": [
    link("/run/systemd/resolve/stub-resolv.conf", true),
    "dns=resolved resolv.conf=symlink target=/run/systemd/resolve/stub-resolv.conf",
  ],
  "resolved without its stub": [
    link("/run/systemd/resolve/resolv.conf", true),
    "dns=resolved resolv.conf=symlink target=/run/systemd/resolve/resolv.conf",
  ],
  "resolved's static file": [
    link("/usr/lib/systemd/resolv.conf", true),
    "dns=resolved resolv.conf=symlink target=/usr/lib/systemd/resolv.conf",
  ],
  "resolved owns the file but does not run": [
    link("/run/systemd/resolve/stub-resolv.conf", false),
    "dns=none resolv.conf=symlink target=/run/systemd/resolve/stub-resolv.conf owner=systemd-resolved, which is not on the bus",
  ],
  "a copy of resolved's stub": [
    file("# copied\nnameserver 127.0.0.53\noptions edns0\n", true),
    "dns=resolved resolv.conf=file with resolved's stub",
  ],
  "resolved runs, but the file is somebody's own": [file("nameserver 192.0.2.53\n", true), "dns=file resolv.conf=file"],
  "a DHCP client's file": [file("search example.org\nnameserver 192.0.2.53\n"), "dns=file resolv.conf=file"],
  "no file at all": [{ resolvConf: { is: "absent" }, resolvedOnBus: false }, "dns=file resolv.conf=absent"],
  "left by a killed wwand": [
    file("# written by wwand for the uplink lte: ...\nnameserver 198.51.100.53\n"),
    "dns=file resolv.conf=ours (left by an earlier run)",
  ],
  "resolvconf or openresolv": [
    link("/run/resolvconf/resolv.conf", false),
    "dns=none resolv.conf=symlink target=/run/resolvconf/resolv.conf owner=foreign",
  ],
  "NetworkManager's own file": [
    link("/run/NetworkManager/resolv.conf", true),
    "dns=none resolv.conf=symlink target=/run/NetworkManager/resolv.conf owner=foreign",
  ],
};

for (const [machine, [signs, line]] of Object.entries(machines))
  t.test(machine, async (t) => {
    const { backend, because } = chooseDns(signs);
    t.equal(because, line);
    t.ok(because.startsWith(`dns=${backend} `), "the line says what is done");
  });
