import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import t from "tap";
import { root } from "../lab/world.js";

t.test("a reader that has read enough is no failure", async (t) => {
  const child = spawn("env", ["-i", `PATH=${process.env.PATH}`, `${root}bin/wwanctl`, "--help"]);
  child.stdout.destroy(); // as `wwanctl --help | true`
  const [complaints, [code]] = await Promise.all([text(child.stderr), once(child, "close")]);
  t.equal(complaints, "");
  t.equal(code, 0);
});
