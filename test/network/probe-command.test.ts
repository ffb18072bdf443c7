import { execFile } from "node:child_process";
import { promisify } from "node:util";
import t from "tap";
import { inOwnLab } from "../lab/own-lab.js";
import { outcome, place } from "./far-end.js";

const shell = (script: string) => ({ command: ["/bin/sh", "-c", script] });
const running = (pattern: string): Promise<string> =>
  promisify(execFile)("pgrep", ["-f", pattern]).then(
    ({ stdout }) => stdout.trim(),
    () => "",
  );

if (await inOwnLab(t, import.meta.url)) {
  await t.test("exit code 0 is the answer, and the program knows which uplink it is about", async (t) => {
    const { asker } = await place(t);
    const eth = asker(4, { sourceAddress: "192.0.2.2" });
    const knows = 'test "$WWAND_UPLINK $WWAND_INTERFACE $WWAND_FAMILY $WWAND_SOURCE" = "eth eth0 4 192.0.2.2"';
    t.equal(await outcome(eth, shell(knows)), "answer");
    t.equal(await outcome(asker(6), shell('test "$WWAND_FAMILY$WWAND_SOURCE" = 6')), "answer");
    t.equal(await outcome(eth, shell('test -z "$HOME$LOGNAME"')), "answer", "nothing of the daemon's own");
    t.equal(await outcome(eth, shell("exit 3")), "exit code 3");
    t.equal(await outcome(eth, shell("echo 'tunnel has no peer' >&2; echo more >&2; exit 1")), "tunnel has no peer");
    t.equal(await outcome(eth, shell("kill -TERM $$")), "ended by SIGTERM");
    t.equal(await outcome(eth, { command: ["/nowhere/check"] }), "ENOENT");
  });

  await t.test("one that hangs is killed with its children at the deadline, and may run again", async (t) => {
    const { asker } = await place(t);
    const eth = asker();
    const seconds = `98${process.pid}`;
    const hang = shell(`sleep ${seconds} & wait`);
    t.equal(await outcome(eth, hang, 500), "deadline");
    for (let tries = 0; tries < 100 && (await running(`^sleep ${seconds}`)) !== ""; tries++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    t.equal(await running(`^sleep ${seconds}`), "");
    t.equal(await outcome(eth, hang, 300), "deadline", "not refused: the last run has ended");
  });
}
