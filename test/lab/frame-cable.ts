/** A cable between wwand and the virtual modem that counts MBIM messages and is pulled at one of them. */
import { rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";

const headerBytes = 12;

export interface FrameCable {
  readonly socket: string;
  /** Messages that passed since the last `pullAt`, both ways. */
  readonly passed: number;
  /** The message with this number (from 1) does not pass: `pulled` runs and both ends are cut. Counts afresh. */
  pullAt(message: number, pulled: () => void): void;
  /** Nothing is pulled any more. */
  hold(): void;
  plugIn(): Promise<void>;
  pullOut(): Promise<void>;
}

/** Lets messages through between `socket` and `modemSocket`, where the modem listens. */
export async function layFrameCable(socket: string, modemSocket: string): Promise<FrameCable> {
  let server: Server | undefined;
  const ends = new Set<Socket>();
  let passed = 0;
  let pullAt = Number.POSITIVE_INFINITY;
  let pulled: () => void = () => undefined;
  const cut = () => {
    for (const end of ends) end.destroy();
    server?.close();
    server = undefined;
  };
  /** False: this was the message at which the cable was pulled. */
  const pass = (message: Buffer, to: Socket): boolean => {
    passed += 1;
    if (passed < pullAt) return to.write(message) || true;
    pullAt = Number.POSITIVE_INFINITY;
    cut();
    pulled();
    return false;
  };
  const join = (host: Socket) => {
    const modem = connect(modemSocket);
    for (const [from, to] of [
      [host, modem],
      [modem, host],
    ] as const) {
      ends.add(from);
      from.on(
        "data",
        byMessage((message) => pass(message, to)),
      );
      // ECONNRESET, EPIPE: `close` follows.
      from.on("error", () => undefined);
      from.once("close", () => {
        ends.delete(from);
        to.destroy();
      });
    }
  };
  const cable: FrameCable = {
    socket,
    get passed() {
      return passed;
    },
    pullAt: (message, then) => {
      [passed, pullAt, pulled] = [0, message, then];
    },
    hold: () => {
      pullAt = Number.POSITIVE_INFINITY;
    },
    plugIn: async () => {
      const opened = createServer(join);
      server = opened;
      await new Promise<void>((resolve, reject) => {
        opened.once("error", reject);
        opened.listen(socket, resolve);
      });
    },
    pullOut: async () => {
      cut();
      await rm(socket, { force: true });
    },
  };
  await cable.plugIn();
  return cable;
}

/** Cuts a stream into MBIM messages; stops when `pass` says so. @see MBIM 1.0 9.1, MBIM_MESSAGE_HEADER */
function byMessage(pass: (message: Buffer) => boolean): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  let open = true;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (open && rest.length >= headerBytes) {
      const length = rest.readUInt32LE(4);
      if (length < headerBytes || rest.length < length) return;
      const message = rest.subarray(0, length);
      rest = rest.subarray(length);
      open = pass(message);
    }
  };
}
