import { createServer } from "node:net";
import t from "tap";
import { Authority } from "../lab/certificates.js";
import { inOwnLab } from "../lab/own-lab.js";
import { far, outcome, place, serve, serveHttps, serveNames, zone } from "./far-end.js";

const dayMs = 86_400_000;
const daysFromNow = (days: number) => new Date(Date.now() + days * dayMs);

if (await inOwnLab(t, import.meta.url)) {
  await t.test("a handshake with the right certificate; the wrong ones are told apart", async (t) => {
    const there = await place(t);
    const authority = await Authority.make(t);
    const ca = authority.file;
    serveNames(t, there, zone({ "gw.example": [far], "other.example": [far] }));
    const refuse = () => undefined;
    await serveHttps(t, there, 443, await authority.issue(`DNS:gw.example,IP:${far}`), refuse);
    await serveHttps(t, there, 4_431, await authority.issue("DNS:gw.example", daysFromNow(-60)), refuse);
    await serveHttps(t, there, 4_432, await authority.issue("DNS:gw.example", daysFromNow(1)), refuse);
    const asker = there.asker();
    t.equal(await outcome(asker, { url: "tls://gw.example", ca }), "answer");
    t.ok(there.spent.bytes > 1_200 && there.spent.bytes < 8_000, `counted ${there.spent.bytes} bytes for it`);
    t.equal(await outcome(asker, { url: `tls://${far}`, ca }), "answer", "an address in the certificate");
    t.equal(await outcome(asker, { url: "tls://other.example", ca }), "TLS: certificate: of another host");
    t.equal(await outcome(asker, "tls://gw.example"), "TLS: certificate: of an unknown authority");
    t.equal(await outcome(asker, { url: "tls://other.example", verify: false }), "answer", "told not to look");
    t.equal(await outcome(asker, { url: "tls://gw.example:4431", ca }), "TLS: certificate: expired");
    t.equal(
      await outcome(asker, { url: "tls://gw.example:4432", ca }),
      "answer",
      "not valid yet: so it is for a machine without a clock, and it did answer",
    );
    t.equal(await outcome(asker, { url: "tls://gw.example", ca: "/nowhere/ca.pem" }), "ENOENT");
  });

  await t.test("servers that do not speak it, hang up, or say nothing", async (t) => {
    const there = await place(t);
    await serve(
      t,
      there,
      443,
      createServer((socket) => void socket.end("220 mail.example ESMTP\r\n")),
    );
    await serve(
      t,
      there,
      444,
      createServer((socket) => void socket.destroy()),
    );
    await serve(t, there, 445, createServer());
    t.equal(await outcome(there.asker(), `tls://${far}`), "TLS: wrong version number");
    t.match(await outcome(there.asker(), `tls://${far}:444`), /^TLS: (ECONNRESET|EPIPE|the far end hung up)$/);
    t.equal(await outcome(there.asker(), `tls://${far}:445`, 300), "deadline");
    t.equal(await outcome(there.asker(), `tls://${far}:446`), "ECONNREFUSED");
  });
}
