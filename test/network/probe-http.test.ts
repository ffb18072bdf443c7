import { createServer, type Socket } from "node:net";
import t from "tap";
import { Authority } from "../lab/certificates.js";
import { inOwnLab } from "../lab/own-lab.js";
import { far, outcome, place, serve, serveHttp, serveHttps, serveNames, zone } from "./far-end.js";

if (await inOwnLab(t, import.meta.url)) {
  await t.test("what is expected, what a login page does, what a broken server says", async (t) => {
    const there = await place(t);
    serveNames(t, there, zone({ "check.example": [far] }));
    const hosts: (string | undefined)[] = [];
    await serveHttp(t, there, 80, ({ url, headers }, response) => {
      hosts.push(headers.host);
      if (url === "/generate_204") response.writeHead(204).end();
      else if (url?.startsWith("/success.txt")) response.end("success\n");
      else if (url === "/redirected") response.writeHead(302, { location: "http://login.example/?from=x" }).end();
      else if (url === "/511") response.writeHead(511).end("<html>log in</html>");
      else if (url === "/500") response.writeHead(500).end();
      else response.end(`<html>${"please log in ".repeat(10_000)}</html>`);
    });
    const asker = there.asker();
    t.equal(await outcome(asker, "http://check.example/generate_204"), "answer");
    t.equal(await outcome(asker, { url: "http://check.example/success.txt", body: "success" }), "answer");
    t.equal(await outcome(asker, { url: `http://${far}/success.txt?x=1`, status: 200 }), "answer");
    t.strictSame(hosts, ["check.example", "check.example", far]);
    t.equal(
      await outcome(asker, "http://check.example/redirected"),
      "portal: status 302 to http://login.example/?from=x",
    );
    t.equal(await outcome(asker, "http://check.example/login"), "portal: status 200");
    t.equal(
      await outcome(asker, { url: "http://check.example/login", body: "success" }),
      "portal: status 200 without the expected text",
    );
    t.equal(await outcome(asker, "http://check.example/511"), "portal: status 511");
    t.equal(await outcome(asker, "http://check.example/500"), "status 500", "the server's own trouble");
  });

  await t.test("https: a login page cannot have the certificate", async (t) => {
    const there = await place(t);
    const authority = await Authority.make(t);
    const ca = authority.file;
    serveNames(t, there, zone({ "gw.example": [far] }));
    await serveHttps(t, there, 443, await authority.issue("DNS:gw.example"), ({ url }, response) => {
      if (url === "/moved") response.writeHead(302, { location: "/health" }).end();
      else response.end("all is well");
    });
    const asker = there.asker();
    t.equal(await outcome(asker, { url: "https://gw.example/health", ca }), "answer");
    t.equal(await outcome(asker, { url: "https://gw.example/health", body: "well", ca }), "answer");
    t.equal(await outcome(asker, { url: "https://gw.example/moved", ca }), "status 302 to /health");
    t.equal(await outcome(asker, "https://gw.example/health"), "TLS: certificate: of an unknown authority");
    t.equal(
      await outcome(asker, { url: "https://gw.example/moved", verify: false }),
      "portal: status 302 to /health",
      "who does not look at the certificate cannot tell",
    );
  });

  await t.test("servers that drip, never close, or speak something else end by the deadline", async (t) => {
    const there = await place(t);
    const drip = (socket: Socket) => {
      socket.write("HTTP/1.1 200 OK\r\nX-Slow: ");
      const timer = setInterval(() => socket.write("y"), 50);
      socket.on("close", () => clearInterval(timer));
    };
    const says = (bytes: string | Buffer) => (socket: Socket) => void socket.write(bytes);
    const talkers: readonly [port: number, talk: (socket: Socket) => void][] = [
      [80, drip],
      [81, says("HTTP/1.1 200 OK\r\n\r\nsuccess, and more")],
      [82, says(Buffer.alloc(500, 7))],
      [83, (socket) => void socket.end()],
      [84, says(`HTTP/1.1 204 x\r\nX: ${"y".repeat(50_000)}`)],
      [85, says("HTTP/1.1 200 OK\r\n\r\nhalf")],
    ];
    for (const [port, talk] of talkers) await serve(t, there, port, createServer(talk));
    const asker = there.asker();
    t.equal(await outcome(asker, `http://${far}/`, 400), "deadline");
    t.equal(await outcome(asker, { url: `http://${far}:81/`, body: "success" }), "answer", "it need not close");
    t.match(await outcome(asker, `http://${far}:82/`), /^HTTP: HPE_/);
    t.equal(await outcome(asker, `http://${far}:83/`), "HTTP: ECONNRESET");
    t.equal(await outcome(asker, `http://${far}:84/`), "HTTP: HPE_HEADER_OVERFLOW");
    t.equal(await outcome(asker, { url: `http://${far}:85/`, body: "success" }, 400), "deadline");
  });
}
