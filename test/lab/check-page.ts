/** The pages that ConnMan's online check asks for. */
import { createServer } from "node:http";
import { inNetns, listenTcp } from "../../src/native/index.js";
import { Recording } from "./recording.js";
import type { World } from "./world.js";

/** ConnMan pins a host route to what it checks, so nothing else should have this address. */
const address = "203.0.113.80";

/**
 * main.conf's keys for them, with the shortest pauses. ConnMan understands no IPv6 address in a URL, and only the carrier
 * has a resolver: over IPv6 its page is asked for. @see connman.conf(5)
 */
export const onlineCheck = {
  EnableOnlineCheck: "true",
  OnlineCheckIPv4URL: `http://${address}/`,
  OnlineCheckIPv6URL: "http://v6.carrier.test/online/status.html",
  OnlineCheckInitialInterval: "1",
  OnlineCheckMaxInterval: "1",
} as const;

/** Serves the IPv4 page in the internet until the test ends. Records who asked, by source address: that tells the uplink. */
export async function serveCheckPage(
  t: { teardown(close: () => void): void },
  world: World,
): Promise<Recording<string>> {
  const askedBy = new Recording<string>();
  await world.internet.ip(`address add ${address}/32 dev lo`);
  const fd = inNetns(world.internet.path, () => listenTcp({ family: "inet", sourceAddress: address, sourcePort: 80 }));
  const server = createServer((request, response) => {
    askedBy.add(request.socket.remoteAddress ?? "");
    // Debian's 1.41-3 never gets online when the page has a body.
    response.writeHead(200, { "X-ConnMan-Status": "online", "content-length": 0 }).end();
  });
  server.listen({ fd });
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return askedBy;
}
