/** A machine that is looked after through its modem, whatever way its other traffic goes: real TCP connections. */
import t from "tap";
import { eventually } from "../lab/eventually.js";
import { Program } from "../lab/program.js";
import { bothUp, quickReturn, seenFrom, serveWeb } from "../lab/two-uplinks.js";
import { internetHost, ispEthernet, type World } from "../lab/world.js";

t.setTimeout(110_000);

const byCarrier = /^10\.64\.0\.\d+$/;
/** A connection to the web server from a port of the class; each port once, for the kernel keeps it a while. */
const fromPort = (port: 22 | 23) => ["--local-port", String(port)];
const policy = `${quickReturn}check.frugal.every = { idle = "1s", down = "500ms" }
[class.management]
order = 10
group = "control"
any   = [{ local-port = "22-24" }]

[group.control]
tiers   = [["wwan"], ["ethernet"]]
none-up = "best-guess"
`;

/** Something like a session: a word five times a second from a port of the class, printed as it comes back. */
const session = `
const socket = require("node:net").connect({ host: "${internetHost.ipv4}", port: 7, localPort: 24 });
socket.on("data", (data) => console.log("echo", String(data)));
for (const end of ["close", "error"]) socket.on(end, () => console.log("lost"));
setInterval(() => socket.write("word"), 200);
`;
const echo =
  'require("node:net").createServer((socket) => socket.pipe(socket)).listen(7, () => console.log("listening"))';

const managementWay = async (world: World): Promise<string> => {
  const route = await world.host.ip(`route get ${internetHost.ipv4} ipproto tcp sport 22`);
  return /\bdev (\S+)/.exec(route)?.[1] ?? "";
};

t.test("management by the modem, the rest by ethernet; neither follows the other when one of them fails", async (t) => {
  const { world, modem, ways } = await bothUp(t, { policy });
  await serveWeb(t, world);
  const managedBy = (name: string) =>
    eventually(
      `management by ${name}`,
      () => managementWay(world),
      (way) => way === name,
    );
  await managedBy("wwan0");
  const server = new Program(
    "the far end",
    world.internet.spawn(process.execPath, ["--eval", echo], {
      env: { PATH: process.env.PATH },
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
  await server.line(/^listening/);
  t.match(await seenFrom(world, ...fromPort(22)), byCarrier);
  t.equal(await seenFrom(world), ispEthernet.ipv4.address);

  const client = world.start(process.execPath, ["--eval", session]);
  const goesOn = () => client.line(/^echo/, client.lines.length);
  await goesOn();

  await world.blackhole();
  await ways("wwan0", "wwan0");
  await managedBy("wwan0");
  t.match(await seenFrom(world), byCarrier, "everything by the modem");
  await goesOn();
  await world.endBlackhole();
  await ways("eth0", "eth0");
  await managedBy("wwan0");
  t.equal(await seenFrom(world), ispEthernet.ipv4.address);

  await goesOn();
  t.notMatch(client.text, /lost/, "the session lived through both switches of the rest");

  await modem.step("unplug");
  await managedBy("eth0");
  await ways("eth0", "eth0");
  t.equal(await seenFrom(world, ...fromPort(23)), ispEthernet.ipv4.address, "without the modem by the cable");
});
