import { spawn } from "node:child_process";
import { once } from "node:events";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { PortFacts } from "../../src/discovery/port-facts.js";
import { portsOf } from "../../src/discovery/snapshot.js";
import { closeFd, openPty } from "../../src/native/index.js";
import { gadgets, modems, snapshotOf } from "./machines.js";

t.test(
  "the program that holds a modem's port is named, until it has let go; a gadget's port is not looked at",
  async (t) => {
    const dev = t.testdir({});
    const [control, board] = [openPty(), openPty()];
    symlinkSync(control.path, join(dev, "cdc-wdm0"));
    symlinkSync(board.path, join(dev, "ttyACM0"));
    const facts = new PortFacts(dev);
    const seen = async () => {
      const { devices } = await facts.added(
        snapshotOf(modems.mbim(), { ...gadgets.arduino, path: "/devices/1-2" }),
        [],
      );
      return devices.flatMap(portsOf).map(({ port: { name, access, holder } }) => [name, access, holder]);
    };
    // Opens the port, says so, and waits to be ended.
    const program = spawn("sh", ["-c", 'exec 3<>"$1"; echo open; exec sleep 60', "sh", control.path]);
    await once(program.stdout, "data");
    t.strictSame(await seen(), [
      ["cdc-wdm0", "ok", `sleep (pid ${program.pid})`],
      ["wwan0", undefined, undefined],
      ["ttyACM0", undefined, undefined],
    ]);
    const ended = once(program, "exit");
    program.kill();
    await ended;
    t.strictSame((await seen())[0], ["cdc-wdm0", "ok", undefined], "what was in the way is looked at again");
    for (const { fd } of [control, board]) closeFd(fd);
  },
);

t.test("a port without a node", async (t) => {
  const { devices } = await new PortFacts(t.testdir({})).added(snapshotOf(modems.mbim()), []);
  t.match(devices.flatMap(portsOf)[0]?.port, { name: "cdc-wdm0", access: "no node" });
});
