import t from "tap";
import { listenUevents, parseUevent, type Uevent } from "../../src/discovery/uevents.js";
import { closeFd, createNetns, inNetns, openNetlink, openTun, sendTo } from "../../src/native/index.js";
import { eventually } from "../lab/eventually.js";
import { injectUevent } from "../lab/inject-uevent.js";

t.test("a message of the kernel, and what is none", async (t) => {
  const path = "/devices/pci0000:00/usb1/1-1/1-1:1.0/usbmisc/cdc-wdm0";
  const bytes = Buffer.from(`add@${path}\0ACTION=add\0DEVPATH=${path}\0SUBSYSTEM=usbmisc\0SEQNUM=7\0`);
  t.strictSame(parseUevent(bytes), { action: "add", path, subsystem: "usbmisc" });
  for (const text of ["", "libudev\0\xfe\xed", "add@", "@/devices", "remove", "\0\0\0"])
    t.equal(parseUevent(Buffer.from(text)), undefined, JSON.stringify(text));
  for (let length = 0; length < bytes.length; length++) t.doesNotThrow(() => parseUevent(bytes.subarray(0, length)));
});

t.test("the kernel's events of this namespace are heard, another process's are not", async (t) => {
  const netns = createNetns();
  const heard: Uevent[] = [];
  const listener = { event: (event: Uevent) => void heard.push(event), lost: () => t.fail("nothing was lost") };
  const uevents = inNetns(netns, () => listenUevents(listener));
  t.teardown(() => uevents.close());
  const forger = inNetns(netns, () => openNetlink({ protocol: 15 }));
  const forged = Buffer.from("add@/devices/forged\0ACTION=add\0SUBSYSTEM=usb\0");
  sendTo(forger.fd, forged, { family: "netlink", portId: 0, groups: 1 });
  const tun = inNetns(netns, () => openTun("hotplug0"));
  inNetns(netns, () => injectUevent("remove", "/devices/pci0000:00/usb1/1-1", "usb"));
  await eventually(
    "the events",
    () => heard,
    (events) => events.some(({ action }) => action === "remove"),
  );
  t.match(
    heard.find(({ subsystem }) => subsystem === "net"),
    { action: "add", path: "/devices/virtual/net/hotplug0" },
  );
  t.strictSame(heard.at(-1), { action: "remove", path: "/devices/pci0000:00/usb1/1-1", subsystem: "usb" });
  t.notOk(heard.some(({ path }) => path === "/devices/forged"));
  for (const fd of [tun.fd, forger.fd, netns]) closeFd(fd);
});
