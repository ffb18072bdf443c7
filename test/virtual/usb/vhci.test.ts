/** This machine's own kernel as the host: what its table of ports means, and what is said where it has none. */
import { existsSync } from "node:fs";
import t from "tap";
import { silentLog } from "../../../src/runtime/log.js";
import { openVhci } from "../../../src/virtual/usb/usbip/vhci.js";
import { freePorts } from "../../../src/virtual/usb/usbip/vhci-status.js";

/** As Linux 6.1 prints it with one device of high speed on the first port. */
const status = `hub port sta spd dev      sockfd local_busid
hs  0000 006 003 00010002 000024 1-1
hs  0001 004 000 00000000 000000 0-0
hs  0002 005 000 00000000 000000 0-0
hs  0014 004 000 00000000 000000 0-0
ss  0008 004 000 00000000 000000 0-0
`;

t.test("free ports are those of high speed that nobody uses", async (t) => {
  t.strictSame(freePorts(status), [1, 14]);
  t.strictSame(freePorts(""), []);
  t.strictSame(freePorts("nonsense\n\nhs\n"), []);
});

t.test(
  "without the kernel's module the user is told which",
  { skip: existsSync("/sys/devices/platform/vhci_hcd.0") && "it is loaded" },
  async (t) => {
    await t.rejects(openVhci(silentLog), /modprobe vhci-hcd/);
  },
);
