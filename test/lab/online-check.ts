/** The page that connmand asks to learn whether a service is online, on this world's internet. */
import type { Namespace } from "./netns.js";

/** Not the host that wwand asks: ConnMan ties a route to this one to the service that it checks. */
const page = { ipv4: "203.0.113.80", ipv6: "2001:db8:feed::80" } as const;

/** Of main.conf. */
export const onlineCheck = {
  EnableOnlineCheck: "true",
  OnlineCheckIPv4URL: `http://${page.ipv4}/`,
  OnlineCheckIPv6URL: `http://[${page.ipv6}]/`,
} as const;

/** Debian 12's connmand never believes an answer that has a body. */
const answering = `require("node:http").createServer((request, response) => {
  response.writeHead(200, { "X-ConnMan-Status": "online", "Content-Length": "0" }).end();
}).listen(80, "::");`;

/** Until the namespace goes. */
export async function answerOnlineChecks(internet: Namespace): Promise<void> {
  await internet.ip(`address add ${page.ipv4}/32 dev lo`);
  await internet.ip(`address add ${page.ipv6}/128 dev lo`);
  internet.spawn(process.execPath, ["--eval", answering], { env: { PATH: process.env.PATH } });
}
