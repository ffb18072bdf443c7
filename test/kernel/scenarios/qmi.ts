/** wwand on the kernel's qmi_wwan. */
import { startWwand, writeFiles, wwanctl } from "../../lab/daemon.js";
import { eventually } from "../../lab/eventually.js";
import { internetHost, type World } from "../../lab/world.js";
import { scenario } from "../guest/scenario.js";

const gateway =
  '[[modem]]\nmatch = { any = true }\nconnect = true\n\n[[sim]]\nany = true\napn = "internet"\nip = "v4v6"\n';

/** The addresses of the bearer, as soon as wwand has put others than `before` on the interface. */
const addresses = (world: World, net: string, before = ""): Promise<string> =>
  eventually(
    `addresses on ${net}`,
    () => world.host.ip(`-br address show dev ${net}`).catch(() => ""),
    (text) => /10\.64\.0\.\d+\/.* 2001:db8:64:/.test(text) && text !== before,
    60_000,
  );

async function bothAnswer(world: World, net: string): Promise<boolean> {
  const answers = [await world.reaches(internetHost.ipv4, net), await world.reaches(internetHost.ipv6, net)];
  return answers.every(Boolean);
}

scenario("wwand connects over qmi_wwan by both families; other addresses, a drop, the card, the plug", async (t, g) => {
  const world = await g.world();
  await writeFiles(world, { config: gateway });
  const daemon = await startWwand(world);
  const modem = await g.plug("quectel-ec25", { carrier: world.carrier });
  const { net } = await modem.ready();
  await daemon.line(/modem found modem=\/qmi_0 port="qmi \/dev\/cdc-wdm0"/);
  const first = await addresses(world, net);
  t.match(await world.host.ip(`-d link show dev ${net}`), /link\/none/, "raw IP on the kernel's side, too");
  await eventually("packets by both families", () => bothAnswer(world, net), Boolean, 30_000);
  t.match((await wwanctl(world, "modem", "qmi_0")).out, /10\/10 connected/);

  await modem.step("change-ip");
  await addresses(world, net, first);
  await eventually("packets with the new addresses", () => bothAnswer(world, net), Boolean, 30_000);

  let said = daemon.lines.length;
  await modem.step("drop-bearer");
  await daemon.line(/qmi_0: connection lost/, said);
  await daemon.line(/qmi_0: connected/, said);
  await eventually("packets again", () => bothAnswer(world, net), Boolean, 30_000);

  said = daemon.lines.length;
  await modem.step("sim-remove");
  await daemon.line(/qmi_0: disconnected/, said);
  await modem.step("sim-insert");
  await daemon.line(/qmi_0: connected/, said);

  await modem.step("unplug");
  await modem.gone();
  t.equal((await daemon.end()).code, 0);
  t.strictSame(await world.ofWwand(), []);
  t.notMatch(daemon.text, /unhandled|uncaught|TypeError/i);
});
