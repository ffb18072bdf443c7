/** Modems that speak AT, driven by wwand over the kernel's own ports: from plug to packets. */
import { startWwand, writeFiles } from "../../lab/daemon.js";
import { eventually } from "../../lab/eventually.js";
import { scenario } from "../guest/scenario.js";

const connected = (sim: string): string =>
  `[[modem]]\nmatch = { any = true }\nconnect = true\n\n[[sim]]\nany = true\n${sim}\n`;

scenario(
  "a MS2372h from plug to ping over PPP with CHAP; the network ends it, it comes back",
  async (t, g) => {
    await g.modprobe("vhci-hcd", "option", "ppp_async");
    const world = await g.world();
    await writeFiles(world, {
      config: connected('apn = "secure"\nip = "v4"\nuser = "wwand"\npassword = "carrier"\nauth = "chap"'),
    });
    const daemon = await startWwand(world);
    const modem = await g.plug("huawei-ms2372h", { carrier: world.carrier });
    await daemon.line(/modem found modem=\/at_0 port="at \/dev\/ttyUSB1"/);
    const pings = (from: number) =>
      eventually(
        "packets pass",
        async () => {
          const line = await daemon.line(/at_0: connected interface=ppp\d/, from);
          const [, net = ""] = /interface=(ppp\d)/.exec(line) ?? [];
          return (await g.run("ping", ["-c1", "-W20", "-I", net, "10.64.0.1"])).code;
        },
        (code) => code === 0,
        60_000,
      );
    await pings(0);
    const dropped = daemon.lines.length;
    await modem.step("drop-bearer");
    await pings(dropped);

    await modem.step("unplug");
    await daemon.line(/device: gone/);
    t.equal((await daemon.end()).code, 0);
  },
  { limitMs: 300_000 },
);
