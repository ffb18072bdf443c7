/** A modem with one serial line and nothing else, through CMUX: commands side by side, and the line given back. */
import t from "tap";
import { startWwand, wwanctl } from "../lab/daemon.js";
import type { VirtualModem } from "../lab/virtual-modem.js";
import type { World } from "../lab/world.js";
import { begin, movesOn, power } from "./serial-line.js";

t.setTimeout(110_000);

/** What a program finds that opens the line when wwand has gone. */
async function asked(world: World, modem: VirtualModem, command: string): Promise<string> {
  const script = 'exec 3<>"$1"; printf "%s\\r" "$2" >&3; timeout 2 cat <&3; true';
  const program = world.start("sh", ["-c", script, "sh", modem.socket, command]);
  await program.ended();
  return program.text;
}

t.test("registered and polled over one line; ended in order the line speaks AT again", async (t) => {
  const { world, modem, client, daemon } = await begin(t);
  await power(client);
  await daemon.line(/the line is multiplexed/);
  t.match(await client.properties("/at_0", "org.ofono.SimManager"), { SubscriberIdentity: "001010123456789" });
  t.match((await wwanctl(world, "modem", "at_0")).out, /Virtual AT Modem/);
  await movesOn(client, modem);
  t.match(await client.call("/at_0", "org.ofono.NetworkRegistration", "Scan"), [[[/operator/, {}]]]);
  t.equal((await daemon.end()).code, 0);
  t.match(await asked(world, modem, "AT"), /OK/);
});

t.test("wwand is killed: the next one finds the line multiplexed and takes it back", async (t) => {
  const { world, modem, client, daemon } = await begin(t);
  await power(client);
  await daemon.end("SIGKILL");
  t.match(await asked(world, modem, "AT"), /\ufffd/, "the line still speaks frames");
  const next = await startWwand(world, "--modem", modem.url);
  await client.take();
  await power(client);
  t.equal((await next.end()).code, 0);
});

t.test("a modem without CMUX is driven over the plain line", async (t) => {
  const { world, modem, client, daemon } = await begin(t, { cmux: "0" });
  await power(client);
  await daemon.line(/the line cannot be multiplexed: no commands while a call lasts/);
  t.equal((await daemon.end()).code, 0);
  t.match(await asked(world, modem, "AT"), /OK/);
});
