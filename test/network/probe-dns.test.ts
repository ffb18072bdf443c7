import { createServer } from "node:net";
import { decode, encode } from "dns-packet";
import t from "tap";
import { openAsker } from "../../src/network/probe/open.js";
import { inOwnLab } from "../lab/own-lab.js";
import { far, far6, outcome, place, serve, serveNames, zone } from "./far-end.js";

if (await inOwnLab(t, import.meta.url)) {
  await t.test("a name server: any answer of one that can look names up counts", async (t) => {
    const there = await place(t);
    let answer: (question: Buffer) => Buffer | undefined = zone({ "example.com": ["192.0.2.80"] });
    serveNames(t, there, (question) => answer(question));
    const asker = there.asker();
    t.equal(await outcome(asker, `dns://${far}`), "answer");
    t.equal(await outcome(asker, "dns://link"), "answer");
    t.equal(await outcome(asker, `dns://${far}/no-such.example`), "answer", "NXDOMAIN: it could look that up");
    t.equal(await outcome(there.asker(4, { sourceAddress: "192.0.2.2" }), "dns://link"), "answer");

    answer = zone({ "example.com": [] }, 2);
    t.equal(await outcome(asker, "dns://link"), `${far} says SERVFAIL`, "its own way up is dead");
    answer = zone({ "example.com": [] }, 5);
    t.equal(await outcome(asker, "dns://link"), `${far} says REFUSED`);
    answer = () => undefined;
    t.equal(await outcome(asker, "dns://link", 400), "deadline");
    t.equal(await outcome(asker, "dns://192.0.2.1", 2_000), "ECONNREFUSED", "nobody listens there");
  });

  await t.test("garbage, another question's answer, half an answer: none of them is one", async (t) => {
    const there = await place(t);
    const good = zone({ "example.com": ["192.0.2.80"] });
    const garbled: Readonly<Record<string, (question: Buffer) => Buffer>> = {
      "random bytes": () => Buffer.from("not a dns message, but long enough for a header"),
      "nothing at all": () => Buffer.alloc(0),
      "a name that points at itself": (question) =>
        Buffer.concat([good(question).subarray(0, 12), Buffer.from([0xc0, 0x0c])]),
      "another id": (question) => Buffer.concat([Buffer.from([question.readUInt8(0) ^ 1]), good(question).subarray(1)]),
      "another name": (question) => {
        const { id = 0 } = decode(question);
        return encode({ type: "response", id, questions: [{ type: "A", name: "example.net" }], answers: [] });
      },
      "the question itself": (question) => question,
      "an answer cut in half": (question) => good(question).subarray(0, 20),
    };
    let answer = good;
    serveNames(t, there, (question) => answer(question));
    for (const [what, garbage] of Object.entries(garbled)) {
      answer = garbage;
      t.equal(await outcome(there.asker(), "dns://link", 200), "deadline", what);
    }
  });

  await t.test("of two servers of the uplink the first is dead: the second is asked within the deadline", async (t) => {
    const there = await place(t);
    serveNames(t, there, zone({ "example.com": ["192.0.2.80"] }));
    const servers = (...list: string[]) => there.asker(4, { nameServers: () => list });
    t.equal(await outcome(servers("203.0.113.99", far), "dns://link"), "answer", "after a silence");
    t.equal(await outcome(servers("192.0.2.1", far), "dns://link"), "answer", "after a refusal");
    t.equal(await outcome(servers("192.0.2.1"), "dns://link"), "ECONNREFUSED");
    t.equal(await outcome(servers(), "dns://link"), "NotAskable: no IPv4 name server of this uplink is known");
    t.equal(await outcome(there.asker(6), "dns://link"), "NotAskable: no IPv6 name server of this uplink is known");
  });

  await t.test("names are looked up at the uplink's servers, once for as long as they are good", async (t) => {
    const there = await place(t);
    let lookups = 0;
    let nowMs = 0;
    const answer = zone({ "gw.example": [far, far6], "v4.example": [far] });
    serveNames(t, there, (question) => {
      lookups += 1;
      return answer(question);
    });
    await serve(t, there, 8_443, createServer());
    await serve(t, there, 8_443, createServer(), 6);
    const via = { uplink: "eth", interfaceName: "eth0", nameServers: () => [far], spent: () => undefined };
    const asker = openAsker(4, via, () => nowMs);
    t.teardown(() => asker.close());
    t.equal(await outcome(asker, "tcp://gw.example:8443"), "answer");
    t.equal(await outcome(asker, "icmp://gw.example"), "answer");
    t.equal(lookups, 1);
    nowMs += 61_000;
    t.equal(await outcome(asker, "icmp://GW.example"), "answer");
    t.equal(lookups, 2, "its 30 s were stretched to a minute, and no longer");
    t.equal(await outcome(there.asker(6), "tcp://gw.example:8443"), "answer", "AAAA of a server reached by IPv4");
    t.equal(await outcome(there.asker(6), "icmp://v4.example"), "NotAskable: v4.example has no IPv6 address");
    t.equal(await outcome(asker, "icmp://typo.example"), "there is no name typo.example");
    t.equal(
      await outcome(there.asker(4, { nameServers: () => [] }), "icmp://gw.example"),
      "NotAskable: no name server of this uplink is known, to look up gw.example",
    );
  });

  await t.test("DNS alone is dead: targets by address answer, those by name do not", async (t) => {
    const there = await place(t);
    serveNames(t, there, () => undefined);
    t.equal(await outcome(there.asker(), `icmp://${far}`), "answer");
    t.equal(await outcome(there.asker(), "dns://link", 500), "deadline");
    t.equal(await outcome(there.asker(), "tls://gw.example", 500), "deadline");
  });
}
