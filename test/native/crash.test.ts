/** What must never end the process: each case runs in a program of its own, which has to say that it is alive. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import t from "tap";

const native = fileURLToPath(new URL("../../src/native/index.ts", import.meta.url));
const addonTs = fileURLToPath(new URL("../../src/native/addon.ts", import.meta.url));

function runProgram(source: string): { status: number | null; signal: string | null; stdout: string; stderr: string } {
  const program = `import * as native from ${JSON.stringify(native)};
import { addon } from ${JSON.stringify(addonTs)};
const quiet = { onMessages() {}, onDatagrams() {}, onEnd() {} };
${source}`;
  return spawnSync(process.execPath, ["--import=tsx", "--input-type=module", "-e", program], { encoding: "utf8" });
}

t.test("every function survives every kind of wrong argument", async (t) => {
  const { status, signal, stdout, stderr } = runProgram(`
    const odd = [undefined, null, true, -1, 1.5, NaN, Infinity, 2 ** 40, 1e300, "", "x".repeat(70000), "nul\\0", Symbol("s"), 10n,
      {}, [], () => { throw new Error("from the callback"); }, Buffer.alloc(0), new Uint16Array(3), new ArrayBuffer(8),
      new Proxy({}, { get() { throw new Error("from the getter"); } }), { family: "inet", address: "1.2.3.4", port: 99999 },
      { family: "inet6", address: "zz", port: 1 }, { family: "unix", path: "" }, { family: "unix", path: "/" + "y".repeat(107) },
      { family: "packet", ifindex: 1, protocol: 1, hardwareAddress: Buffer.alloc(9) }, { family: "netlink", portId: -1, groups: 0 }];
    let refused = 0, wrong = 0;
    for (const [name, call] of Object.entries(addon())) {
      if (name === "createNetns" || name === "openPty") continue;
      for (let count = 0; count <= 4; count++) for (const a of odd) for (const b of odd) {
        // The descriptors are ones that are not open: a write to 1 would be an answer of its own.
        const args = [typeof a === "number" && a >= 0 ? 9999 : a, b, a, b, a, b, a].slice(0, count);
        try { call(...args); } catch (error) { refused++; if (!(error instanceof Error)) wrong++; }
      }
    }
    console.log("alive", refused > 1000, wrong);`);
  t.strictSame({ status, signal, last: stdout.trim() }, { status: 0, signal: null, last: "alive true 0" }, stderr);
});

t.test("a listener that throws is an uncaught exception of the program, which may handle it and go on", async (t) => {
  const { status, stdout, stderr } = runProgram(`
    const [near, far] = native.socketPair("seqpacket");
    const messages = [];
    process.on("uncaughtException", (error) => messages.push(error.message));
    const channel = new native.FdChannel(near, { kind: "frames" }, {
      onMessages(list) { messages.push(String(list[0])); if (messages.length < 3) throw new Error("listener"); channel.close(); native.closeFd(far); console.log(messages.join()); },
      onEnd() {},
    });
    native.writeFd(far, Buffer.from("one"));
    setImmediate(() => setImmediate(() => native.writeFd(far, Buffer.from("two"))));`);
  t.strictSame({ status, stdout: stdout.trim() }, { status: 0, stdout: "one,listener,two" }, stderr);
});

t.test("netlink overrun (ENOBUFS) is a trouble that is told, and the socket works on", async (t) => {
  // npm netlink's own binding aborts the process here.
  const { status, signal, stdout, stderr } = runProgram(`
    const netns = native.createNetns();
    const { fd, portId } = native.inNetns(netns, () => native.openNetlink({ protocol: 0, groups: [1], receiveBufferBytes: 2304 }));
    const getLink = Buffer.alloc(32);
    getLink.writeUInt32LE(32, 0); getLink.writeUInt16LE(18, 4); getLink.writeUInt16LE(0x301, 6); getLink.writeUInt32LE(7, 8);
    const troubles = [];
    let replies = 0;
    const channel = new native.DatagramChannel(fd, { maxMessageBytes: 32768 }, {
      onDatagrams(list) { if (troubles.length > 0) { replies += list.length; console.log("alive", troubles[0], portId > 0); channel.close(); } },
      onTrouble(error) { troubles.push(error.code); void channel.send(getLink, { family: "netlink", portId: 0, groups: 0 }); },
      onEnd(error) { console.log("ended", error); },
    });
    for (let i = 0; i < 200; i++) native.closeFd(native.inNetns(netns, () => native.openTun("burst%d")).fd);`);
  t.strictSame(
    { status, signal, stdout: stdout.trim() },
    { status: 0, signal: null, stdout: "alive ENOBUFS true" },
    stderr,
  );
});

t.test("a worker that ends while it polls leaves no handle and no descriptor behind", async (t) => {
  const { status, signal, stdout, stderr } = runProgram(`
    import { Worker } from "node:worker_threads";
    import { once } from "node:events";
    import { readdirSync } from "node:fs";
    const file = addon && ${JSON.stringify(fileURLToPath(new URL("../../build/Release/wwand.node", import.meta.url)))};
    const source = \`
      const addon = require(\${JSON.stringify(file)});
      const { parentPort } = require("node:worker_threads");
      const none = () => undefined;
      const [near] = addon.socketPair("stream");
      const poller = addon.createPoller(near, "read", 100, 1, none, none, none);
      poller.watch(true, false);
      parentPort.postMessage("polling");\`;
    const counts = [];
    for (let i = 0; i < 3; i++) {
      const worker = new Worker(source, { eval: true, execArgv: [] });
      await once(worker, "message");
      await worker.terminate();
      counts.push(readdirSync("/proc/self/fd").length);
    }
    console.log("alive", counts[2] - counts[1]);`);
  // The one socket that was not polled stays open in the process; the polled one is closed.
  t.strictSame({ status, signal, stdout: stdout.trim() }, { status: 0, signal: null, stdout: "alive 1" }, stderr);
});

t.test("a program with an open channel ends by process.exit and by running out of work", async (t) => {
  const open = `const [near] = native.socketPair("stream"); const channel = new native.FdChannel(near, { kind: "bytes" }, quiet);`;
  t.equal(runProgram(`${open} process.exit(7);`).status, 7);
  t.equal(runProgram(`${open} channel.setRef(false);`).status, 0);
  t.equal(runProgram(`${open} channel.close();`).status, 0);
});
