/**
 * pppd as the network's end of a call, in place of our own: a second judge of what a host says. It runs in the carrier's
 * namespace, where its interface carries the packets. Needs root there, and the kernel's PPP.
 */
import { closeSync, constants, openSync } from "node:fs";
import { FdChannel } from "../../native/channel.js";
import { closeFd, configureTty, openPipe, openPty, writeFd } from "../../native/index.js";
import { systemClock } from "../../runtime/clock.js";
import { findProgram, Program } from "../../runtime/program.js";
import type { AskedAuth } from "./rules.js";

export interface PppdPeerOptions {
  /** Path of the carrier's network namespace. */
  readonly netns: string;
  readonly asks: AskedAuth;
  readonly username: string;
  readonly password: string;
  /** Of the network's end, which is the resolver as well, and of the host. */
  readonly router: string;
  readonly address: string;
  hears(bytes: Buffer): void;
  says(line: string): void;
  /** pppd is gone. */
  ended(): void;
}

export interface PppdPeer {
  feed(bytes: Buffer): void;
  /** The network ends the call: it says so, then `ended`. */
  terminate(): void;
  /** The line is gone. */
  drop(): void;
}

const baudRate = 115_200;
const killMs = 3_000;
const name = "carrier";

/** An /etc/ppp of its own, with nothing but who may come in; in the carrier's namespace. */
const launch = `umask 077 && mount -t tmpfs -o mode=0700 peer /etc/ppp && cat <&3 >/etc/ppp/chap-secrets &&
cp /etc/ppp/chap-secrets /etc/ppp/pap-secrets && exec nsenter --net="$0" "$@"`;

const optionsOf = ({ asks, router, address }: PppdPeerOptions, tty: string): readonly string[] => [
  ...[tty, String(baudRate), "local", "nodetach", "nolock", "debug", "logfd", "2"],
  ...(asks === "none" ? ["noauth"] : [`require-${asks}`, "name", name]),
  ...[`${router}:${address}`, "ms-dns", router, "noipv6", "noccp", "novj", "nodefaultroute", "asyncmap", "0"],
];

/** @throws Error where there is no pppd */
export function startPppdPeer(options: PppdPeerOptions): PppdPeer {
  const pppd = findProgram("pppd");
  if (pppd === undefined) throw new Error("pppd is not installed");
  const { fd, path } = openPty();
  // Raw from the first byte on: pppd comes later than what the host says, and an echo looks like a loop.
  const held = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  configureTty(held, { baudRate });
  const channel = new FdChannel(
    fd,
    { kind: "bytes" },
    {
      onMessages: (messages) => {
        for (const bytes of messages) options.hears(bytes);
      },
      onEnd: () => undefined,
    },
  );
  const program = run(pppd, options, path);
  void program.ended.then(() => {
    channel.close();
    closeSync(held);
    options.ended();
  });
  return {
    // What comes after its end is nobody's.
    feed: (bytes) => void channel.write(bytes).catch(() => undefined),
    terminate: () => program.signal("SIGTERM"),
    drop: () => void program.stop(systemClock, killMs),
  };
}

function run(pppd: string, options: PppdPeerOptions, tty: string): Program {
  const { netns, username, password } = options;
  const secrets = openPipe();
  try {
    writeFd(secrets.writeFd, Buffer.from(`"${username}" ${name} "${password}" *\n`));
    closeFd(secrets.writeFd);
    return new Program({
      command: ["/usr/bin/unshare", "--mount", "sh", "-c", launch, netns, pppd, ...optionsOf(options, tty)],
      descriptors: { 3: secrets.readFd },
      onLine: options.says,
    });
  } finally {
    closeFd(secrets.readFd);
  }
}
