/** A modem on one serial line: PPP on one channel of it, commands on another, and every way to lose either. */
import { RecordingClient } from "../../dbus/interfaces/recording-client.js";
import { startWwand, writeFiles } from "../../lab/daemon.js";
import { eventually } from "../../lab/eventually.js";
import type { Program } from "../../lab/program.js";
import { startSerial } from "../../lab/virtual-modem.js";
import type { Guest } from "../guest/guest.js";
import { scenario } from "../guest/scenario.js";

const promptly = { searchMs: "1", attachMs: "1", connectMs: "1" };
const router = "10.64.0.1";

const connected = (url: string): string =>
  `[[modem]]\nmatch = { url = "${url}" }\nconnect = true\n\n[[sim]]\nany = true\napn = "internet"\nip = "v4"\n`;

/** Resolves when packets pass over the call that wwand tells of next. */
const pings = (g: Guest, daemon: Program, from: number): Promise<number | null> =>
  eventually(
    "packets pass",
    async () => {
      const line = await daemon.line(/at_0: connected interface=ppp\d/, from);
      const [, net = ""] = /interface=(ppp\d)/.exec(line) ?? [];
      return (await g.run("ping", ["-c2", "-W20", "-I", net, router])).code;
    },
    (code) => code === 0,
    90_000,
  );

scenario(
  "one serial line, multiplexed: from plug to ping by PPP while commands go on; ended by each side; wwand killed",
  async (t, g) => {
    await g.modprobe("ppp_async");
    const world = await g.world();
    const modem = await startSerial(world, "at-generic", promptly);
    await writeFiles(world, { config: connected(modem.url) });
    const client = await RecordingClient.connect(world.bus.address);
    t.teardown(async () => client.close());
    const daemon = await startWwand(world);
    await pings(g, daemon, 0);
    t.match(daemon.text, /the line is multiplexed/);

    t.match(
      await client.call("/at_0", "org.ofono.NetworkRegistration", "Scan"),
      [[[/operator/, {}]]],
      "asked meanwhile",
    );

    await modem.step("cmux", "hold");
    const held = await g.run("ping", ["-c1", "-W30", router]);
    const [, ms = "0"] = /time=([0-9.]+) ms/.exec(held.out) ?? [];
    t.ok(Number(ms) > 1_000, `no packet goes out while the channel is held back, and none is lost: ${ms} ms`);
    await modem.step("cmux", "corrupt");
    const after = await g.run("ping", ["-c4", "-W20", router]);
    t.match(after.out, /[34] received/, "a frame that is lost is a packet that is lost, no more");

    const dropped = daemon.lines.length;
    await modem.step("drop-bearer");
    await pings(g, daemon, dropped);

    const closed = daemon.lines.length;
    await modem.step("cmux", "close");
    await daemon.line(/modem lost.*closed by the far end/, closed);
    await pings(g, daemon, closed);

    await daemon.end("SIGKILL");
    const next = await startWwand(world);
    await pings(g, next, 0);
    t.equal((await next.end()).code, 0);
    const state = JSON.parse(await modem.step("state"));
    t.strictSame(state.model.sessions, [], "no call is left in the modem");
  },
  { limitMs: 400_000 },
);

scenario(
  "one serial line that cannot be multiplexed: a call, no commands meanwhile, and commands again after it",
  async (t, g) => {
    await g.modprobe("ppp_async");
    const world = await g.world();
    const modem = await startSerial(world, "at-generic", { ...promptly, cmux: "0" });
    await writeFiles(world, { config: connected(modem.url) });
    const daemon = await startWwand(world);
    await pings(g, daemon, 0);
    t.match(daemon.text, /cannot be multiplexed/);
    const dropped = daemon.lines.length;
    await modem.step("drop-bearer");
    await pings(g, daemon, dropped);
    t.notMatch(daemon.text, /modem lost/);
    t.equal((await daemon.end()).code, 0);
  },
  { limitMs: 300_000 },
);
