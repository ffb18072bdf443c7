/**
 * The far end of what applications do, started inside the internet's namespace: a download without an end, and a TCP echo.
 * Any path that does not begin with /download is the page that NetworkManager's connectivity check expects.
 */
import { createServer, type ServerResponse } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { farPorts, onlinePage } from "./far-ports.js";

/** 1.6 MB/s: a download that does not fill the machine. */
const piece = { bytes: 16_384, everyMs: 10 } as const;

function sendForEver(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/octet-stream" });
  const timer = setInterval(() => {
    if (!response.writableNeedDrain) response.write(Buffer.alloc(piece.bytes));
  }, piece.everyMs);
  response.once("close", () => clearInterval(timer));
}

const web = createServer((request, response) => {
  if (request.url?.startsWith("/download")) sendForEver(response);
  else response.end(onlinePage);
});
const echo = createTcpServer((socket) => {
  // A client that went away is no fault of the server's.
  socket.on("error", () => undefined);
  socket.pipe(socket);
});

web.listen(farPorts.web, "::", () => echo.listen(farPorts.echo, "::", () => console.log("serving")));
