import { execFileSync } from "node:child_process";
import t from "tap";
import { DhcpLease } from "../../src/dhcp/lease.js";
import { PppConnection } from "../../src/ppp/connection.js";
import { systemClock } from "../../src/runtime/clock.js";
import { errorText } from "../../src/runtime/error.js";
import { silentLog } from "../../src/runtime/log.js";
import { findProgram } from "../../src/runtime/program.js";
import { inOwnLab } from "../lab/own-lab.js";

const context = { clock: systemClock, log: silentLog };
const never = new AbortController().signal;

/** Nothing that could be executed is at its place any more, in this laboratory. */
function hide(name: string): void {
  for (let path = findProgram(name); path !== undefined; path = findProgram(name))
    execFileSync("mount", ["--bind", "/dev/null", path]);
}

if (await inOwnLab(t, import.meta.url)) {
  t.test("a machine without pppd is told which package has it", async (t) => {
    hide("pppd");
    const request = { ttyPath: "/dev/null", families: "ip", username: "", password: "", auth: "none" } as const;
    const error = await PppConnection.start(request, context, never).catch((error: unknown) => error);
    t.match(error, { code: "unsupported" });
    t.equal(errorText(error), "pppd is not installed: Debian's package is ppp");
  });

  t.test("a machine without udhcpc, and one whose busybox has it", async (t) => {
    hide("udhcpc");
    if (findProgram("busybox") !== undefined)
      t.match(
        await DhcpLease.start("usb9", context, never).catch((error: unknown) => error),
        { message: /^udhcpc on usb9 ended \(exit code 1\)/ },
        "busybox is asked",
      );
    hide("busybox");
    const error = await DhcpLease.start("usb9", context, never).catch((error: unknown) => error);
    t.match(error, { code: "unsupported" });
    t.equal(errorText(error), "udhcpc is not installed: Debian's package is udhcpc");
  });
}
