/** What bin/wwand-virtual runs, as dist/wwand-virtual.js. */
import { main } from "./cli.js";

process.exitCode = await main(process.argv.slice(2));
