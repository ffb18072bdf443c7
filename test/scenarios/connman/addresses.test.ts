/**
 * What ConnMan makes of the bearer's addresses: it sets IPv4 ones itself, takes IPv6 ones from the router's advertisement
 * under the interface identifier that the network assigned, and gets online by either.
 */
import { rm } from "node:fs/promises";
import t from "tap";
import { onlineCheck, serveCheckPage } from "../../lab/check-page.js";
import { connmanMissing, connmanResolvConf, startConnman } from "../../lab/connman.js";
import { buildConnmanWorld, cellularService, forClients } from "../../lab/connman-world.js";
import { startWwand, stateFolder, writeFiles } from "../../lab/daemon.js";
import { startModem } from "../../lab/virtual-modem.js";
import { internetHost } from "../../lab/world.js";

t.setTimeout(110_000);

const cases = [
  { name: "both families", card: 'apn = "internet"', ipv4: true, ipv6: true },
  { name: "IPv4 alone, as the owner wants it", card: 'apn = "internet"\nip = "v4"', ipv4: true, ipv6: false },
  { name: "IPv4 alone, as the network wants it", card: 'apn = "v4only"', ipv4: true, ipv6: false },
  { name: "IPv6 alone, as the owner wants it", card: 'apn = "internet"\nip = "v6"', ipv4: false, ipv6: true },
  { name: "IPv6 alone, as the network wants it", card: 'apn = "v6only"', ipv4: false, ipv6: true },
];

t.test("connmand gets online over", { skip: connmanMissing() }, async (t) => {
  const { world, settings } = await buildConnmanWorld(t, { ethernet: "bare" });
  const modem = await startModem(world, { mtu: "1430" });
  const askedBy = await serveCheckPage(t, world);
  const general = { ...onlineCheck, DefaultFavoriteTechnologies: "ethernet,cellular" };
  for (const [at, { name, card, ipv4, ipv6 }] of cases.entries())
    await t.test(name, async (t) => {
      // A card that nobody has seen before.
      await rm(stateFolder(world), { recursive: true, force: true });
      await writeFiles(world, { config: forClients([modem], card) });
      const mark = askedBy.mark;
      const wwand = await startWwand(world);
      t.teardown(() => wwand.end());
      const connman = await startConnman(world, { devices: ["wwan0"], general, state: `connman${at}` });
      t.teardown(() => connman.end());
      await settings.until("the technology", () => settings.technology("cellular"));
      await settings.setPowered("cellular", true);
      await settings.untilState(cellularService, "online");
      const shown = await settings.until("its addresses", () => {
        const service = settings.service(cellularService);
        const isThere = service && Boolean(service.ipv4.Address) === ipv4 && Boolean(service.ipv6.Address) === ipv6;
        return isThere ? service : undefined;
      });

      const link = await world.host.ip("address show dev wwan0");
      t.match(link, /<.*\bUP\b.*> mtu 1430 /, "wwand has raised the link and set its MTU");
      if (ipv4) {
        const address = String(shown.ipv4.Address);
        t.match(shown.ipv4, { Method: "fixed", Netmask: "255.255.255.0", Gateway: "10.64.0.1" });
        t.match(shown.nameservers, ["10.64.0.1"]);
        t.match(link, new RegExp(`inet ${address}/24 `));
        t.match(await world.host.ip("-4 route"), /^default via 10\.64\.0\.1 dev wwan0/m);
        t.ok(askedBy.since(mark).includes(address), "the internet saw the network's address");
        t.ok(await world.reaches(internetHost.ipv4), "IPv4 packets flow");
      } else t.notMatch(link, /inet /);
      if (ipv6) {
        const address = String(shown.ipv6.Address);
        const identifier = address.split(":").slice(4).join(":");
        t.match(shown.ipv6, { Method: "auto", PrefixLength: 64 });
        t.match(link, new RegExp(`inet6 ${address}/64 scope global dynamic`), "by the router's advertisement");
        t.match(link, new RegExp(`inet6 fe80::${identifier}/64 scope link`), "link-local as the network assigned it");
        t.match(await world.host.ip("-6 route"), /^default via fe80::1 dev wwan0 proto ra/m);
        t.ok(await world.reaches(internetHost.ipv6), "IPv6 packets flow");
      } else t.notMatch(link, /inet6 /, "not even a link-local address");
      if (ipv6 && !ipv4) t.match(shown.nameservers, ["2001:db8:64::1"]);
    });

  await t.test("both families, and answers the host's questions for names", async (t) => {
    await rm(stateFolder(world), { recursive: true, force: true });
    await writeFiles(world, { config: forClients([modem]) });
    const wwand = await startWwand(world);
    t.teardown(() => wwand.end());
    const connman = await startConnman(world, { devices: ["wwan0"], general, dnsProxy: true, state: "names" });
    t.teardown(() => connman.end());
    await settings.until("the technology", () => settings.technology("cellular"));
    await settings.setPowered("cellular", true);
    await settings.untilState(cellularService, "online");
    t.match(await connmanResolvConf(world), /^nameserver 127\.0\.0\.1$/m);
    const answer = await world.host.run("busybox", "nslookup", "-type=a", "www.carrier.test", "127.0.0.1");
    t.match(answer, /Address: 10\.64\.0\.1$/m, "by the carrier's resolver");
  });
});
