/** What a person reads when the guest fails; a shell script stands for QEMU. */
import t from "tap";
import { Tally } from "../tally.js";
import { runScenarios } from "./run.js";

// The folders of failures are kept.
process.env.TMPDIR = t.testdir();

interface Incident {
  /** What the guest does; `$OUT` is the folder of all boots, `$GUEST` the number of this one. */
  readonly script: string;
  readonly silenceMs?: number;
  readonly totalMs?: number;
}

async function told({ script, silenceMs = 20_000, totalMs = 20_000 }: Incident): Promise<string> {
  const lines: string[] = [];
  const tally = new Tally((line) => lines.push(line));
  await runScenarios(tally, {
    limits: { silenceMs, totalMs },
    guests: 1,
    command: (folder, guest) => ["sh", "-c", `OUT=${folder}; GUEST=${guest}; ${script}`],
  });
  tally.close("scenarios");
  return lines.join("\n");
}

const passed = `cat >>$OUT/output-$GUEST <<END
TAP version 14
# Subtest: plugged in
    ok 1 - bound
    1..1
ok 1 - plugged in # time=5ms
END`;

t.test("a guest that ends in order", async (t) => {
  const text = await told({ script: `${passed}\necho 1..1 >>$OUT/output-$GUEST` });
  t.match(text, /^ok {5}plugged in \(1 tests/);
  t.match(text, /\n1 scenarios\n1 passed, 0 failed$/);
  t.notMatch(text, "logs:");
});

t.test("a guest whose time is up leaves the rest to another boot", async (t) => {
  const script = `${passed}\necho 1..1 >>$OUT/output-$GUEST\n[ $GUEST = 1 ] || : >$OUT/request/left`;
  t.match(await told({ script }), /\n2 scenarios\n2 passed, 0 failed$/);
});

t.test("a guest that hangs is ended; its console and the scenario that ran are shown", async (t) => {
  const hang = `${passed}
    echo 'Kernel panic - not syncing'
    printf '# Subtest: pulled out\\n    ok 1 - gone\\n' >>$OUT/output-$GUEST
    exec sleep 600`;
  const text = await told({ script: hang, silenceMs: 500 });
  t.match(text, /not ok: the guest\nended: hangs, no sign of life for 0\.5 s\nthe scenario that ran: pulled out/);
  t.match(text, /its console at last:\n {2}Kernel panic - not syncing/);
  t.match(text, /\n2 passed, 1 failed$/);
});

t.test("a guest that goes on for ever is ended", async (t) => {
  const text = await told({ script: "while echo alive; do sleep 0.1; done", totalMs: 1_000 });
  t.match(text, /ended: not done within 1 s\nno scenario was running/);
});

t.test("a guest that goes off too early", async (t) => {
  t.match(await told({ script: passed }), /it went off before it was done[\s\S]*1 passed, 1 failed$/);
});

t.test("a machine without QEMU", async (t) => {
  const text = await told({ script: "exec qemu-of-no-machine" });
  t.match(text, /QEMU ended with 127[\s\S]*qemu-of-no-machine: not found[\s\S]*0 passed, 1 failed$/);
});

t.test("a failed assertion keeps the logs and says where they are", async (t) => {
  const script = `mkdir -p $OUT/logs/mbim; printf 'TAP version 14\\nnot ok 1 - bound\\n1..1\\n' >$OUT/output-$GUEST`;
  t.match(await told({ script }), /logs:\n {2}\S+console-0\.log\n {2}\S+logs\/mbim[\s\S]*not ok: bound/);
});
