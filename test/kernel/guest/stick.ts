/** A modem that connects by PPP, kept connected by wwand: what the user reads of it, and whether packets pass. */
import type { Test } from "tap";
import { RecordingClient } from "../../dbus/interfaces/recording-client.js";
import { startWwand, writeFiles, wwanctl } from "../../lab/daemon.js";
import { eventually, within } from "../../lab/eventually.js";
import type { Program } from "../../lab/program.js";
import type { World } from "../../lab/world.js";
import type { Guest } from "./guest.js";
import type { PluggedModem } from "./modem.js";

/** wwand.toml for any modem with any card that stays connected; `sim` and `modem`: more keys of theirs. */
export const connected = (sim: string, modem = ""): string =>
  `[[modem]]\nmatch = { any = true }\nconnect = true\n${modem}\n\n[[sim]]\nany = true\n${sim}\n`;

interface Plugged {
  readonly profile?: string;
  /** Of `--set`. */
  readonly settings?: Readonly<Record<string, string>>;
}

const waitMs = 60_000;
const carrierRouter = "10.64.0.1";

export class Stick {
  #mark = 0;

  private constructor(
    private readonly t: Test,
    private readonly g: Guest,
    readonly world: World,
    readonly daemon: Program,
    readonly modem: PluggedModem,
    private readonly ofono: RecordingClient,
    private readonly own: RecordingClient,
  ) {}

  /** @param config wwand.toml */
  static async plugIn(
    t: Test,
    g: Guest,
    config: string,
    { profile = "huawei-ms2372h", settings = {} }: Plugged = {},
  ): Promise<Stick> {
    await g.modprobe("ppp_async");
    const world = await g.world();
    await writeFiles(world, { config });
    const daemon = await startWwand(world);
    const clients = await Promise.all([
      RecordingClient.connect(world.bus.address),
      RecordingClient.connect(world.bus.address, "net.wwand"),
    ]);
    g.atEnd(async () => clients.map((client) => client.close()));
    const modem = await g.plug(profile, { carrier: world.carrier, settings });
    return new Stick(t, g, world, daemon, modem, ...clients);
  }

  /** What the log says since it was last asked. */
  async says(line: RegExp, limitMs = waitMs): Promise<string> {
    const found = await within(`the log says ${line}`, this.daemon.line(line, this.#mark), limitMs);
    this.#mark = this.daemon.lines.length;
    return found;
  }

  /** Why it is not connected, in the log and on the bus. */
  async isDownBecause(sentence: string): Promise<void> {
    const pattern = new RegExp(sentence.replace(/[()?."]/g, "\\$&"));
    await this.says(pattern);
    await eventually(
      "net.wwand says it",
      () => this.stage(),
      (text) => pattern.test(text),
      waitMs,
    );
  }

  /** How a living connection ended. */
  async wasLostBecause(sentence: string, limitMs = waitMs): Promise<void> {
    const line = await this.says(/at_0: connection lost/, limitMs);
    this.t.ok(line.includes(sentence), `${sentence}: ${line}`);
  }

  async isOnline(): Promise<void> {
    const [, net = ""] = /interface=(ppp\d)/.exec(await this.says(/at_0: connected interface=ppp\d/)) ?? [];
    const ping = async () => (await this.g.run("ping", ["-c1", "-W20", "-I", net, carrierRouter])).code;
    await eventually("packets pass", ping, (code) => code === 0, waitMs);
  }

  async stage(): Promise<string> {
    const asked = ["/net/wwand/modem/at_0", "org.freedesktop.DBus.Properties", "Get", "ss"] as const;
    return String((await this.own.call(...asked, "net.wwand.Modem1", "Stage"))[0]);
  }

  /** As a client of oFono's API does. */
  async set(property: string, value: string): Promise<void> {
    await this.ofono.set("/at_0/context1", "org.ofono.ConnectionContext", property, "s", value);
  }

  async giveCredentials(): Promise<void> {
    await this.set("AuthenticationMethod", "chap");
    await this.set("Username", "wwand");
    await this.set("Password", "carrier");
  }

  async wwanctl(...args: readonly string[]): Promise<string> {
    return (await wwanctl(this.world, ...args)).out;
  }

  /** By the modem's own record. */
  get dials(): number {
    return this.modem.program.lines.filter((line) => /\bdialled\b/.test(line)).length;
  }
}
