import { main } from "./main.js";

// Whoever reads only the beginning (`wwanctl status | head -1`) has what it wanted.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
process.exitCode = await main(process.argv.slice(2), { out: console.log, err: console.error });
