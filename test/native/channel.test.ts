import { closeSync, constants, openSync, writeSync } from "node:fs";
import t from "tap";
import { addon } from "../../src/native/addon.js";
import { closeFd, FdChannel, openPty, socketPair, writeFd } from "../../src/native/index.js";
import { Heard, openFds, thrownBy, turn } from "./heard.js";

t.test("messages sent in one go arrive one by one, in order, as they were", async (t) => {
  const [near, far] = socketPair("seqpacket");
  const heard = new Heard();
  const channel = new FdChannel(near, { kind: "frames", maxMessageBytes: 64 }, heard);
  const sent = Array.from({ length: 100 }, (_, i) => Buffer.from(`message ${i} ${"x".repeat(i % 50)}`));
  for (const bytes of sent) t.equal(writeFd(far, bytes), bytes.length);
  await heard.until(() => heard.messages.length === 100);
  t.strictSame(heard.messages, sent);
  closeFd(far);
  await heard.ended();
  t.strictSame(heard.ends, [undefined], "the far end closed in order");
  channel.close();
});

t.test("a stream that ends with data in flight delivers the data before the end", async (t) => {
  const [near, far] = socketPair("stream");
  writeFd(far, Buffer.from("last words"));
  closeFd(far);
  const heard = new Heard();
  const channel = new FdChannel(near, { kind: "bytes" }, heard);
  await heard.ended();
  t.equal(heard.text, "last words");
  t.strictSame(heard.ends, [undefined]);
  await t.rejects(channel.write(Buffer.from("x")), { code: "EPIPE" }, "an ended channel takes no more");
});

t.test("writes wait in order while the far end does not read, and complete when it does", async (t) => {
  const [near, far] = socketPair("stream");
  const channel = new FdChannel(near, { kind: "bytes" }, new Heard());
  const pieces = Array.from({ length: 40 }, (_, i) => Buffer.alloc(50_000, i));
  let taken = 0;
  const writes = pieces.map((piece) => channel.write(piece).then(() => taken++));
  await turn();
  t.ok(taken < 40, "the kernel's buffer is full");
  const heard = new Heard();
  const reader = new FdChannel(far, { kind: "bytes", maxMessageBytes: 65_536 }, heard);
  await Promise.all(writes);
  channel.close();
  await heard.ended();
  t.ok(Buffer.concat(heard.messages).equals(Buffer.concat(pieces)));
  reader.close();
});

t.test("close rejects the writes that wait and says nothing to the listener", async (t) => {
  const [near, far] = socketPair("stream");
  const heard = new Heard();
  const channel = new FdChannel(near, { kind: "bytes" }, heard);
  const writes = Array.from({ length: 40 }, () => channel.write(Buffer.alloc(50_000)));
  channel.close();
  channel.close();
  const outcomes = await Promise.allSettled(writes);
  t.equal(outcomes[0]?.status, "fulfilled");
  t.match(outcomes.at(-1), { status: "rejected", reason: { code: "ECANCELED" } });
  await t.rejects(channel.write(Buffer.from("x")), { code: "ECANCELED" });
  channel.pause();
  channel.resume();
  channel.setRef(true);
  await turn();
  t.strictSame(heard.ends, []);
  closeFd(far);
});

t.test("a paused channel leaves the data with the kernel until it is resumed", async (t) => {
  const [near, far] = socketPair("seqpacket");
  const heard = new Heard();
  const channel = new FdChannel(near, { kind: "frames" }, heard);
  channel.pause();
  writeFd(far, Buffer.from("held back"));
  await turn();
  await turn();
  t.equal(heard.messages.length, 0);
  channel.resume();
  await heard.until(() => heard.messages.length === 1);
  t.equal(heard.text, "held back");
  channel.close();
  closeFd(far);
});

t.test("the master of a pty hears bytes, then EIO once when the far end hangs up", async (t) => {
  const { fd, path } = openPty();
  const heard = new Heard();
  const channel = new FdChannel(fd, { kind: "bytes" }, heard);
  const slave = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  writeSync(slave, "ATI\r\n");
  await heard.until(() => heard.text.includes("\n"));
  t.equal(heard.text, "ATI\r\n", "raw: nothing was translated");
  await channel.write(Buffer.from("OK\r\n"));
  closeSync(slave);
  await heard.ended();
  t.equal(heard.ends[0]?.code, "EIO");
  await turn();
  t.equal(heard.ends.length, 1);
});

t.test("a listener may close its channel, and others, in the middle of a delivery", async (t) => {
  const [near, far] = socketPair("seqpacket");
  const [otherNear, otherFar] = socketPair("seqpacket");
  const other = new FdChannel(otherNear, { kind: "frames" }, new Heard());
  await new Promise<void>((resolve) => {
    const channel = new FdChannel(
      near,
      { kind: "frames" },
      {
        onMessages() {
          channel.close();
          other.close();
          resolve();
        },
        onEnd: () => t.fail("closed by itself"),
      },
    );
    writeFd(far, Buffer.from("a"));
    writeFd(otherFar, Buffer.from("b"));
  });
  await turn();
  t.equal(thrownBy(() => writeFd(far, Buffer.from("c"))).code, "EPIPE", "the descriptor is closed, not only silent");
  closeFd(far);
  closeFd(otherFar);
});

t.test("closing a polled descriptor behind its channel's back silences the channel and nothing else", async (t) => {
  const [near, far] = socketPair("stream");
  const heard = new Heard();
  const channel = new FdChannel(near, { kind: "bytes" }, heard);
  closeFd(near);
  const [again, peer] = socketPair("stream");
  t.equal(again, near, "the kernel gives the same number to the next socket");
  const second = new Heard();
  const channel2 = new FdChannel(again, { kind: "bytes" }, second);
  writeFd(peer, Buffer.from("for the new one"));
  await second.until(() => second.text !== "");
  channel.close();
  await channel2.write(Buffer.from("still open"));
  t.equal(second.text, "for the new one");
  t.strictSame([heard.messages.length, heard.ends.length], [0, 0]);
  channel2.close();
  for (const fd of [far, peer]) closeFd(fd);
});

t.test("a frame device that fails a transfer goes on; one that keeps failing is gone", async (t) => {
  // A pty master whose slave is closed answers every read with EIO, as a broken control endpoint would.
  const { fd, path } = openPty();
  closeSync(openSync(path, constants.O_RDWR | constants.O_NOCTTY));
  const heard = new Heard();
  new FdChannel(fd, { kind: "frames" }, heard);
  await heard.ended();
  t.strictSame(
    heard.troubles.map(({ code }) => code),
    ["EIO", "EIO", "EIO"],
  );
  t.equal(heard.ends[0]?.code, "EIO");
});

t.test("what epoll cannot wait for, and what is polled already, is refused with the kernel's words", async (t) => {
  const file = openSync("/proc/self/exe", constants.O_RDONLY);
  t.match(
    thrownBy(() => new FdChannel(file, { kind: "bytes" }, new Heard())),
    { code: "EPERM", errno: -1, syscall: "poll" },
  );
  closeSync(file);
  t.match(
    thrownBy(() => new FdChannel(9999, { kind: "bytes" }, new Heard())),
    { code: "EBADF", errno: -9 },
  );
  const [near, far] = socketPair("stream");
  const channel = new FdChannel(near, { kind: "bytes" }, new Heard());
  t.match(
    thrownBy(() => new FdChannel(near, { kind: "bytes" }, new Heard())),
    { code: "EEXIST" },
  );
  channel.close();
  closeFd(far);
  t.match(
    thrownBy(() => closeFd(9999)),
    { code: "EBADF", syscall: "close" },
  );
});

t.test("ten thousand times opened, polled and closed: no descriptor is left, the process lives", async (t) => {
  const before = openFds();
  for (let i = 0; i < 10_000; i++) {
    const [near, far] = socketPair("seqpacket");
    const channel = new FdChannel(near, { kind: "frames", maxMessageBytes: 64 }, new Heard());
    if (i % 2) writeFd(far, Buffer.from("unread"));
    if (i % 3 === 0) channel.pause();
    if (i % 100 === 0) await turn();
    if (i % 5) channel.close();
    else closeFd(near);
    closeFd(far);
  }
  await turn();
  // Fewer is no leak: what an earlier test or the loader had open may have been closed meanwhile.
  t.ok(openFds() <= before, `${openFds()} descriptors, ${before} before`);
});

t.test("a poller's methods refuse a foreign `this` and wrong arguments", async (t) => {
  const [near, far] = socketPair("stream");
  const none = () => undefined;
  const poller = addon().createPoller(near, "read", 16, 1, none, none, none);
  for (const method of ["watch", "setRef", "close", "release"] as const) {
    for (const foreign of [{}, undefined, 1, Object.create(poller)]) {
      t.throws(() => Reflect.apply(poller[method], foreign, [true, true]), TypeError, method);
    }
  }
  t.throws(() => Reflect.apply(poller.watch, poller, []), TypeError);
  t.throws(() => Reflect.apply(poller.setRef, poller, ["yes"]), TypeError);
  t.equal(poller.release(), near, "released: open, and the caller's again");
  t.throws(() => poller.release(), { code: "ERR_CLOSED" });
  t.equal(writeFd(near, Buffer.from("x")), 1);
  for (const fd of [near, far]) closeFd(fd);
});
