import { once } from "node:events";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { closeFd, openPty } from "../../src/native/index.js";
import { watchPath } from "../../src/transport/watch-path.js";

/** Watches for one test; `told` is what was heard so far, `until` waits until that is exactly so. */
function watched(t: Test, path: string) {
  const told: string[] = [];
  let changed: (() => void) | undefined;
  const tell = (what: string) => () => {
    told.push(what);
    changed?.();
  };
  const watch = watchPath(path, { appeared: tell("appeared"), vanished: tell("vanished") });
  t.teardown(() => watch.close());
  const until = async (...expected: string[]) => {
    while (told.length < expected.length) {
      await new Promise<void>((resolve) => {
        changed = resolve;
      });
    }
    t.strictSame(told, expected);
  };
  return { told, until, watch };
}

const scratch = (t: Test): string => {
  const folder = mkdtempSync(join(tmpdir(), "wwand-watch-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

t.test("a socket that is there, goes and comes back: unplug and replug", async (t) => {
  const path = join(scratch(t), "modem.sock");
  const server = createServer().listen(path);
  await once(server, "listening");
  const { until } = watched(t, path);
  await until("appeared");
  await new Promise((resolve) => server.close(resolve));
  await until("appeared", "vanished");
  const again = createServer().listen(path);
  await until("appeared", "vanished", "appeared");
  again.close();
});

t.test("something else in its place is a new thing, even when it took place in one step", async (t) => {
  const folder = scratch(t);
  const path = join(folder, "modem");
  writeFileSync(path, "");
  const { until } = watched(t, path);
  await until("appeared");
  writeFileSync(join(folder, "next"), "");
  renameSync(join(folder, "next"), path);
  await until("appeared", "vanished", "appeared");
});

t.test("a symlink counts when it leads somewhere, and stops when its pty is gone", async (t) => {
  const path = join(scratch(t), "modem");
  const { fd, path: pts } = openPty();
  const { until } = watched(t, path);
  symlinkSync(pts, path);
  await until("appeared");
  closeFd(fd);
  await until("appeared", "vanished");
});

t.test("a folder that is not there yet, or made anew, is watched when it comes", async (t) => {
  const folder = join(scratch(t), "run");
  const path = join(folder, "modem");
  const { until } = watched(t, path);
  mkdirSync(folder);
  writeFileSync(path, "");
  await until("appeared");
  rmSync(folder, { recursive: true });
  await until("appeared", "vanished");
  mkdirSync(folder);
  writeFileSync(path, "");
  await until("appeared", "vanished", "appeared");
});

t.test("neighbours in the folder are not the path, and after close nothing is told", async (t) => {
  const folder = scratch(t);
  const path = join(folder, "modem");
  const { told, until, watch } = watched(t, path);
  writeFileSync(join(folder, "modem2"), "");
  writeFileSync(path, "");
  await until("appeared");
  watch.close();
  unlinkSync(path);
  await new Promise((resolve) => setImmediate(resolve));
  t.strictSame(told, ["appeared"]);
});

t.test("a listener may close the watch from inside", async (t) => {
  const path = join(scratch(t), "modem");
  writeFileSync(path, "");
  await new Promise<void>((resolve) => {
    const watch = watchPath(path, {
      appeared: () => {
        watch.close();
        resolve();
      },
      vanished: () => t.fail("closed before"),
    });
  });
});
