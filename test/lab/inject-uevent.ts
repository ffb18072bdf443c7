/** Makes the kernel tell a hotplug event in this network namespace, as a container's udevd may. */
import { closeFd, openNetlink, sendTo } from "../../src/native/index.js";

const netlinkKobjectUevent = 15;
/** NLMSG_MIN_TYPE, the first that is not netlink's own. */
const messageType = 0x10;
const request = 0x01;

/** `add`, `/devices/...`, `usbmisc`. Needs CAP_SYS_ADMIN in the namespace's user namespace. @see uevent_net_rcv_skb */
export function injectUevent(action: string, path: string, subsystem: string): void {
  const text = `${action}@${path}\0ACTION=${action}\0DEVPATH=${path}\0SUBSYSTEM=${subsystem}\0`;
  const header = Buffer.alloc(16);
  header.writeUInt32LE(header.length + Buffer.byteLength(text), 0);
  header.writeUInt16LE(messageType, 4);
  header.writeUInt16LE(request, 6);
  const { fd } = openNetlink({ protocol: netlinkKobjectUevent });
  try {
    sendTo(fd, Buffer.concat([header, Buffer.from(text)]), { family: "netlink", portId: 0, groups: 0 });
  } finally {
    closeFd(fd);
  }
}
