/** Modems that speak AT, driven by wwand over the kernel's own ports: from plug to packets. */
import { startWwand, writeFiles } from "../../lab/daemon.js";
import { eventually } from "../../lab/eventually.js";
import { namesOf } from "../guest/modems.js";
import { scenario } from "../guest/scenario.js";
import { connected, Stick } from "../guest/stick.js";

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

const withoutInterface = [
  {
    what: "an EC25 whose QMI is left alone",
    profile: "quectel-ec25",
    config: `${connected('apn = "internet"\nip = "v4"')}
[[device]]
ids     = "2c7c:0125"
because = "its QMI is not to be used"
ports   = { 4 = "ignore" }
`,
  },
  {
    what: 'a SIM7600 with RNDIS and ip-method = "ppp"',
    profile: "simcom-sim7600-rndis",
    config: connected('apn = "internet"\nip = "v4"', 'ip-method = "ppp"'),
  },
] as const;

for (const { what, profile, config } of withoutInterface)
  scenario(`${what} from plug to ping over PPP`, async (t, g) => {
    const stick = await Stick.plugIn(t, g, config, { profile });
    await stick.isOnline();
    t.equal((await stick.daemon.end()).code, 0);
  });

const overEthernet = [
  // The firmware connects by itself, and the modem is a DHCP server.
  { profile: "simcom-sim7600-rndis", modules: ["rndis_host", "option"], ids: "1e0e:9011" },
  // The same ids on another chip, with ports in other places.
  { profile: "simcom-a7670e", modules: ["rndis_host", "option"], ids: "1e0e:9011" },
  // ^NDISDUP, and addresses by ^DHCP?.
  { profile: "huawei-ncm", modules: ["huawei_cdc_ncm", "option"], ids: "12d1:15c1" },
] as const;

for (const { profile, modules, ids } of overEthernet)
  scenario(`${profile} from plug to ping over its network interface`, async (t, g) => {
    await g.modprobe("vhci-hcd", ...modules);
    const world = await g.world();
    await writeFiles(world, { config: connected('apn = "internet"\nip = "v4"') });
    const daemon = await startWwand(world);
    const modem = await g.plug(profile, { carrier: world.carrier });
    await daemon.line(/at_0: connected interface=\w+/);
    const { net } = namesOf(ids);
    const { code, out } = await g.run("ping", ["-c3", "-i0.3", "-W20", "-I", net, "10.64.0.1"]);
    t.equal(code, 0, out.split("\n").find((line) => line.includes("packet loss")) ?? out);
    await modem.step("unplug");
    await daemon.line(/device: gone/);
    t.equal((await daemon.end()).code, 0);
    t.strictSame(await world.ofWwand(), []);
  });
