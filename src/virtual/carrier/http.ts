/** The carrier's web server: a page that says where one is, and a download of any size. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Readable } from "node:stream";

const chunk = Buffer.alloc(16_384, "wwand virtual carrier\n");
const maxDownloadBytes = 1 << 30;

/**
 * `/`: a page. `/download?bytes=N` (default 10 MB): that many bytes. What checks for portals want to see: `/generate_204`:
 * nothing; `/online/status.html`: nothing with ConnMan's header.
 */
export const carrierWeb = (): Server => createServer(serve);

function serve(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "/", "http://carrier");
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405).end();
  } else if (url.pathname === "/generate_204") {
    response.writeHead(204).end();
  } else if (url.pathname === "/online/status.html") {
    // ConnMan minds the case of the name, and as Debian has it (1.41-3) never gets online by a page with a body.
    response.writeHead(200, { "X-ConnMan-Status": "online", "content-length": 0 }).end();
  } else if (url.pathname === "/download") {
    download(url, request, response);
  } else if (url.pathname === "/") {
    const from = request.socket.remoteAddress ?? "nowhere";
    response.writeHead(200, { "content-type": "text/plain" }).end(`wwand virtual carrier: you are ${from}\n`);
  } else {
    response.writeHead(404).end();
  }
}

function download(url: URL, request: IncomingMessage, response: ServerResponse): void {
  const bytes = Number(url.searchParams.get("bytes") ?? 10_000_000);
  if (!Number.isInteger(bytes) || bytes < 0 || bytes > maxDownloadBytes) {
    response.writeHead(400).end(`bytes: a number up to ${maxDownloadBytes}\n`);
    return;
  }
  response.writeHead(200, { "content-type": "application/octet-stream", "content-length": bytes });
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  const body = Readable.from(pieces(bytes));
  // The reader may leave in the middle; then the rest is not wanted.
  response.once("close", () => body.destroy());
  body.pipe(response);
}

function* pieces(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= chunk.length) yield left < chunk.length ? chunk.subarray(0, left) : chunk;
}
