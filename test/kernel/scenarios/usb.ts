/** The virtual modems on the kernel's own drivers: whether packets pass. */
import { once } from "node:events";
import { closeSync, constants, existsSync, openSync, writeFileSync } from "node:fs";
import { ReadStream } from "node:tty";
import type { Test } from "tap";
import { eventually, within } from "../../lab/eventually.js";
import { labFor } from "../../lab/netns.js";
import type { Guest } from "../guest/guest.js";
import { attributeOf, bound, driversOf, namesOf, plugInAll, setAttribute } from "../guest/modems.js";
import { scenario } from "../guest/scenario.js";

const drivers =
  "vhci-hcd cdc_mbim qmi_wwan option qcserial cdc_acm cdc_ether rndis_host huawei_cdc_ncm usb-storage sr_mod tun".split(
    " ",
  );

/** CDROMEJECT, which no program in the guest does. @see linux/cdrom.h */
const ejectDisc = "import fcntl, os; fcntl.ioctl(os.open('/dev/sr0', os.O_RDONLY | os.O_NONBLOCK), 0x5309)";

/** ARP gives up after three seconds, which is no time for a modem that shares two slow processors with its host. */
const askLonger = (net: string): void => writeFileSync(`/proc/sys/net/ipv4/neigh/${net}/mcast_solicit`, "30");

/** As soon as nobody has it open. From then on each use wakes it. @see Documentation/driver-api/usb/power-management.rst */
async function fallsAsleep(ids: string): Promise<void> {
  setAttribute(ids, "power/autosuspend_delay_ms", "0");
  setAttribute(ids, "power/control", "auto");
  await eventually(
    `${ids} sleeps`,
    () => attributeOf(ids, "power/runtime_status"),
    (status) => status === "suspended",
    30_000,
  );
}

async function pings(t: Test, g: Guest, address: string, what: string): Promise<void> {
  const { code, out } = await g.run("ping", ["-c3", "-i0.3", "-W20", address]);
  t.equal(code, 0, `${what}: ${out.split("\n").find((line) => line.includes("packet loss")) ?? out}`);
}

scenario(
  "MBIM on cdc_mbim: it sleeps and wakes, packets pass, a second session is a VLAN; a reset, the plug",
  async (t, g) => {
    await g.modprobe(...drivers, "8021q");
    const carrier = await labFor(t).namespace("carrier");
    const modems = await plugInAll(g, ["mbim-generic"], carrier);
    await bound(t, g, "1209:0001", "cdc_mbim cdc_mbim");
    const { net, control } = namesOf("1209:0001");
    const mbimcli = (...args: readonly string[]) => g.run("mbimcli", ["-d", `/dev/${control}`, ...args]);
    t.match(await mbimcli("--query-device-caps"), { code: 0, out: /Device ID: '004999010640000'/ });
    await fallsAsleep("1209:0001");
    t.match(await mbimcli("--query-radio-state"), { code: 0, out: /Software radio state: 'on'/ }, "a use wakes it");
    // USB/IP has no message for a device that wakes its host: what arrives for one that sleeps is lost.
    setAttribute("1209:0001", "power/control", "on");
    const connected = await mbimcli("--no-close", "--connect=access-string=internet,ip-type=ipv4v6");
    t.match(connected.out, /IP \[0\]: '10\.64\.0\.2\/24'/);
    await g.run("ip", ["address", "add", "10.64.0.2/24", "dev", net]);
    await g.run("ip", ["link", "set", net, "up"]);
    await pings(t, g, "10.64.0.1", "through session 0");
    await mbimcli("--no-open=10", "--no-close", "--connect=session-id=1,access-string=internet,ip-type=ipv4");
    await g.run("ip", ["link", "add", "link", net, "name", "session1", "type", "vlan", "id", "1"]);
    await g.run("ip", ["address", "add", "10.64.0.3/32", "dev", "session1"]);
    await g.run("ip", ["link", "set", "session1", "up"]);
    await g.run("ip", ["route", "add", "10.64.0.0/28", "dev", "session1", "src", "10.64.0.3"]);
    await pings(t, g, "10.64.0.1", "through session 1");
    const first = attributeOf("1209:0001", "devnum");
    await modems.step(0, "reset");
    const another = (number: string) => number !== "" && number !== first;
    await g.uevents.until("the kernel counts it anew", () => attributeOf("1209:0001", "devnum"), another);
    await bound(t, g, "1209:0001", "cdc_mbim cdc_mbim");
    await modems.step(0, "unplug");
    await g.uevents.until(
      "the device is gone",
      () => driversOf("1209:0001"),
      (found) => found === "",
    );
    t.strictSame(namesOf("1209:0001"), { net: "", control: "", ttys: [] });
    await modems.step(0, "replug");
    await bound(t, g, "1209:0001", "cdc_mbim cdc_mbim");
  },
);

scenario("QMI on qmi_wwan: qmicli connects, packets pass as ethernet and as raw IP", async (t, g) => {
  await g.modprobe(...drivers);
  const carrier = await labFor(t).namespace("carrier");
  await plugInAll(g, ["quectel-ec25"], carrier);
  await bound(t, g, "2c7c:0125", "option option option option qmi_wwan");
  const { net, control, ttys } = namesOf("2c7c:0125");
  const qmicli = (...args: readonly string[]) => g.run("qmicli", ["-d", `/dev/${control}`, ...args]);
  t.match(await qmicli("--dms-get-manufacturer"), { code: 0, out: /Quectel/ });
  const started = await qmicli("--client-no-release-cid", "--wds-start-network=apn=internet,ip-type=4");
  t.match(started, { code: 0, out: /Network started/ });
  await g.run("ip", ["address", "add", "10.64.0.2/24", "dev", net]);
  await g.run("ip", ["link", "set", net, "up"]);
  askLonger(net);
  await pings(t, g, "10.64.0.1", "ethernet, with ARP");
  await g.run("ip", ["link", "set", net, "down"]);
  t.match(await qmicli("--set-expected-data-format=raw-ip"), { code: 0 });
  t.match(await qmicli("--wda-set-data-format=link-layer-protocol=raw-ip"), { code: 0, out: /raw-ip/ });
  await g.run("ip", ["address", "replace", "10.64.0.2/24", "dev", net]);
  await g.run("ip", ["link", "set", net, "up"]);
  await pings(t, g, "10.64.0.1", "raw IP");
  const fd = openSync(`/dev/${ttys[2]}`, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  const port = new ReadStream(fd);
  port.setRawMode(true);
  const answer = new Promise<string>((resolve) => {
    let heard = "";
    port.on("data", (bytes: Buffer) => {
      heard += bytes.toString("latin1");
      if (/OK\r\n$/.test(heard)) resolve(heard);
    });
  });
  // One socket-like stream in both directions, which the types of ReadStream do not tell.
  port.write("AT\r");
  t.match(await within("an answer to AT", answer, 20_000), /OK\r\n$/);
  port.destroy();
  await once(port, "close");
  // libuv opened the terminal anew; while this one stays open, its driver cannot be unloaded.
  if (existsSync(`/proc/self/fd/${fd}`)) closeSync(fd);
});

scenario(
  "RNDIS, ECM and NCM: the modem is the host's router, by DHCP; an ejected disc becomes one of them",
  async (t, g) => {
    await g.modprobe(...drivers);
    const carrier = await labFor(t).namespace("carrier");
    const modems = await plugInAll(g, ["simcom-sim7600-rndis", "huawei-e3131", "huawei-ncm"], carrier);
    await bound(t, g, "1e0e:9011", "rndis_host rndis_host option option option option option");
    await bound(t, g, "12d1:1f01", "usb-storage");
    await g.uevents.until(
      "a disc",
      () => existsSync("/dev/sr0"),
      (isThere) => isThere,
    );
    t.match(await g.run("python3", ["-c", ejectDisc]), { code: 0 });
    await bound(t, g, "12d1:14dc", "cdc_ether cdc_ether");
    await bound(t, g, "12d1:15c1", "option option option huawei_cdc_ncm");
    await modems.step(2, "dial");
    const networks = { "1e0e:9011": "10.64.0", "12d1:14dc": "10.65.0", "12d1:15c1": "10.66.0" };
    await Promise.all(
      Object.entries(networks).map(async ([ids, network]) => {
        const { net } = namesOf(ids);
        await g.run("ip", ["link", "set", net, "up"]);
        const dhcp = await g.run("udhcpc", ["-i", net, "-n", "-q", "-t5", "-T3", "-s", "/bin/true"]);
        t.match(dhcp.out, new RegExp(`lease of ${network.replaceAll(".", "\\.")}\\.2 obtained`), `${ids}: DHCP`);
        await g.run("ip", ["address", "replace", `${network}.2/24`, "dev", net]);
        askLonger(net);
        await pings(t, g, `${network}.1`, ids);
      }),
    );
    t.match(await modems.step(1, "state"), /"composition": "14dc"/);
  },
);
