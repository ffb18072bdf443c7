/** wwand at the work of one message, as peer.c is: JOB SECONDS. Prints messages per second and bytes allocated per message. */
import { jobs } from "./messages.js";

const [, , name, seconds = "1"] = process.argv;
const job = jobs.find((one) => one.name === name);
if (job === undefined || gc === undefined) throw new Error(`no job ${name}, or node without --expose-gc`);

const batch = 1_000;
let sink: unknown;
const runBatch = () => {
  for (let count = 0; count < batch; count++) sink = job.run();
};
for (let warm = 0; warm < 200; warm++) runBatch();

const from = performance.now();
let count = 0;
let tookMs = 0;
do {
  runBatch();
  count += batch;
  tookMs = performance.now() - from;
} while (tookMs < Number(seconds) * 1_000);

// The young generation is large enough (bench/codec.ts) that nothing is collected between the two looks.
gc();
const before = process.memoryUsage();
const looked = 10;
for (let round = 0; round < looked; round++) runBatch();
const after = process.memoryUsage();
const bytes = (after.heapUsed - before.heapUsed + after.external - before.external) / (looked * batch);
console.log(
  JSON.stringify({ perSecond: Math.round(count / (tookMs / 1_000)), bytes: Math.round(bytes), sink: typeof sink }),
);
