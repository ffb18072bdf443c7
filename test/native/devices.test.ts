import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import t from "tap";
import {
  closeFd,
  configureTty,
  createNetns,
  type Fd,
  FdChannel,
  flushTty,
  inNetns,
  modemLines,
  openPty,
  openTun,
  setModemLines,
  setTtyExclusive,
  setTtyHangup,
  ttyBaudRate,
  wdmMaxCommandBytes,
  writeFd,
} from "../../src/native/index.js";
import { Heard, ipIn, thrownBy, turn } from "./heard.js";

/** An IPv4 ICMP echo request from 192.0.2.2 to 192.0.2.1 with right checksums, `sequence` below 256. */
function echoRequest(sequence: number): Buffer {
  const packet = Buffer.from("4500001c000040004001b6ddc0000202c0000201", "hex");
  const icmp = Buffer.from([8, 0, 0, 0, 0x77, 0x77, 0, sequence]);
  icmp.writeUInt16BE(0xffff - (0x0800 + 0x7777 + sequence), 2);
  return Buffer.concat([packet, icmp]);
}

function tunAt(netns: Fd): Fd {
  const { fd, name } = inNetns(netns, () => openTun("wwan0"));
  ipIn(netns, `addr add 192.0.2.1 peer 192.0.2.2 dev ${name}`, `link set ${name} up`);
  return fd;
}

const echoReplies = (packets: readonly Buffer[]): number[] =>
  packets
    .filter((packet) => packet[0] === 0x45 && packet[9] === 1 && packet[20] === 0)
    .map((packet) => packet[27] ?? -1);

t.test("packets written into a TUN are answered by the kernel behind it, one packet per message", async (t) => {
  const netns = createNetns();
  const heard = new Heard();
  const channel = new FdChannel(tunAt(netns), { kind: "frames", maxMessageBytes: 2048 }, heard);
  const sequences = Array.from({ length: 100 }, (_, i) => i);
  await Promise.all(sequences.map((sequence) => channel.write(echoRequest(sequence))));
  await heard.until(() => echoReplies(heard.messages).length === 100);
  t.strictSame(echoReplies(heard.messages), sequences);
  channel.close();
  closeFd(netns);
});

t.test("a TUN removed under the channel ends it once, and later writes say so", async (t) => {
  const netns = createNetns();
  const heard = new Heard();
  const channel = new FdChannel(tunAt(netns), { kind: "frames" }, heard);
  ipIn(netns, "link del wwan0");
  await heard.ended();
  t.equal(heard.ends[0]?.code, "EBADFD", "the kernel's word for: attached to no device");
  await t.rejects(channel.write(echoRequest(1)), { code: "EBADFD" });
  await turn();
  t.equal(heard.ends.length, 1);
  closeFd(netns);
});

t.test("a TUN is named by its pattern, gone with its descriptor, and refuses a name in use", async (t) => {
  const netns = createNetns();
  const first = inNetns(netns, () => openTun("wwan%d"));
  const second = inNetns(netns, () => openTun("wwan%d"));
  t.strictSame([first.name, second.name], ["wwan0", "wwan1"]);
  t.match(
    thrownBy(() => inNetns(netns, () => openTun("wwan0"))),
    { code: "EBUSY", syscall: "ioctl TUNSETIFF" },
  );
  const queues = [1, 2].map(() => inNetns(netns, () => openTun("multi0", { multiQueue: true })).fd);
  t.equal(queues.length, 2, "two queues of one device");
  closeFd(first.fd);
  t.notMatch(ipIn(netns, "link"), /wwan0/);
  t.match(ipIn(netns, "link"), /wwan1/);
  for (const fd of [second.fd, ...queues, netns]) closeFd(fd);
});

t.test("a pty passes every byte unchanged in both directions and never echoes", async (t) => {
  const { fd, path } = openPty();
  const slave = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  writeSync(slave, all);
  const heard = new Heard();
  const channel = new FdChannel(fd, { kind: "bytes" }, heard);
  await heard.until(() => Buffer.concat(heard.messages).length === 256);
  t.ok(Buffer.concat(heard.messages).equals(all));
  await channel.write(all);
  const back = Buffer.alloc(300);
  t.equal(readSync(slave, back), 256);
  t.ok(back.subarray(0, 256).equals(all));
  channel.close();
  closeSync(slave);
});

t.test("a terminal takes the speeds termios names and refuses others", async (t) => {
  const { fd, path } = openPty();
  const slave = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  for (const baudRate of [9600, 115_200, 921_600, 4_000_000]) {
    configureTty(slave, { baudRate, hardwareFlowControl: true });
    t.equal(ttyBaudRate(slave), baudRate);
  }
  t.throws(() => configureTty(slave, { baudRate: 115_201 }), RangeError);
  for (const hangup of [false, true]) {
    setTtyHangup(slave, hangup);
    t.match(execFileSync("stty", ["-F", path, "-a"], { encoding: "utf8" }), hangup ? / hupcl/ : / -hupcl/);
  }
  t.equal(ttyBaudRate(slave), 4_000_000, "nothing changed");
  closeSync(slave);
  closeFd(fd);
});

t.test("flush drops what nobody has read", async (t) => {
  const { fd, path } = openPty();
  const slave = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  writeFd(fd, Buffer.from("stale"));
  flushTty(slave, "input");
  t.equal(thrownBy(() => readSync(slave, Buffer.alloc(9))).code, "EAGAIN");
  writeFd(fd, Buffer.from("fresh"));
  const bytes = Buffer.alloc(9);
  t.equal(bytes.toString("latin1", 0, readSync(slave, bytes)), "fresh");
  setTtyExclusive(slave, true);
  setTtyExclusive(slave, false);
  closeSync(slave);
  closeFd(fd);
});

t.test("devices without modem lines or cdc-wdm answer with errno, not with invented values", async (t) => {
  const { fd } = openPty();
  for (const call of [() => modemLines(fd), () => setModemLines(fd, { dtr: true }), () => wdmMaxCommandBytes(fd)]) {
    const error = thrownBy(call);
    t.match(error, { code: "ENOTTY", errno: -25 });
    t.match(String(error.syscall), /^ioctl /);
  }
  setModemLines(fd, {});
  closeFd(fd);
  t.match(
    thrownBy(() => ttyBaudRate(fd)),
    { code: "EBADF", syscall: "tcgetattr" },
  );
});
