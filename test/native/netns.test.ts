import { readlinkSync } from "node:fs";
import t from "tap";
import { closeFd, createNetns, inNetns, openTun, type SocketAddress } from "../../src/native/index.js";
import { ipIn, openFds, thrownBy } from "./heard.js";

const ownNetns = (): string => readlinkSync("/proc/thread-self/ns/net");

t.test("what is opened inside stays there, and the thread comes back", async (t) => {
  const home = ownNetns();
  const netns = createNetns();
  t.equal(ownNetns(), home);
  const { inside, tun } = inNetns(netns, () => ({ inside: ownNetns(), tun: openTun("onlyhere0") }));
  t.not(inside, home);
  t.equal(ownNetns(), home);
  t.match(ipIn(netns, "link"), /onlyhere0/);
  const byPath = inNetns(`/proc/${process.pid}/fd/${netns}`, ownNetns);
  t.equal(byPath, inside, "a path names it as well");
  closeFd(tun.fd);
  closeFd(netns);
});

t.test("the thread comes back when the work throws, also from within another namespace", async (t) => {
  const home = ownNetns();
  const outer = createNetns();
  const inner = createNetns();
  const before = openFds();
  t.throws(
    () =>
      inNetns(outer, () => {
        const here = ownNetns();
        t.throws(
          () =>
            inNetns(inner, () => {
              throw new Error("in the inner one");
            }),
          { message: "in the inner one" },
        );
        t.equal(ownNetns(), here);
        throw new RangeError("in the outer one");
      }),
    RangeError,
  );
  t.equal(ownNetns(), home);
  t.ok(openFds() <= before, "no descriptor is left");
  for (const fd of [outer, inner]) closeFd(fd);
});

t.test("a namespace that is none changes nothing", async (t) => {
  const home = ownNetns();
  const before = openFds();
  const never = () => t.fail("must not run");
  t.match(
    thrownBy(() => inNetns("/run/netns/does-not-exist", never)),
    { code: "ENOENT", syscall: "open network namespace" },
  );
  t.match(
    thrownBy(() => inNetns("/proc/self/ns/uts", never)),
    { code: "EINVAL", syscall: "setns" },
  );
  t.match(
    thrownBy(() => inNetns(9999, never)),
    { code: "EBADF" },
  );
  t.equal(ownNetns(), home);
  t.ok(openFds() <= before, "no descriptor is left");
});

t.test("work that only begins is refused: it would go on outside", async (t) => {
  const netns = createNetns();
  const work: () => unknown = async () => ({ family: "inet" }) as Partial<SocketAddress>;
  t.throws(() => inNetns(netns, work), TypeError);
  closeFd(netns);
});
