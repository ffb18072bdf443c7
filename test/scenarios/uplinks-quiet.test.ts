/** The cable is back while somebody downloads over the modem: nobody is cut, and traffic returns when the download has ended. */
import { createServer, type ServerResponse } from "node:http";
import t from "tap";
import { inNetns, listenTcp } from "../../src/native/index.js";
import { wwanctl } from "../lab/daemon.js";
import { eventually } from "../lab/eventually.js";
import { bothUp } from "../lab/two-uplinks.js";
import { internetHost, type World } from "../lab/world.js";

t.setTimeout(110_000);

const quietReturn = `failback = { mode = "quiet", spanning = "1s", quiet = { below = "20kB/s", spanning = "2s" } }
check.internet.every.down = "500ms"
`;

const chunk = Buffer.alloc(60_000);
const chunkMs = 100;

/** One download of about 600 kB/s, which goes on until `end`. */
async function serveDownload(t: { teardown(close: () => void): void }, world: World) {
  let timer: NodeJS.Timeout | undefined;
  let response: ServerResponse | undefined;
  let from = "";
  let sentBytes = 0;
  const server = createServer((request, answer) => {
    from = request.socket.remoteAddress ?? "";
    response = answer;
    timer = setInterval(() => {
      sentBytes += chunk.length;
      answer.write(chunk);
    }, chunkMs);
  });
  const fd = inNetns(world.internet.path, () =>
    listenTcp({ family: "inet", sourceAddress: internetHost.ipv4, sourcePort: 80 }),
  );
  await new Promise<void>((listening) => void server.listen({ fd }, listening));
  t.teardown(() => {
    clearInterval(timer);
    server.close();
    server.closeAllConnections();
  });
  return {
    from: () => from,
    /** Returns how many bytes were sent. */
    end: (): number => {
      clearInterval(timer);
      response?.end();
      return sentBytes;
    },
  };
}

t.test(
  "a download over the modem when the cable comes back: it ends where it began, and then traffic returns",
  async (t) => {
    const { world, daemon, verdicts, ways } = await bothUp(t, { policy: quietReturn });
    const download = await serveDownload(t, world);
    await world.pullCable();
    await ways("wwan0", "wwan0");
    const written = ["--output", "/dev/null", "--write-out", "%{http_code} %{size_download}\\n"];
    const curl = world.start("curl", ["--silent", ...written, `http://${internetHost.ipv4}/`]);
    await eventually("the download begins", download.from, (address) => address.startsWith("10.64."));

    await world.plugCable();
    await verdicts("ethernet", "up", "up");
    const held =
      /ethernet is preferred and up: traffic returns in \S+ at the latest, sooner once wwan carries 20 kB\/s or less over 2s: it carries [\d.]+ [kM]B\/s \(failback\.quiet\)/;
    const why = async () => (await wwanctl(world, "why", internetHost.ipv4)).out;
    await eventually("ethernet is steady, the modem busy", why, (text) => held.test(text), 30_000);
    t.strictSame([await world.wayOut(4), await world.wayOut(6)], ["wwan0", "wwan0"]);

    const sentBytes = download.end();
    await curl.ended();
    t.equal(curl.text.trim(), `200 ${sentBytes}`, "all of it came");
    await ways("eth0", "eth0");
    t.ok(await daemon.line(/IPv4 traffic: wwan -> ethernet.*steady for \S+, and wwan is quiet \(it carries .*\)/));
  },
);
