/** wwand was killed with a connection up, and starts again: the modem still has it. */
import t, { type Test } from "tap";
import { openQmiDriver } from "../../src/drivers/qmi.js";
import type { DataCallRequest } from "../../src/modem/types.js";
import { silentLog } from "../../src/runtime/log.js";
import { qmiGeneric } from "../../src/virtual/profiles/qmi-generic.js";
import { FakeDataLink, FakeQmiWwan } from "../fakes/qmi-wwan.js";
import { parts } from "./mbim-rig.js";
import { never, overheard, Rig } from "./rig.js";

const dual: DataCallRequest = { apn: "internet", username: "", password: "", auth: "none", protocol: "dual" };

/** One modem, of which each `run` is a new process that the one before could not close. */
function machine(t: Test) {
  let stored: unknown;
  const kept = {
    read: async () => JSON.parse(JSON.stringify(stored ?? null)),
    write: async (value: unknown) => {
      stored = value;
    },
  };
  let said: string[] = [];
  const kernel = new FakeQmiWwan();
  const options = { interfaceName: "wwan0", log: silentLog, signal: never, framing: kernel, kept };
  const rig = new Rig(
    {
      name: "qmi",
      face: "qmi",
      open: (link, clock) =>
        openQmiDriver(
          overheard(link, (name) => said.push(name)),
          { ...options, clock, multiplex: "always" },
        ),
    },
    qmiGeneric,
    { context: { dataLink: new FakeDataLink(), port: 4 } },
  );
  t.teardown(() => rig.cable.unplug());
  return {
    rig,
    kernel,
    sessions: () => rig.machine.state.sessions.map(({ id }) => id),
    keep: (value: unknown) => {
      stored = value;
    },
    run: async () => {
      said = [];
      const driver = await rig.open();
      await rig.pass(300);
      const { dataCalls, packetService } = parts({ driver });
      await rig.soon(packetService.attach(never));
      return {
        driver,
        dataCalls,
        said,
        start: (request: DataCallRequest) => rig.soon(dataCalls.start(request, never)),
      };
    },
  };
}

t.test("whoever asks for the same has it at once: same addresses, same interface, nothing was reset", async (t) => {
  const { rig, run, sessions, kernel } = machine(t);
  const before = await (await run()).start(dual);
  const living = sessions();

  const { said, start, dataCalls } = await run();
  t.notOk(said.includes("CTL SYNC"), "which would have ended it");
  t.notOk(said.includes("WDA SET_DATA_FORMAT"), "its packets go on as they did");
  t.equal(said.filter((name) => name === "CTL RELEASE_CID").length, 3, "ids of no use are given back");
  const after = await start(dual);
  t.strictSame(after.settings, before.settings);
  t.equal(after.interfaceName, before.interfaceName);
  t.strictSame(sessions(), living, "the very same connection");
  t.notOk(said.includes("WDS START_NETWORK"));
  const second = await start({ ...dual, apn: "v4only", protocol: "ip" });
  t.equal(second.interfaceName, "qmimux1", "a channel beside that of the living one");

  rig.machine.send({ type: "changeIp" });
  await rig.pass(100);
  t.match(rig.last("callSettingsChanged"), [second.handle], "it is heard of as any other is");
  rig.machine.send({ type: "dropBearer", cause: 36 });
  await rig.pass(100);
  t.match(
    rig.heard
      .filter(([name]) => name === "callEnded")
      .map(([, handle]) => handle)
      .sort(),
    [after.handle, second.handle],
  );
  await rig.soon(dataCalls.stop(after.handle, never));
  t.equal(kernel.channels.size, 2);
});

t.test("killed twice: the third run has it, too", async (t) => {
  const { run, sessions } = machine(t);
  await (await run()).start(dual);
  const living = sessions();
  await (await run()).start(dual);
  await (await run()).start(dual);
  t.strictSame(sessions(), living);
});

t.test("whoever asks for something else has that, and the old connection is stopped in order", async (t) => {
  const { run, sessions } = machine(t);
  await (await run()).start(dual);
  const living = sessions();
  const { start, said } = await run();
  await start({ ...dual, apn: "v4only", protocol: "ip" });
  t.equal(said.filter((name) => name === "WDS STOP_NETWORK").length, 2);
  t.notOk(sessions().some((id) => living.includes(id)));
});

t.test("nobody asks: it is not left open for ever", async (t) => {
  const { rig, run, sessions } = machine(t);
  await (await run()).start(dual);
  const { driver } = await run();
  t.equal(sessions().length, 2);
  await rig.pass(120_000);
  t.strictSame(sessions(), []);
  await rig.soon(driver.close());
  t.equal(rig.clock.armed, 0);
});

t.test("it ended while nobody looked, or what was kept is nonsense: all begins anew, with SYNC", async (t) => {
  const { rig, run, keep } = machine(t);
  await (await run()).start(dual);
  rig.machine.send({ type: "dropBearer", cause: 36 });
  const afterwards = await run();
  t.ok(afterwards.said.includes("CTL SYNC"));
  t.ok(await afterwards.start(dual));
  const nonsense = [null, "", [], { calls: 7 }, { path: { is: "plain" }, clients: [], calls: [{ apn: "internet" }] }];
  for (const value of nonsense) {
    keep(value);
    const { said, start } = await run();
    t.ok(said.includes("CTL SYNC"), JSON.stringify(value));
    t.ok(await start(dual));
  }
});

t.test("ended in order, nothing is left to go on with", async (t) => {
  const { rig, run, sessions } = machine(t);
  const { driver, start } = await run();
  await start(dual);
  await rig.soon(driver.dataCalls?.stop(1, never) ?? Promise.resolve());
  t.strictSame(sessions(), []);
  t.ok((await run()).said.includes("CTL SYNC"));
});
