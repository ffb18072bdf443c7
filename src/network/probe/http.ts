/** HTTP questions over the uplink: status, body, and whether a login page answered instead. @see RFC 9110 */
import { type IncomingMessage, request } from "node:http";
import { isIPv6, type Socket } from "node:net";
import type { Via } from "./ask.js";
import { isExpectedStatus, judgePage, type Page, type PageTarget } from "./page.js";
import { overTcp } from "./tcp.js";
import { secured } from "./tls.js";

export function askPage(
  target: PageTarget,
  address: string,
  via: Via,
  signal: AbortSignal,
): Promise<{ readonly portal?: string }> {
  return overTcp(address, target.port, via, signal, async (socket) => {
    const page = await fetched(target.kind === "https" ? await secured(socket, target) : socket, target);
    const verdict = judgePage(target, page);
    if (verdict.is === "wrong") throw new Error(verdict.says);
    return verdict.is === "portal" ? { portal: verdict.says } : {};
  });
}

/** Of a body that ought to hold a text, so much is read; a login page can be long. */
const bodyLimitBytes = 16_384;
const headerLimitBytes = 8_192;
const defaultPorts = { http: 80, https: 443 } as const;

/** Settles at the latest when `socket` is destroyed, which is up to the caller. */
function fetched(socket: Socket, target: PageTarget): Promise<Page> {
  return new Promise((resolve, reject) => {
    const asked = request({
      createConnection: () => socket,
      path: target.path,
      setHost: false,
      headers: { host: hostOf(target), "user-agent": "wwand", accept: "*/*", connection: "close" },
      maxHeaderSize: headerLimitBytes,
    });
    asked.once("response", (response) => read(response, target).then(resolve, reject));
    asked.on("error", (error) => reject(new Error(`HTTP: ${"code" in error ? String(error.code) : error.message}`)));
    asked.end();
  });
}

async function read(response: IncomingMessage, target: PageTarget): Promise<Page> {
  const { statusCode: status = 0, headers } = response;
  const location = headers.location === undefined ? {} : { location: headers.location };
  const chunks: Buffer[] = [];
  const body = () => Buffer.concat(chunks).toString("utf8");
  if (target.body !== undefined && isExpectedStatus(target, status))
    for await (const chunk of response) {
      chunks.push(chunk);
      const bytes = chunks.reduce((sum, { length }) => sum + length, 0);
      if (bytes >= bodyLimitBytes || body().includes(target.body)) break;
    }
  return { status, ...location, body: body() };
}

function hostOf({ host, port, kind }: PageTarget): string {
  const name = isIPv6(host) ? `[${host}]` : host;
  return port === defaultPorts[kind] ? name : `${name}:${port}`;
}
