/** Programs that talk over UDP from a connected socket: what they notice of a switch. */
import t from "tap";
import { eventually } from "../lab/eventually.js";
import type { Namespace } from "../lab/netns.js";
import { Program } from "../lab/program.js";
import { bothUp, quickReturn } from "../lab/two-uplinks.js";
import { internetHost, ispEthernet } from "../lab/world.js";

t.setTimeout(110_000);

/** All traffic and that to port 8 go the same ways; only what becomes of its sockets differs. */
const policy = `${quickReturn}
[group.faithful]
tiers = [["ethernet"], ["wwan"]]
flows = "keep"

[class.faithful]
order = 1
any   = [{ port = 8, protocol = "udp" }]
group = "faithful"
`;

/** Answers every datagram and tells where it came from. */
const echo = `
for (const port of [7, 8]) {
  const socket = require("node:dgram").createSocket("udp4");
  socket.on("message", (data, from) => (console.log(port, from.address), socket.send(data, from.port, from.address)));
  socket.bind(port, "${internetHost.ipv4}", () => console.log("listening", port));
}
`;

/** A word five times a second from one connected socket; from another one when that is ended. */
const client = (port: number) => `
const begin = () => {
  const socket = require("node:dgram").createSocket("udp4");
  let timer;
  socket.on("message", () => console.log("echo"));
  socket.on("error", ({ code }) => {
    clearInterval(timer);
    socket.close();
    console.log(code);
    begin();
  });
  socket.connect(${port}, "${internetHost.ipv4}", () => {
    console.log("from", socket.address().address);
    timer = setInterval(() => socket.send("word"), 200);
  });
};
begin();
`;

const node = (place: Namespace, name: string, program: string): Program =>
  new Program(
    name,
    place.spawn(process.execPath, ["--eval", program], {
      env: { PATH: process.env.PATH },
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );

t.test(
  "the ethernet falls silent: connected UDP sockets end and begin anew by the modem, except those to be kept",
  async (t) => {
    const { world, ways } = await bothUp(t, { policy });
    const far = node(world.internet, "the far end", echo);
    for (const port of [7, 8]) await far.line(new RegExp(`^listening ${port}`));
    const [program, faithful] = [
      node(world.host, "a program", client(7)),
      node(world.host, "a faithful one", client(8)),
    ];
    const ethernet = ispEthernet.ipv4.address;
    for (const port of [7, 8]) await far.line(new RegExp(`^${port} ${ethernet}$`));

    await world.blackhole();
    await ways("wwan0", "wwan0");
    await far.line(/^7 10\.64\.0\.\d+$/);
    await program.line(/^echo/, program.lines.length);
    // The kernel may tell either way first: of the socket's end, or that it has no peer to send to.
    await program.line(/^(ECONNABORTED|EDESTADDRREQ)/);

    const heard = far.lines.length;
    await world.endBlackhole();
    await far.line(new RegExp(`^8 ${ethernet}$`), heard);
    await ways("eth0", "eth0");
    t.equal(faithful.lines.filter((line) => line !== "echo").join(), `from ${ethernet}`, "one socket for good");
    t.notOk(far.lines.some((line) => /^8 10\./.test(line)));
    await eventually(
      "and it is still heard",
      () => faithful.lines.at(-1),
      (line) => line === "echo",
    );
  },
);
