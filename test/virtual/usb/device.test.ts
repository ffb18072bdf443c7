/** A device on the bus without a bus: transfers and their order, halts, standard requests. */
import t, { type Test } from "tap";
import { compose } from "../../../src/virtual/usb/description/composition.js";
import { interrupt, port, serial } from "../../../src/virtual/usb/description/parts.js";
import { UsbDevice } from "../../../src/virtual/usb/device/device.js";
import type { FunctionPipes, UsbFunction } from "../../../src/virtual/usb/device/function.js";
import type { Outcome } from "../../../src/virtual/usb/device/transfer.js";

const composition = compose(
  {
    speed: "high",
    vendorId: 1,
    productId: 2,
    usbVersion: 0x0200,
    release: 0,
    triple: [0, 0, 0],
    maxPacketBytes0: 64,
    serial: "42",
    attributes: 0xa0,
    maxPowerMa: 500,
  },
  [
    serial({ number: 0, triple: [255, 0, 0], notify: interrupt(0x82, 8), face: "silent", in: 0x81, out: 0x01 }),
    port(1, "silent", 0x84, { in: 0x83, out: 0x02 }),
  ],
);

function rig(_t: Test, own: Partial<UsbFunction> = {}) {
  let pipes: FunctionPipes | undefined;
  const events: string[] = [];
  const device = new UsbDevice(composition.device, [
    {
      interfaces: [0],
      open: (given) => {
        pipes = given;
        return {
          hostStoppedListening: () => void events.push("stopped listening"),
          reset: () => void events.push("reset"),
          close: () => void events.push("close"),
          ...own,
        };
      },
    },
  ]);
  if (pipes === undefined) throw new Error("the function was not opened");
  const outcomes: string[] = [];
  const text = (outcome: Outcome): string =>
    outcome.is === "in" ? outcome.data.toString("latin1") : outcome.is === "out" ? `took ${outcome.bytes}` : "stall";
  let seqnum = 0;
  const submit = (endpoint: number, direction: "in" | "out", length: number, data = "", setup = Buffer.alloc(8)) => {
    const number = ++seqnum;
    const done = (outcome: Outcome) => void outcomes.push(`${number}: ${text(outcome)}`);
    device.submit({ seqnum: number, endpoint, direction, length, setup, data: Buffer.from(data, "latin1"), done });
    return number;
  };
  const control = (setup: string, length = 256): string => {
    submit(
      0,
      (Number.parseInt(setup.slice(0, 2), 16) & 0x80) === 0 ? "out" : "in",
      length,
      "",
      Buffer.from(setup, "hex"),
    );
    return (outcomes.pop() ?? "").replace(/^\d+: /, "");
  };
  return { device, pipes, submit, control, outcomes, events };
}

t.test("IN transfers are answered in order, and what is too long for one goes on in the next", async (t) => {
  const { pipes, submit, outcomes } = rig(t);
  submit(1, "in", 4);
  submit(1, "in", 4);
  submit(1, "in", 100);
  t.ok(pipes.in.send(Buffer.from("abcdef")));
  t.strictSame(outcomes, ["1: abcd", "2: ef"]);
  t.ok(pipes.in.send(Buffer.from("gh")));
  t.ok(pipes.in.send(Buffer.from("ij")));
  t.strictSame(outcomes.splice(0), ["1: abcd", "2: ef", "3: gh"]);
  submit(1, "in", 100);
  t.strictSame(outcomes, ["4: ij"], "data waits for a transfer, too");
});

t.test("a withdrawn transfer is never answered; one that was answered cannot be withdrawn", async (t) => {
  const { device, pipes, submit, outcomes, events } = rig(t);
  const [first, second] = [submit(1, "in", 4), submit(1, "in", 4)];
  t.ok(device.unlink(first));
  pipes.in.send(Buffer.from("ab"));
  t.strictSame(outcomes, [`${second}: ab`]);
  t.notOk(device.unlink(second));
  t.notOk(device.unlink(99));
  t.strictSame(events, []);
  t.ok(device.unlink(submit(2, "in", 8)));
  t.strictSame(events, ["stopped listening"], "withdrawing from the interrupt endpoint means that a program closed");
});

t.test("a host that does not read loses data, not the modem its memory", async (t) => {
  const { pipes } = rig(t);
  let taken = 0;
  while (pipes.in.send(Buffer.alloc(16_384))) taken += 16_384;
  t.ok(taken >= 100_000 && taken <= 1_000_000, `${taken} bytes`);
  pipes.in.clear();
  t.ok(pipes.in.send(Buffer.alloc(1)));
});

t.test("halts stall until the host clears them", async (t) => {
  const heard: string[] = [];
  const { pipes, submit, control, outcomes } = rig(t, {
    received: (data) => {
      heard.push(data.toString("latin1"));
      return data.toString("latin1") === "bad" ? "stall" : undefined;
    },
  });
  submit(1, "out", 2, "ok");
  submit(1, "out", 3, "bad");
  submit(1, "out", 2, "no");
  t.strictSame(outcomes.splice(0), ["1: took 2", "2: stall", "3: stall"]);
  t.strictSame(heard, ["ok", "bad"], "what is stalled does not arrive");
  t.equal(control("8200000001000200"), "\x01\x00", "GET_STATUS of the endpoint");
  t.equal(control("0201000001000000"), "took 0", "CLEAR_FEATURE");
  submit(1, "out", 2, "go");
  pipes.in.halt();
  submit(1, "in", 4);
  t.match(outcomes.splice(0), [/took 2/, /stall/]);
  control("0201000081000000");
  pipes.in.send(Buffer.from("x"));
  submit(1, "in", 4);
  t.match(outcomes.splice(0), [/: x/]);
});

t.test("standard requests", async (t) => {
  const { control, events, submit, outcomes } = rig(t);
  t.equal(control("8006000100001200").length, 18, "device descriptor");
  t.equal(control("8006000100000800").length, 8, "as much of it as the host asks for");
  t.equal(control("8006000300000001"), "\x04\x03\x09\x04", "languages");
  t.equal(control("8006010309040001"), "\x06\x034\x002\x00", "serial number");
  t.equal(control("8006020309040001"), "stall", "no such string");
  t.equal(control("8006000600000a00"), "stall", "device qualifier");
  t.equal(control("8008000000000100"), "\x00", "not configured");
  t.equal(control("0009010000000000"), "took 0", "SET_CONFIGURATION");
  t.equal(control("8008000000000100"), "\x01");
  t.strictSame(events, ["reset"]);
  t.equal(control("0009020000000000"), "stall", "no such configuration");
  t.equal(control("010b000000000000"), "took 0", "SET_INTERFACE");
  t.equal(control("010b010000000000"), "stall", "no such alternate setting");
  t.equal(control("010b000009000000"), "stall", "no such interface");
  t.equal(control("810a000000000100"), "\x00");
  t.equal(control("a101000000000010"), "stall", "a class request that the function does not know");
  t.equal(control("c001000000000010"), "stall", "a vendor's request to the device");
  submit(9, "in", 4);
  submit(9, "out", 1, "x");
  submit(3, "in", 4);
  t.strictSame(
    outcomes.map((outcome) => outcome.replace(/^\d+: /, "")),
    ["stall", "stall", "stall"],
    "no such endpoint; an interface without a function",
  );
});
