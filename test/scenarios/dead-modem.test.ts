/** Firmware that is dead, beside a modem that lives: no answers at all, then answers that stop half way. */
import t, { type Test } from "tap";
import { RecordingClient } from "../dbus/interfaces/recording-client.js";
import { startWwand, writeFiles, wwanctl } from "../lab/daemon.js";
import { eventually } from "../lab/eventually.js";
import type { Program } from "../lab/program.js";
import { secondModem, startModem, type VirtualModem } from "../lab/virtual-modem.js";
import { internetHost, World } from "../lab/world.js";

t.setTimeout(115_000);

const keptConnected = (url: string): string => `[[modem]]\nmatch   = { url = "${url}" }\nconnect = true\n`;

/** Three questions that end at their deadlines, then nobody answers the question whether anybody is there. */
const noticedMs = 45_000;
/** wwand's own pauses between two attempts, with what a busy machine adds. */
const backMs = 45_000;

interface Place {
  readonly name: string;
  readonly net: string;
  readonly modem: VirtualModem;
}

class Story {
  constructor(
    private readonly world: World,
    private readonly daemon: Program,
    private readonly client: RecordingClient,
  ) {}

  carries = ({ net }: Place): Promise<unknown> =>
    eventually(`${net} reaches the internet`, () => this.world.reaches(internetHost.ipv4, net), Boolean, backMs);

  /** How three questions to the modem end, each in its own words. */
  ask({ name }: Place): Promise<readonly string[]> {
    const question = () => this.client.call(`/net/wwand/modem/${name}`, "net.wwand.Modem1", "GetStatistics");
    return Promise.all([1, 2, 3].map(() => question().then(() => "answered", String)));
  }

  /** All that a user sees of a modem. */
  async facts({ name, net }: Place): Promise<readonly string[]> {
    return [await this.world.host.ip(`-4 -o address show dev ${net}`), (await wwanctl(this.world, "modem", name)).out];
  }

  async dies(t: Test, dying: Place, fault: string, living: Place): Promise<void> {
    await Promise.all([this.carries(dying), this.carries(living)]);
    const before = await this.facts(living);
    const from = this.daemon.lines.length;
    const since = () => this.daemon.lines.slice(from).join("\n");
    await dying.modem.step("port-fault", `0=${fault}`);
    for (const end of await this.ask(dying))
      t.match(end, /no answer|does not answer|stopped answering|unreadable/, "each question ends with its cause");
    const lost = new RegExp(`${dying.name}: the modem is gone cause=".*does not answer any more`);
    await eventually("the log says that it is dead", since, (text) => lost.test(text), noticedMs);
    const shown = async () => (await wwanctl(this.world, "modem")).out;
    const why = new RegExp(`${dying.name}: 2/10 open: .*no answer`);
    await eventually("wwanctl says why it is off", shown, (text) => why.test(text), noticedMs);
    t.notMatch(await this.world.host.ip(`address show dev ${dying.net}`), /inet 10\./, "its address is taken back");
    t.strictSame(await this.facts(living), before, "the other one has not noticed");
    await this.carries(living);
    t.notMatch(since(), new RegExp(`${living.name}: `), "nor has the log anything to say of it");
    await dying.modem.step("port-fault", "0=none");
    await this.carries(dying);
    t.match((await wwanctl(this.world, "modem", dying.name)).out, /10\/10 connected/, "it is back");
  }

  async ends(t: Test): Promise<void> {
    t.equal((await this.daemon.end()).code, 0);
    t.notMatch(this.daemon.text, /unhandled|uncaught|TypeError/i);
  }
}

/** A QMI modem, an MBIM modem, and wwand that keeps both connected. */
async function build(t: Test): Promise<{ readonly story: Story; readonly qmi: Place; readonly mbim: Place }> {
  const world = await World.build(t);
  await world.pullCable();
  const first = await startModem(world, {}, { port: "modem", net: "wwan0" }, "qmi");
  const second = await startModem(world, secondModem.settings, secondModem.place, "mbim");
  const sim = '\n[[sim]]\nany = true\napn = "internet"\n';
  await writeFiles(world, { config: keptConnected(first.url) + keptConnected(second.url) + sim });
  const daemon = await startWwand(world);
  const client = await RecordingClient.connect(world.bus.address, "net.wwand");
  t.teardown(() => client.close());
  return {
    story: new Story(world, daemon, client),
    qmi: { name: "qmi_0", net: "wwan0", modem: first },
    mbim: { name: "mbim_1", net: "wwan1", modem: second },
  };
}

// Deadlines are waited for as they are: both at once, or the file would take a minute and a half.
t.jobs = 2;

t.test("QMI: no answer at all", { buffered: true }, async (t) => {
  const { story, qmi, mbim } = await build(t);
  await story.dies(t, qmi, "silent", mbim);
  await story.ends(t);
});

t.test("wwand is ended while its modem is dead", { buffered: true }, async (t) => {
  const world = await World.build(t);
  await world.pullCable();
  const modem = await startModem(world, {}, { port: "modem", net: "wwan0" }, "qmi");
  await writeFiles(world, { config: `${keptConnected(modem.url)}\n[[sim]]\nany = true\napn = "internet"\n` });
  const daemon = await startWwand(world);
  await eventually(
    "wwan0 carries the traffic",
    () => world.wayOut(),
    (way) => way === "wwan0",
    backMs,
  );
  await modem.step("port-fault", "0=silent");
  t.equal((await daemon.end()).code, 0);
  t.strictSame(await world.ofWwand(), [], "nothing of it stays in the kernel");
  t.notMatch(daemon.text, /not everything was withdrawn/);
});

t.test("MBIM: an answer stops half way, and nothing comes after it", { buffered: true }, async (t) => {
  const { story, qmi, mbim } = await build(t);
  await story.dies(t, mbim, "halts", qmi);
  await story.ends(t);
});
