/** One broken port, as a host meets it that has no time. */
import t from "tap";
import type { HostLine } from "../../src/virtual/faces/face.js";
import { faulty } from "../../src/virtual/faces/faulty.js";
import type { PortFault } from "../../src/virtual/model/profile.js";
import { VirtualClock } from "../fakes/clock.js";

/** A port that answers each write by a word, and what the host has heard of it. */
function port() {
  const clock = new VirtualClock();
  const heard: string[] = [];
  let now: PortFault | undefined;
  const open = (line: HostLine) => ({
    feed: (bytes: Buffer) => line.send(Buffer.from(`answer to ${bytes}`)),
    hostLeft: () => undefined,
    close: () => undefined,
  });
  const line: HostLine = { send: (bytes) => heard.push(bytes.toString("latin1")), flush: () => undefined };
  const face = faulty(open, line, { clock, fault: () => now });
  const say = (text: string) => face.feed(Buffer.from(text));
  return {
    clock,
    heard,
    face,
    say,
    become: (fault: PortFault | undefined) => {
      now = fault;
    },
  };
}

t.test("a port that hangs answers after twenty seconds, to nobody when the host has left", async (t) => {
  const { clock, heard, face, say, become } = port();
  become("hang");
  say("AT");
  await clock.advance(19_999);
  t.strictSame(heard, []);
  await clock.advance(1);
  t.strictSame(heard, ["answer to AT"]);
  say("ATI");
  face.hostLeft();
  await clock.advance(30_000);
  t.equal(heard.length, 1);
  say("AT+CGMI");
  face.close();
  t.equal(clock.armed, 0);
});

t.test("silent, garbage, and well again", async (t) => {
  const { heard, say, become } = port();
  become("silent");
  say("AT");
  t.strictSame(heard, []);
  become("garbage");
  say("AT");
  t.notMatch(heard[0], /answer/);
  t.equal(heard[0]?.length, 24);
  become(undefined);
  say("AT");
  t.equal(heard[1], "answer to AT");
});
