/** Of netlink a trace has what changed and what was refused, not the looking at things. */
import t from "tap";
import { rtm } from "../../src/netlink/events.js";
import { encodeMessage, flag } from "../../src/netlink/message.js";
import type { TraceFact } from "../../src/trace/entry.js";
import { netlinkRecorder } from "../../src/trace/netlink-recorder.js";
import { netlinkText } from "../../src/trace/protocols/netlink.js";

const error = (sequence: number, errno: number): Buffer => {
  const payload = Buffer.alloc(20);
  payload.writeInt32LE(-errno);
  return encodeMessage(2, 0, sequence, payload);
};

t.test("a look, a route, a refusal, an event", async (t) => {
  const facts: TraceFact[] = [];
  const hear = netlinkRecorder({ add: (fact) => facts.push(fact) });
  const link = Buffer.alloc(16);
  hear(">", encodeMessage(rtm.getLink, flag.request, 1, link));
  hear("<", encodeMessage(rtm.newLink, 0, 1, link));
  hear("<", error(1, 0));
  hear(">", encodeMessage(rtm.newRoute, flag.request, 2, Buffer.alloc(12)));
  hear("<", error(2, 101));
  hear("<", encodeMessage(rtm.newLink, 0, 0, link));
  hear("<", Buffer.from([1, 2, 3]));
  const told = facts.flatMap((fact) =>
    fact.is === "netlink" ? netlinkText(fact.bytes).map((text) => fact.direction + text) : [],
  );
  t.match(told, [/^>#2 newRoute/, /^<#2 .*ENETUNREACH/, /^<#0 newLink/]);
});
