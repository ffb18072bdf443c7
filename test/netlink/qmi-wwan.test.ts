import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
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

t.test("an interface that a killed run left up is taken down first, for the kernel refuses otherwise", async (t) => {
  const lab = labFor(t);
  const [host, far] = [await lab.namespace("host"), await lab.namespace("far")];
  await lab.veth(
    { in: host, name: "eth0", ifindex: 10, addresses: [] },
    { in: far, name: "eth1", ifindex: 11, addresses: [] },
  );
  const kernel = Rtnetlink.open({ netns: host.path });
  t.teardown(() => kernel.close());
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
