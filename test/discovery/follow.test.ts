import t from "tap";
import { lateMs, stillComing } from "../../src/discovery/coming.js";
import { type Followed, follow } from "../../src/discovery/follow.js";
import type { DeviceSnapshot } from "../../src/discovery/snapshot.js";
import { verdictOf } from "../../src/discovery/verdict.js";
import { modems, usb } from "./machines.js";

t.test("what is still to come is read from sysfs, not waited for by the clock", async (t) => {
  t.strictSame(stillComing(modems.ec25()), [], "everything bound");
  t.strictSame(stillComing(modems.ms2372h()), [], "an interface that no module knows gets no driver");
  const cases: readonly (readonly [string, readonly string[], string])[] = [
    [
      "module initialising",
      ["ff/ff/ff eps 3 - < qmi_wwan:coming"],
      "interface 0: module qmi_wwan is being initialised",
    ],
    [
      "not loaded",
      ["ff/ff/ff eps 3 - < option:live qmi_wwan:loadable"],
      "interface 0: module qmi_wwan is there and not loaded yet",
    ],
    [
      "half a driver",
      ["02/0e/00 eps 1 cdc_mbim wwan0", "0a/00/02 eps 2 cdc_mbim"],
      "interface 0: cdc_mbim has not made its control device yet",
    ],
    ["no terminal yet", ["ff/00/00 eps 3 option"], "interface 0: option has not made its serial port yet"],
  ];
  for (const [name, interfaces, expected] of cases)
    t.strictSame(stillComing(usb("2c7c:0125", interfaces)), [expected], name);
  t.strictSame(stillComing(usb("2c7c:0125", ["ff/00/00 eps 3 option ttyUSB0"], { interfaceCount: 5 })), [
    "1 of 5 interfaces are there",
  ]);
  t.strictSame(stillComing(usb("2c7c:0125", [])), ["the kernel has not configured the device yet"]);
  t.strictSame(
    stillComing(usb("2c7c:0125", ["ff/ff/ff eps 3 - < option:live"])),
    [],
    "a loaded driver that refused has decided",
  );
});

t.test("the deadline counts from the last change, and a module in its initialisation is looked at again", async (t) => {
  const waiting = usb("2c7c:0125", ["ff/ff/ff eps 3 - < qmi_wwan:loadable"]);
  const first = follow([], [waiting], 1_000);
  t.match(first, { lookAgainMs: lateMs, followed: [{ isLate: false }] });
  const more = usb("2c7c:0125", ["ff/ff/ff eps 3 - < qmi_wwan:loadable", "ff/00/00 eps 3 option ttyUSB0"]);
  const second = follow(first.followed, [more], 6_000);
  t.match(second, { lookAgainMs: lateMs, followed: [{ changedMs: 6_000 }] });
  t.match(follow(second.followed, [more], 6_000 + lateMs), {
    lookAgainMs: undefined,
    followed: [{ isLate: true, coming: [] }],
  });
  const coming = usb("2c7c:0125", ["ff/ff/ff eps 3 - < qmi_wwan:coming"]);
  t.equal(follow([], [coming], 0).lookAgainMs, 100);
});

t.test(
  "an interface without driver whose module is loaded gets a second look before it counts as refused",
  async (t) => {
    const bound = modems.ms2372h();
    const unbinding = usb("12d1:1596", ["ff/03/31 eps 3 - < option:live", "ff/03/32 eps 2 option ttyUSB1"]);
    const there = follow([], [bound], 0).followed;
    const going = follow(there, [unbinding], 5_000);
    t.match(going, { lookAgainMs: 1_000, followed: [{ coming: ["interface 0: option may take it yet"] }] });
    t.match(follow(going.followed, [], 5_100).followed, [], "unplugged: nobody heard of a refusal");
    t.match(follow(going.followed, [unbinding], 6_000), { lookAgainMs: undefined, followed: [{ coming: [] }] });
    t.match(follow([], [unbinding], 0), { lookAgainMs: 1_000 }, "the driver may not have looked at a new one yet");
  },
);

t.test("a replug at the same place is another plugging-in, even if nobody saw the gap", async (t) => {
  const before = follow([], [modems.mbim({ plugging: "5" })], 0);
  const after = follow(before.followed, [modems.mbim({ plugging: "6" })], lateMs * 2);
  t.match(after.followed, [{ isLate: false, changedMs: lateMs * 2 }]);
});

/** Every order of the items. */
function* orders<T>(items: readonly T[]): Generator<readonly T[]> {
  if (items.length === 0) yield [];
  for (const [at, item] of items.entries())
    for (const rest of orders([...items.slice(0, at), ...items.slice(at + 1)])) yield [item, ...rest];
}

/** The device with only these of its parts: interface numbers, `driver N`, or `port NAME`. */
function partial(whole: DeviceSnapshot, parts: ReadonlySet<string>): DeviceSnapshot {
  const interfaces = whole.interfaces
    .filter(({ number }) => parts.has(`interface ${number}`))
    .map(({ driver, ports, ...rest }) => {
      const isBound = driver !== undefined && parts.has(`driver ${rest.number}`);
      const bound = isBound ? { driver } : {};
      const modules = driver !== undefined && !isBound ? [{ name: driver, state: "loadable" as const }] : [];
      return {
        ...rest,
        ...bound,
        modules,
        ports: isBound ? ports.filter(({ name }) => parts.has(`port ${name}`)) : [],
      };
    });
  return { ...whole, interfaces };
}

const partsOf = ({ interfaces }: DeviceSnapshot): readonly string[] =>
  interfaces.flatMap(({ number, driver, ports }) => [
    `interface ${number}`,
    ...(driver === undefined ? [] : [`driver ${number}`]),
    ...ports.map(({ name }) => `port ${name}`),
  ]);

t.test(
  "the parts of a modem arrive in any order: never another modem on the way, the same one in the end",
  async (t) => {
    const whole = modems.mbim();
    const wanted = verdictOf(whole);
    let arrivals = 0;
    for (const order of orders(partsOf(whole))) {
      arrivals += 1;
      const there = new Set<string>();
      let state: readonly Followed[] = [];
      for (const [step, part] of order.entries()) {
        there.add(part);
        const device = partial(whole, there);
        state = follow(state, [device], step).followed;
        const verdict = verdictOf(device);
        if (verdict.is === "modem" && JSON.stringify(verdict) !== JSON.stringify(wanted))
          t.fail(`${order.join(", ")}: after ${part} it is ${JSON.stringify(verdict)}`);
      }
      if (
        JSON.stringify(state.map(({ device, coming }) => [verdictOf(device), coming])) !==
        JSON.stringify([[wanted, []]])
      )
        t.fail(`${order.join(", ")}: ends as ${JSON.stringify(state)}`);
    }
    t.equal(arrivals, 720, "every order of six parts");
  },
);

t.test(
  "parts leave in any order: once the control device or the interface is gone, it is no usable modem",
  async (t) => {
    const whole = modems.mbim();
    for (const order of orders(partsOf(whole))) {
      const there = new Set(partsOf(whole));
      for (const part of order) {
        there.delete(part);
        const isUsable = ["interface 0", "driver 0", "port cdc-wdm0", "port wwan0"].every((one) => there.has(one));
        if ((verdictOf(partial(whole, there)).is === "modem") !== isUsable)
          t.fail(`${order.join(", ")}: after ${part}`);
      }
    }
    t.pass("720 orders");
  },
);
