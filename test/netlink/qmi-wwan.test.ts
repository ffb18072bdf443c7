import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t, { type Test } from "tap";
import { QmiWwan } from "../../src/netlink/qmi-wwan.js";
import { Rtnetlink } from "../../src/netlink/rtnetlink.js";
import { labFor } from "../lab/netns.js";

/** qmi_wwan itself is met in the guest; here its sysfs file stands beside a real interface. */
async function fakeSysfs(folder: string, content: string): Promise<string> {
  await mkdir(join(folder, "class/net/eth0/qmi"), { recursive: true });
  const file = join(folder, "class/net/eth0/qmi/raw_ip");
  await writeFile(file, content);
  return file;
}

async function cabled(t: Test): Promise<Rtnetlink> {
  const lab = labFor(t);
  const [host, far] = [await lab.namespace("host"), await lab.namespace("far")];
  await lab.veth(
    { in: host, name: "eth0", ifindex: 10, addresses: [] },
    { in: far, name: "eth1", ifindex: 11, addresses: [] },
  );
  const kernel = Rtnetlink.open({ netns: host.path });
  t.teardown(() => kernel.close());
  return kernel;
}

t.test("an interface that a killed run left up is taken down first, for the kernel refuses otherwise", async (t) => {
  const kernel = await cabled(t);
  const file = await fakeSysfs(t.testdir(), "N\n");
  await new QmiWwan(kernel, "eth0", t.testdirName).setFraming("raw-ip");
  t.equal(await readFile(file, "utf8"), "Y");
  t.equal((await kernel.link("eth0"))?.up, false);
});

t.test("raw already, or an interface of another driver: nothing is touched", async (t) => {
  const untouched = {
    link: () => Promise.reject(new Error("nobody may ask")),
    setLink: () => Promise.reject(new Error("nobody may set")),
  };
  const file = await fakeSysfs(t.testdir(), "Y\n");
  await new QmiWwan(untouched, "eth0", t.testdirName).setFraming("raw-ip");
  await new QmiWwan(untouched, "wwan7", t.testdirName).setFraming("raw-ip");
  t.equal(await readFile(file, "utf8"), "Y\n");
});

/** The driver's files beside a real interface; what is written there has no effect but is read again. */
async function channelFiles(folder: string, muxes: Readonly<Record<string, string>>): Promise<string> {
  const net = join(folder, "class/net");
  await mkdir(join(net, "eth0/qmi"), { recursive: true });
  for (const name of ["add_mux", "del_mux"]) await writeFile(join(net, "eth0/qmi", name), "");
  for (const [name, muxId] of Object.entries(muxes)) {
    await mkdir(join(net, `eth0/upper_${name}`));
    await mkdir(join(net, name, "qmap"), { recursive: true });
    await writeFile(join(net, name, "qmap/mux_id"), `${muxId}\n`);
  }
  return join(net, "eth0/qmi");
}

t.test("channels are found by their numbers, whoever made them; what is not a channel is none", async (t) => {
  const kernel = await cabled(t);
  const files = await channelFiles(t.testdir(), { qmimux0: "0x01", qmimux4: "0x07" });
  await mkdir(join(t.testdirName, "class/net/eth0/upper_br0"));
  const qmi = new QmiWwan(kernel, "eth0", t.testdirName);
  t.ok(await qmi.canMultiplex());
  t.strictSame(
    [...(await qmi.channels())],
    [
      [1, "qmimux0"],
      [7, "qmimux4"],
    ],
  );
  t.equal(await qmi.addChannel(7), "qmimux4", "one that is there is not made again");
  t.equal(await readFile(join(files, "add_mux"), "utf8"), "");
  await t.rejects(qmi.addChannel(2), { code: "refused", message: /no channel 2/ }, "a kernel that does nothing");
  await qmi.removeChannel(7);
  t.equal(await readFile(join(files, "del_mux"), "utf8"), "7");
});

t.test("room for transfers as the kernel grants it, given back at the end", async (t) => {
  const kernel = await cabled(t);
  await channelFiles(t.testdir(), {});
  const qmi = new QmiWwan(kernel, "eth0", t.testdirName);
  t.equal(await qmi.carryChannels(8_192), 8_192);
  t.match(await kernel.link("eth0"), { mtu: 8_193, up: true }, "no multiple of the endpoint's packets");
  await qmi.endChannels();
  t.match(await kernel.link("eth0"), { mtu: 1_500, up: false });
  t.equal(await qmi.carryChannels(70_000), 1_500, "more than this interface takes");
  t.match(await kernel.link("eth0"), { mtu: 1_500, up: true });
});

t.test("no modem's interface, or one that has gone", async (t) => {
  const gone = new QmiWwan(await cabled(t), "wwan7", t.testdir());
  t.equal(await gone.canMultiplex(), false);
  t.equal(await gone.usbInterface(), undefined);
  t.strictSame([...(await gone.channels())], []);
  await t.rejects(gone.carryChannels(8_192), { code: "unplugged" });
  await gone.endChannels();
});
