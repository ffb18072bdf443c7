/** The web server in the demo's internet: any path is a file of 1 GiB, delivered by ranges. */
import { createServer } from "node:http";

const fileBytes = 2 ** 30;

/** Serves on every address of the namespace it was started in, and says when it listens. */
export function serveWeb(port: number): void {
  const server = createServer((request, response) => {
    const [, from = "0", to = String(65_535)] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    const first = Math.min(Number(from), fileBytes - 1);
    const last = Math.min(Number(to), fileBytes - 1, first + 1_048_575);
    response.writeHead(206, {
      "content-type": "application/octet-stream",
      "content-range": `bytes ${first}-${last}/${fileBytes}`,
      "content-length": Math.max(0, last - first + 1),
    });
    response.end(Buffer.alloc(Math.max(0, last - first + 1), "wwand"));
  });
  server.listen(port, "::", () => console.log(`serving on port ${port}`));
}
