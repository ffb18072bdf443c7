/** What the modem attaches with: left alone unless somebody has written it down. */
import t from "tap";
import type { InitialBearer } from "../../src/modem/types.js";
import { ModemError } from "../../src/runtime/error.js";
import { Rig } from "./rig.js";

const wanted: InitialBearer = { apn: "attach.example", username: "", auth: "none", protocol: "dual" };

/** A modem whose `set` is answered by `answer`; each wish is noted. */
function rigWith(wish: InitialBearer | "network" | undefined, answer: () => Promise<"written" | "same">) {
  const asked: (InitialBearer | undefined)[] = [];
  const initialBearer = {
    read: async () => ({}),
    set: (bearer: InitialBearer | undefined) => {
      asked.push(bearer);
      return answer();
    },
  };
  const rig = new Rig({
    open: async (driver) => Object.assign(driver, { initialBearer }),
    modem: { initialBearer: () => wish },
  });
  return { rig, asked };
}

const end = new ModemError("aborted", "end");

/** Brings it up by a standing wish; resolves with the level that it came to. */
async function online(rig: Rig): Promise<string> {
  rig.modem.setStanding("connect", "connected");
  for (let second = 0; second < 5; second++) await rig.clock.advance(1_000);
  const { actualLevel } = rig.modem;
  await rig.modem.close(end);
  return actualLevel;
}

t.test("written before the radio goes on, cleared, or left alone", async (t) => {
  for (const [wish, expected] of [
    [wanted, [wanted]],
    ["network", [undefined]],
    [undefined, []],
  ] as const) {
    const { rig, asked } = rigWith(wish, async () => "written");
    await online(rig);
    t.strictSame(asked, expected);
  }
});

t.test("a modem that refuses, or has no such thing, goes online all the same", async (t) => {
  const refusing = rigWith(wanted, () => Promise.reject(new ModemError("refused", "no")));
  t.equal(await online(refusing.rig), "online");
  t.equal(await online(new Rig({ modem: { initialBearer: () => wanted } })), "online");
});
