/** The control port as a socket: one host at a time, and the next one as soon as it has left. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { openPort } from "../../src/virtual/port/port.js";
import { eventually } from "../lab/eventually.js";

/** A port, and what hosts wrote into it. */
async function portFor(t: Test) {
  // Not tap's own folder: a socket's name has 107 characters at most.
  const folder = await mkdtemp(join(tmpdir(), "wwand-port-"));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, "port");
  const heard: string[] = [];
  const listener = { data: (bytes: Buffer) => heard.push(bytes.toString()), hostLeft: () => heard.push("left") };
  const port = await openPort({ kind: "unix", path }, listener);
  t.teardown(() => port.close());
  const host = async (): Promise<Socket> => {
    const socket = connect(path);
    t.teardown(() => socket.destroy());
    await once(socket, "connect");
    return socket;
  };
  return { port, heard, host };
}

t.test("a host that closes and opens in one breath is served: its earlier end was only not read yet", async (t) => {
  const { port, heard, host } = await portFor(t);
  const first = await host();
  first.write("first");
  await eventually(
    "heard",
    () => heard.join(),
    (text) => text === "first",
  );
  first.destroy();
  const second = await host();
  second.write("second");
  await eventually(
    "heard in order",
    () => heard.join(),
    (text) => text === "first,left,second",
  );
  port.send(Buffer.from("answer"));
  const [answer] = await once(second, "data");
  t.equal(String(answer), "answer");
});

t.test("a second host is turned away while the first one stays", async (t) => {
  const { port, heard, host } = await portFor(t);
  const first = await host();
  const second = await host();
  await once(second, "close");
  first.write("still here");
  await eventually(
    "heard",
    () => heard.join(),
    (text) => text === "still here",
  );
  port.send(Buffer.from("answer"));
  const [answer] = await once(first, "data");
  t.equal(String(answer), "answer");
});

t.test("a port that is closed turns away who waits for it", async (t) => {
  const { port, host } = await portFor(t);
  const first = await host();
  const second = await host();
  const gone = Promise.all([once(first, "close"), once(second, "close")]);
  await port.close();
  await gone;
});
