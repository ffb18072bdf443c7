/** What everything else stands on: the kernel, its modules, namespaces. */
import { readdirSync, readFileSync } from "node:fs";
import { release } from "node:os";
import { scenario } from "../guest/scenario.js";

scenario("Debian's kernel runs, with the drivers that modems need", async (t, g) => {
  t.match(release(), /^\d+\.\d+\.\d+.*-amd64$/);
  await g.modprobe(
    "cdc_mbim",
    "qmi_wwan",
    "huawei_cdc_ncm",
    "rndis_host",
    "option",
    "cdc_acm",
    "usb-storage",
    "usbmon",
  );
  const drivers = readdirSync("/sys/bus/usb/drivers");
  for (const driver of ["cdc_mbim", "qmi_wwan", "huawei_cdc_ncm", "rndis_host", "option", "cdc_acm", "usb-storage"])
    t.ok(drivers.includes(driver), `${driver} is there`);
  await g.modprobe("ppp_async", "ppp_deflate", "8021q", "sch_netem", "dummy");
  t.match(readFileSync("/proc/devices", "utf8"), /^\s*108 ppp$/m, "kernel PPP");
  t.notMatch(g.dmesg(), /\b(BUG|Oops|WARNING):/);
});

scenario("a virtual USB host controller has free ports", async (t, g) => {
  await g.modprobe("vhci-hcd");
  const ports = await g.uevents.until(
    "ports",
    () => readFileSync("/sys/devices/platform/vhci_hcd.0/status", "utf8").split("\n").slice(1).filter(Boolean),
    ({ length }) => length > 0,
  );
  t.ok(ports.filter((row) => /^hs\s+\d+ 004/.test(row)).length >= 4, "at least four high-speed ports are free");
});

scenario("namespaces, address translation and a delayed link work", async (t, g) => {
  const world = await g.world();
  t.ok(await world.reaches("203.0.113.10"), "IPv4 through two routers");
  t.ok(await world.reaches("2001:db8:feed::10"), "IPv6");
  const nat =
    "add table ip nat; add chain ip nat out { type nat hook postrouting priority srcnat; }; add rule ip nat out masquerade";
  await world.carrier.run("nft", nat);
  t.match(await world.carrier.run("nft", "list", "ruleset"), /masquerade/);
  await world.carrier.run("tc", ..."qdisc add dev up0 root netem delay 50ms".split(" "));
  t.match(await world.carrier.run("ping", "-c1", "-W5", "198.51.100.6"), /time=\d{2,} ms/, "50 ms later");
});
