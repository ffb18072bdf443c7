import { EventEmitter } from "eventemitter3";
import t from "tap";
import { AttachedModems } from "../../src/discovery/attached-modems.js";
import { createModem } from "../../src/modem/modem.js";
import type { LiveModem } from "../../src/modem/setup.js";
import { ModemError } from "../../src/runtime/error.js";
import { silentLog } from "../../src/runtime/log.js";
import type { PathListener } from "../../src/transport/watch-path.js";
import { settle, VirtualClock } from "../fakes/clock.js";
import { FakeDriver } from "../fakes/driver.js";
import { MemoryStore } from "../fakes/store.js";

/** One port that a test plugs and unplugs by hand, with real modem objects over scripted drivers. */
function onePort() {
  const clock = new VirtualClock();
  const watched = new EventEmitter<{ appeared: []; vanished: [] }>();
  const drivers: FakeDriver[] = [];
  const place = {
    key: "mbim+unix:/run/modem",
    path: "/run/modem",
    plugging: "",
    ending: new ModemError("aborted", "not configured any more"),
    watch: (listener: PathListener) => {
      watched.on("appeared", () => listener.appeared()).on("vanished", () => listener.vanished());
      return { close: () => void watched.removeAllListeners() };
    },
    refresh: (modem: LiveModem) => modem.setStanding("a second wish", "connected"),
    make: () => {
      const modem = createModem({
        path: "/mbim_0",
        driverName: "mbim /run/modem",
        openDriver: async () => {
          const driver = new FakeDriver();
          drivers.push(driver);
          return driver;
        },
        options: { ipOwner: () => "self" },
        store: new MemoryStore(),
        link: { raise: async () => undefined, withdraw: async () => undefined },
        clock,
        log: silentLog,
      });
      modem.setStanding("connect = true", "connected");
      return modem;
    },
  };
  const attached = new AttachedModems({
    clock,
    log: silentLog,
  });
  attached.follow([place]);
  const story: string[] = [];
  attached.modems.events.on("added", ({ path }) => void story.push(`added ${path}`));
  attached.modems.events.on("removed", ({ path }) => void story.push(`removed ${path}`));
  const tell = async (what: "appeared" | "vanished") => {
    watched.emit(what);
    await clock.advance(0);
    await settle();
  };
  return { clock, attached, drivers, story, tell, place };
}

t.test("plugged, unplugged, plugged again: the same path each time, one modem at a time", async (t) => {
  const { attached, story, tell } = onePort();
  await tell("appeared");
  t.equal(attached.modems.list.length, 1);
  await tell("vanished");
  t.strictSame(attached.modems.list, []);
  await tell("appeared");
  t.strictSame(story, ["added /mbim_0", "removed /mbim_0", "added /mbim_0"]);
  await attached.close();
  t.strictSame(story.at(-1), "removed /mbim_0");
});

t.test("a port that is replaced under our feet gives a new modem only after the old one has let go", async (t) => {
  const { attached, story, tell } = onePort();
  await tell("appeared");
  const [old] = attached.modems.list;
  await tell("vanished");
  await tell("appeared");
  await settle();
  t.strictSame(old?.pending(), [], "nothing of the old modem is open");
  t.not(attached.modems.list[0], old);
  t.equal(story.length, 3);
  await attached.close();
});

t.test("a modem that dies while its port stays is tried again, each time after a longer pause", async (t) => {
  const { clock, attached, drivers, story, tell } = onePort();
  await tell("appeared");
  const die = async () => {
    drivers.at(-1)?.events.emit("gone", new ModemError("unplugged", "no answer any more"));
    await clock.advance(0);
  };
  await clock.advance(100);
  await die();
  t.equal(story.at(-1), "removed /mbim_0");
  await clock.advance(999);
  t.equal(attached.modems.list.length, 0);
  await clock.advance(1);
  t.equal(attached.modems.list.length, 1, "after one second");
  await clock.advance(100);
  await die();
  await clock.advance(1_900);
  t.equal(attached.modems.list.length, 0, "the second pause is longer");
  await clock.advance(100);
  t.equal(attached.modems.list.length, 1);
  await attached.close();
  t.equal(clock.armed, 0, "no timer is left");
});

t.test(
  "configuration read again: a place that stays keeps its modem, one that is not named any more is vacated",
  async (t) => {
    const { attached, story, tell, place } = onePort();
    await tell("appeared");
    const [modem] = attached.modems.list;
    attached.follow([{ ...place }]);
    t.equal(attached.modems.list[0], modem);
    attached.follow([]);
    await settle();
    t.strictSame(story, ["added /mbim_0", "removed /mbim_0"]);
    attached.follow([place]);
    await tell("appeared");
    t.equal(attached.modems.list.length, 1, "named again, plugged in again");
    await attached.close();
  },
);

t.test("taken out of the configuration and put back at once: two modems never share the port", async (t) => {
  const { attached, tell, place } = onePort();
  await tell("appeared");
  const [old] = attached.modems.list;
  const openAtBirth: (readonly string[])[] = [];
  attached.modems.events.on("added", () => void openAtBirth.push(old?.pending() ?? []));
  attached.follow([]);
  attached.follow([place]);
  await tell("appeared");
  t.strictSame(openAtBirth, [[]], "the new one is made when nothing of the old one is open");
  await attached.close();
});

t.test("replugged between two looks: the modem that was there ends before the new one is made", async (t) => {
  const { attached, story, tell, place } = onePort();
  await tell("appeared");
  const [old] = attached.modems.list;
  const openAtBirth: (readonly string[])[] = [];
  attached.modems.events.on("added", () => void openAtBirth.push(old?.pending() ?? []));
  attached.follow([{ ...place, plugging: "6" }]);
  await settle();
  await settle();
  t.strictSame(story, ["added /mbim_0", "removed /mbim_0", "added /mbim_0"]);
  t.not(attached.modems.list[0], old);
  t.strictSame(openAtBirth, [[]]);
  attached.follow([{ ...place, plugging: "6" }]);
  await settle();
  t.equal(story.length, 3, "the same plugging-in keeps its modem");
  await attached.close();
});

t.test("another place over the same port: its modem is made when the first has let go", async (t) => {
  const { attached, tell, place } = onePort();
  await tell("appeared");
  const [old] = attached.modems.list;
  const openAtBirth: (readonly string[])[] = [];
  attached.modems.events.on("added", () => void openAtBirth.push(old?.pending() ?? []));
  attached.follow([{ ...place, key: "named by URL now" }]);
  await tell("appeared");
  t.strictSame(openAtBirth, [[]]);
  await attached.close();
});
